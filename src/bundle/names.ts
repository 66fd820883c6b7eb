/**
 * Functions and classes keep their names. esbuild gives another one to what meets a namesake in the bundle, and to classes
 * that mention themselves (`var Box = class _Box`). Its own remedy, `keepNames`, puts calls into every function, which then
 * fails where its text is sent to: a browser.
 */

export const NAMES_IMPORT = "hamlet:names";
const KEEP = "__hamlet_keep_name";
const MAX = 200;

const DECLARED =
  /^[ \t]*(?:export\s+)?(?:default\s+)?(?:(?:abstract\s+)?class|(?:async\s+)?function\s*\*?|const|let|var)\s+([A-Za-z_$][\w$]*)(?=\s*(?:=\s*(?:async\b|function\b|class\b|\(|[\w$]+\s*=>)|[({<]|extends\b|implements\b))/gm;
const CLASS = /^(?:export\s+)?(?:default\s+)?class\s+([A-Za-z_$][\w$]*)/gm;

/** Goes behind a module of a val: it looks at what was declared there, and at nothing else. */
export function keepNames(text: string): string {
  return keep([...text.matchAll(DECLARED)].map((match) => match[1]!));
}

/** The same for a package: only classes that may mention themselves, for what is mentioned cannot be left out. */
export function keepClassNames(text: string): string {
  const names = new Map([...text.matchAll(CLASS)].map((match) => [match[1]!, 0]));
  if (names.size === 0 || names.size > MAX) return "";
  for (const [word] of text.matchAll(/[A-Za-z_$][\w$]*/g)) {
    const count = names.get(word);
    if (count !== undefined) names.set(word, count + 1);
  }
  return keep([...names].flatMap(([name, count]) => (count > 1 ? [name] : [])));
}

/** What such a module imports. */
export const namesModule = `const plain = (name) => name.replace(/^_|\\d+$/g, "");
export function ${KEEP}(value, name) {
  const own = typeof value === "function" && Object.getOwnPropertyDescriptor(value, "name");
  if (!own || !own.configurable || typeof own.value !== "string") return;
  if (own.value !== name && plain(own.value) === plain(name)) Object.defineProperty(value, "name", { ...own, value: name });
}`;

/** What a text that only looks like code could name. */
const RESERVED = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends " +
    "false finally for function if implements import in instanceof interface let new null package private protected " +
    "public return static super switch this throw true try typeof var void while with yield"
  ).split(" "),
);

function keep(names: readonly string[]): string {
  const unique = [...new Set(names)].filter((name) => !RESERVED.has(name)).slice(0, MAX);
  if (unique.length === 0) return "";
  // What looks like a declaration may be a part of a text.
  const calls = unique.map((name) => `try{${KEEP}(${name},${JSON.stringify(name)})}catch{}`);
  return `\nimport { ${KEEP} } from ${JSON.stringify(NAMES_IMPORT)};${calls.join("")}\n`;
}
