/** A WebAssembly module as an ES module, as Deno has it: its imports are imports, its exports are exports. */

import type { OnLoadResult } from "esbuild";

/** The bytes go along as the module `hamlet:bytes`, of the same importer. */
export function wasmModule(bytes: Uint8Array): OnLoadResult {
  let module: WebAssembly.Module;
  try {
    module = new WebAssembly.Module(new Uint8Array(bytes));
  } catch {
    return { errors: [{ text: "This is no valid WebAssembly module." }] };
  }
  const names = [...new Set(WebAssembly.Module.imports(module).map((one) => one.module))];
  const imports = names.map((name, index) => `import * as i${index} from ${JSON.stringify(name)};`);
  const given = names.map((name, index) => `${JSON.stringify(name)}: i${index}`);
  const exported = WebAssembly.Module.exports(module).map(({ name }) => JSON.stringify(name));
  const values = exported.map((name, index) => `const e${index} = exports[${name}];`);
  const list = exported.map((name, index) => `e${index} as ${name}`);
  const contents = [
    ...imports,
    'import bytes from "hamlet:bytes";',
    `const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {${given.join(", ")}});`,
    ...values,
    `export { ${list.join(", ")} };`,
  ].join("\n");
  return { contents, loader: "js", pluginData: bytes };
}
