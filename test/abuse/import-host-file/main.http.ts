// Imports files of the host as code, JSON, text and bytes.
import { createRequire } from "node:module";
import { attack } from "./attempt.ts";

const scratch = Deno.makeTempDirSync();
const require = createRequire(import.meta.url);
let count = 0;

/** Imports a module of these lines from the scratch folder, where a val may write. */
function importLines(...lines: string[]): Promise<unknown> {
  const path = `${scratch}/m${++count}.ts`;
  Deno.writeTextFileSync(path, lines.join("\n"));
  return import(`file://${path}`);
}

export default attack({
  "a module": (town) => import(`file://${town.files.module}`),
  "a module by dots": (town) => import(`./${"../".repeat(20)}${town.files.module.slice(1)}`),
  "a module by an absolute path": (town) => import(town.files.module),
  JSON: (town) => import(`file://${town.files.json}`, { with: { type: "json" } }),
  text: (town) => import(`file://${town.files.text}`, { with: { type: "text" } }),
  bytes: (town) => import(`file://${town.files.text}`, { with: { type: "bytes" } }),
  "text by an upper-case scheme": (town) => import(`FILE://${town.files.text}`, { with: { type: "text" } }),
  "text by a file URL with a host": (town) =>
    import(`file://localhost${town.files.text}`, { with: { type: "text" } }),
  "text by a file URL with few slashes": (town) =>
    import(`file:${town.files.text}`, { with: { type: "text" } }),
  "text behind a query": (town) => import(`file://${town.files.text}?a#b`, { with: { type: "text" } }),
  "text behind encoded dots": (town) =>
    import(new URL(`./%2e%2e/${"%2e%2e/".repeat(20)}${town.files.text.slice(1)}`, import.meta.url).href, {
      with: { type: "text" },
    }),
  "text behind an encoded slash": (town) =>
    import(`file:///${town.files.text.slice(1).replaceAll("/", "%2f")}`, { with: { type: "text" } }),
  "text, statically, from the scratch folder": (town) =>
    importLines(
      `import loot from "file://${town.files.text}" with { type: "text" };`,
      "export default loot;",
    ),
  "bytes, statically, from the scratch folder": (town) =>
    importLines(
      `import loot from "file://${town.files.text}" with { type: "bytes" };`,
      "export default String(loot);",
    ),
  "a module, re-exported": (town) => importLines(`export * from "file://${town.files.module}";`),
  "a module, through data:": (town) =>
    import(
      `data:text/typescript,${encodeURIComponent(`export { default } from "file://${town.files.module}";`)}`
    ),
  "text, through data:": (town) =>
    import(
      `data:text/typescript,${encodeURIComponent(`import loot from "file://${town.files.text}" with { type: "text" }; export default loot;`)}`
    ),
  "text, through blob:": (town) => {
    const source = `import loot from "file://${town.files.text}" with { type: "text" }; export default loot;`;
    return import(URL.createObjectURL(new Blob([source], { type: "text/typescript" })));
  },
  "through import.meta.resolve": (town) =>
    import(import.meta.resolve(`../../../../../../../..${town.files.text}`), { with: { type: "text" } }),
  "require of JSON": (town) => require(town.files.json),
  "require of a module": (town) => require(town.files.module),
  "require from elsewhere": (town) => createRequire(`file://${town.folder}/x.js`)(town.files.json),
  "a worker's script": (town) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(`file://${town.files.module}`, { type: "module" });
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message));
      };
      worker.onmessage = (event) => resolve(event.data);
    }),
  "a source phase import": (town) =>
    importLines(`import source loot from "file://${town.files.module}";`, "export default loot;"),
});
