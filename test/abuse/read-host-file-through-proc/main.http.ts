// Goes through /proc to other roots, working folders and descriptors.
import { readdirSync, readFileSync } from "node:fs";
import { anyOf, attack } from "./attempt.ts";

const processes = ["self", "thread-self", "1", "2", "self/task/1"];

export default attack({
  "the root of a process": (town) =>
    anyOf([...processes, town.server, town.bystander], (pid) =>
      Deno.readTextFile(`/proc/${pid}/root${town.files.text}`),
    ),
  "the working folder of a process": (town) =>
    anyOf([...processes, town.server, town.bystander], (pid) =>
      Deno.readTextFile(`/proc/${pid}/cwd/${"../".repeat(20)}${town.files.text}`),
    ),
  "node:fs, for the root": (town) => readFileSync(`/proc/1/root${town.files.text}`, "utf8"),
  "the descriptors of the server": (town) => readdirSync(`/proc/${town.server}/fd`),
  "its own descriptors, one by one": (town) =>
    anyOf(
      Array.from({ length: 40 }, (_, fd) => fd),
      (fd) => Deno.readTextFileSync(`/proc/self/fd/${fd}/../..${town.files.text}`),
    ),
  "the files that a process has mapped": (town) => readdirSync(`/proc/${town.server}/map_files`),
});
