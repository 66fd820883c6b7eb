// Imports files of the host, the package cache and other places of the town while it runs.
import { anyOf, attack, need, type Town } from "./attempt.ts";

const places = (town: Town) => [
  ...Object.values(town.files).map((path) => `file://${path}`),
  `file://${town.data}/secret.key`,
  "file:///etc/passwd",
  "file:///proc/self/environ",
  "file:///cache/remote/https/secret.example/0000000000000000000000000000000000000000000000000000000000000000",
  `file://${town.data}/deno/remote/https/secret.example/0000000000000000000000000000000000000000000000000000000000000000`,
  "https://secret.example/../x",
];
const outside = (town: Town) => places(town);
const all = async (module: Promise<Record<string, unknown>>) => JSON.stringify({ ...(await module) });
const kinds = ["text", "bytes", "json"] as const;

export default attack({
  "as code": (town) => anyOf(outside(town), (url) => all(import(url))),
  "as text, bytes or JSON": (town) =>
    anyOf(outside(town), (url) => anyOf(kinds, (type) => all(import(url, { with: { type } })))),
  "by a module of its own making": async (town) => {
    const scratch = Deno.makeTempDirSync();
    return await anyOf(outside(town), (url) => {
      const path = `${scratch}/${crypto.randomUUID()}.js`;
      Deno.writeTextFileSync(path, `export { default } from ${JSON.stringify(url)};`);
      return all(import(`file://${path}`));
    });
  },
  "what others' builds have fetched, read as files": (town) =>
    anyOf(["/cache/remote", `${town.data}/deno/remote`, `${town.data}/artifacts/.live`], (folder) =>
      need([...Deno.readDirSync(folder)].map(({ name }) => name).join(), "nothing there"),
    ),
  "what others' builds have fetched, through /proc": (town) =>
    anyOf([`/proc/self/root/cache/remote`, `/proc/${town.server}/root${town.data}/deno/remote`], (folder) =>
      need([...Deno.readDirSync(folder)].map(({ name }) => name).join(), "nothing there"),
    ),
  "a package that its lock does not name": () =>
    anyOf(["npm:hono@4.13.18", "npm:left-pad-of-nobody@1.0.0"], (specifier) => all(import(specifier))),
  "by node's require": (town) =>
    anyOf([...Object.values(town.files), "/etc/passwd"], (path) => {
      const { createRequire } = process.getBuiltinModule("node:module");
      return JSON.stringify(createRequire("file:///cache/npm/package.js")(path));
    }),
});
