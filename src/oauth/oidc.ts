/** `oidc-provider`, which says at its import that it does not know Bun. The tests of this town are about just that. */

const { warn } = console;
console.warn = (...words: unknown[]) => {
  if (!String(words[0]).includes("Unsupported runtime")) warn(...words);
};
const { Provider, errors, interactionPolicy } = await import("oidc-provider");
console.warn = warn;

export { errors, interactionPolicy, Provider };
