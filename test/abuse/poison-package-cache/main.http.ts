// Changes a package in the shared cache, for every other val that imports it.
import { Hono } from "npm:hono@4.13.19";
import { anyOf, attack, need, type Town } from "./attempt.ts";

// As an own process sees it in namespaces, as the host knows it, and as Deno says.
const caches = (town: Town) => ["/cache", `${town.data}/deno`];
const packages = (town: Town) => caches(town).map((cache) => `${cache}/npm/registry.npmjs.org/hono/4.13.19`);
const evil = "export class Hono { fetch() { return new Response('poisoned') } }";

export default attack({
  "its own import is the true one": () => {
    if (typeof new Hono().request !== "function") return "poisoned already";
    throw new Error("it is");
  },
  "overwrite a module": (town) =>
    anyOf(packages(town), (path) => Deno.writeTextFile(`${path}/dist/index.js`, evil)),
  "replace its folder": (town) => anyOf(packages(town), (path) => Deno.rename(path, `${path}.old`)),
  "remove it": (town) => anyOf(packages(town), (path) => Deno.remove(path, { recursive: true })),
  "change its package.json": (town) =>
    anyOf(packages(town), (path) => Deno.writeTextFile(`${path}/package.json`, '{"exports":"./evil.js"}')),
  "make it writable": (town) => anyOf(packages(town), (path) => Deno.chmod(`${path}/dist/index.js`, 0o777)),
  "a link in its place": (town) =>
    anyOf(packages(town), (path) => Deno.symlink("/tmp/evil", `${path}/dist/evil.js`)),
  "a version that nobody published": (town) =>
    anyOf(packages(town), (path) => Deno.mkdir(`${path}/../9.9.9`)),
  "remote modules": (town) =>
    anyOf(caches(town), (path) => Deno.writeTextFile(`${path}/remote/planted`, evil)),
  "compiled modules": (town) =>
    anyOf(caches(town), (path) =>
      anyOf(["gen", "node_analysis_cache_v2", "v8_code_cache_v2", "dep_analysis_cache_v2"], (name) =>
        Deno.writeTextFile(`${path}/${name}/planted`, evil),
      ),
    ),
  "a new file beside them": (town) =>
    anyOf(caches(town), (path) => Deno.writeTextFile(`${path}/planted`, evil)),
  "the cache elsewhere, by a variable": async () => {
    const scratch = Deno.makeTempDirSync();
    Deno.env.set("DENO_DIR", scratch);
    Deno.mkdirSync(`${scratch}/npm`);
    const again = await import("npm:hono@4.13.19");
    return need(String(again.Hono).includes("poisoned"), "the import is still the true one");
  },
});
