// Loads machine code into its own process.
import { createRequire } from "node:module";
import { WASI } from "node:wasi";
import { anyOf, attack, ownProcess } from "./attempt.ts";

const reason = "the code runs with its own process's rights; what it reaches is tried in call-the-kernel";
const libraries = ["libc.so.6", "/lib/x86_64-linux-gnu/libc.so.6", "/usr/lib/libc.so.6", "libm.so.6"];

export default attack({
  "Deno.dlopen": ownProcess(reason, () =>
    anyOf(libraries, (path) =>
      Deno.dlopen(path, { getpid: { parameters: [], result: "i32" } }).symbols.getpid(),
    ),
  ),
  "Deno.UnsafePointerView": ownProcess(reason, () =>
    Deno.UnsafePointerView.getCString(Deno.UnsafePointer.create(0x400000n) as Deno.PointerObject),
  ),
  "process.dlopen": ownProcess(reason, () => {
    const { dlopen } = process as unknown as { dlopen(module: object, path: string): void };
    dlopen({ exports: {} }, "/lib/x86_64-linux-gnu/libc.so.6");
  }),
  "an addon": ownProcess(reason, () => {
    const path = `${Deno.makeTempDirSync()}/addon.node`;
    Deno.writeFileSync(path, new Uint8Array([0x7f, 0x45, 0x4c, 0x46]));
    return createRequire(import.meta.url)(path);
  }),
  "an addon of the host's": (town) => {
    Deno.statSync(town.folder);
    return createRequire(import.meta.url)(`${town.folder}/canary.node`);
  },
  "WASI with the host's root": (town) => {
    const wasi = new WASI({ version: "preview1", preopens: { "/": town.folder } } as ConstructorParameters<
      typeof WASI
    >[0]);
    return Object.keys(wasi.wasiImport).length;
  },
});
