#!/usr/bin/env -S deno run --allow-all --no-prompt
// Brings settings and comments that would give it more permissions where they are heeded.
// deno-permissions: --allow-all
import { attack } from "./attempt.ts";

export default attack({
  "read a host file": (town) => Deno.readTextFile(town.files.text),
  "start a process": (town) => {
    if (town.walls === "all")
      return new Deno.Command("/deno/deno", { args: ["--version"] }).outputSync().code;
    throw new Error("Deno's permissions are switched off");
  },
  "import what its settings name": () => import("host-file"),
  "import by a scope of its settings": () => import("./scoped.ts"),
});
