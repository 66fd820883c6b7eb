// Is built without a bundle, and changes the modules, packages and lock that lie beside it.
import { Hono } from "npm:hono@4.13.19";
import { anyOf, attack, need, type Town } from "./attempt.ts";

const name = () => "./attempt.ts";
// A computed import, for which there can be no bundle.
await import(name());

const folders = (town: Town) => [
  "/val",
  "/val/deno",
  "/val/deno/npm/registry.npmjs.org/hono/4.13.19",
  ...town.folders.filter((path) => /\/(?:val|deno)$/.test(path)),
];
const evil = "export class Hono { fetch() { return new Response('poisoned') } }";
function* files(folder: string): Generator<string> {
  for (const { name: one, isFile, isDirectory } of Deno.readDirSync(folder)) {
    if (isFile) yield `${folder}/${one}`;
    if (isDirectory && one !== "npm") yield* files(`${folder}/${one}`);
  }
}

export default attack({
  "it has its package": () => {
    if (typeof new Hono().request !== "function") return "poisoned already";
    throw new Error("it is the true one");
  },
  "overwrite any file": (town) =>
    anyOf(folders(town), (folder) => anyOf(files(folder), (path) => Deno.writeTextFile(path, evil))),
  "truncate any file": (town) =>
    anyOf(folders(town), (folder) => anyOf(files(folder), (path) => Deno.truncate(path))),
  "make one writable": (town) =>
    anyOf(folders(town), (folder) => anyOf(files(folder), (path) => Deno.chmod(path, 0o777))),
  "add one": (town) =>
    anyOf(
      folders(town).flatMap((folder) => [
        `${folder}/planted.js`,
        `${folder}/remote/planted`,
        `${folder}/npm/planted`,
        `${folder}/gen/planted`,
      ]),
      (path) => Deno.writeTextFile(path, evil),
    ),
  "another lock": (town) =>
    anyOf(folders(town), (folder) => Deno.rename(`${folder}/deno.lock`, `${folder}/old.lock`)),
  "another cache": (town) => anyOf(folders(town), (folder) => Deno.rename(`${folder}/deno`, `${folder}/old`)),
  "what V8 knows of others' code": () =>
    need([...Deno.readDirSync("/cache/code")].map((one) => one.name).join(), "nothing there"),
  "a module that was not built": async () =>
    need(Object.keys(await import(`./${"never"}.ts`)).length >= 0 && "imported", "nothing"),
  "the town's own settings by its name": () =>
    anyOf(["/val/deno.json", "/val/package.json", "/val/deno/deno.json"], (path) =>
      Deno.writeTextFile(path, "{}"),
    ),
});
