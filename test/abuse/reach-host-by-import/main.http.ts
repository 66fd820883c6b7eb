// Imports modules and packages from the host at run time.
import { anyOf, attack } from "./attempt.ts";

export default attack({
  "a module over HTTP": (town) =>
    anyOf(
      ["127.0.0.1", "localhost", "[::1]", "2130706433"],
      (host) => import(`http://${host}:${town.tcp}/x.ts`),
    ),
  "JSON over HTTP": (town) => import(`http://127.0.0.1:${town.tcp}/x.json`, { with: { type: "json" } }),
  "a package from a registry of its own": (town) => {
    Deno.env.set("NPM_CONFIG_REGISTRY", `http://127.0.0.1:${town.tcp}/`);
    Deno.env.set("JSR_URL", `http://127.0.0.1:${town.tcp}/`);
    return anyOf(["npm:canary-package@1.0.0", "jsr:@canary/package@1.0.0"], (specifier) => import(specifier));
  },
  "a package that nobody fetched at the save": () => import(["npm:left", "pad@1.3.0"].join("-")),
  "through data:": (town) =>
    import(
      `data:text/typescript,${encodeURIComponent(`export * from "http://127.0.0.1:${town.tcp}/y.ts";`)}`
    ),
  "a worker's script": (town) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(`http://127.0.0.1:${town.tcp}/worker.ts`, { type: "module" });
      worker.onmessage = resolve;
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message));
      };
    }),
  WebAssembly: (town) => WebAssembly.compileStreaming(fetch(`http://127.0.0.1:${town.tcp}/x.wasm`)),
});
