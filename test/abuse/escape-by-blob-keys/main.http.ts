// Keeps and asks for blobs under keys that are paths of the host's.
import { anyOf, ask, askForSecrets, attack, type Town } from "./attempt.ts";

const keys = (town: Town) => {
  const paths = [town.files.text, `${town.data}/secret.key`, "/proc/self/environ"];
  return paths.flatMap((path) => [
    path,
    `file://${path}`,
    `../../../../../../../../..${path}`,
    `..\\..\\..\\..${path.replaceAll("/", "\\")}`,
    `.${path}`,
    `~${path}`,
    `${path}\u0000`,
    `a/../../../../../../../../../..${path}`,
  ]);
};
const ways = (key: string) => [
  `/v3/vals/self/blob/${encodeURIComponent(key)}`,
  `/v3/vals/self/blob/${key}`,
  `/v1/blob/${encodeURIComponent(encodeURIComponent(key))}`,
  `/v1/blob/?key=${encodeURIComponent(key)}`,
];

export default attack({
  "read a file of the host": (town) =>
    Promise.any(
      keys(town)
        .flatMap(ways)
        .map(async (path) => {
          const text = await ask(path);
          // What it put there itself is no loot.
          if (text === "planted") throw new Error("only its own");
          return text;
        }),
    ),
  "write one": async (town) => {
    await Promise.allSettled(
      keys(town)
        .flatMap((key) => ways(key).slice(0, 2))
        .map((path) => ask(path, { method: "POST", body: "planted" })),
    );
    // That no file was changed is seen from outside; here, only that none of them holds it.
    return await anyOf(Object.values(town.files), (file) => {
      const text = Deno.readTextFileSync(file);
      if (!text.includes("planted")) throw new Error("as it was");
      return text;
    });
  },
  "copy one": (town) =>
    anyOf(keys(town), async (key) => {
      await ask(`/v3/vals/self/blob/copied?copy_from=${encodeURIComponent(key)}`, { method: "POST" });
      return await askForSecrets("/v3/vals/self/blob/copied");
    }),
  "list a folder": (town) =>
    anyOf([town.data, "/", "../", "..%2f", "%", "_", "\u0000", "' or 1=1 --"], (prefix) =>
      askForSecrets(`/v3/vals/self/blob?prefix=${encodeURIComponent(prefix)}`),
    ),
});
