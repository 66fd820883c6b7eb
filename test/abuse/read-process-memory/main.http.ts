// Reads and writes the memory of processes, as a debugger does.
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { anyOf, attack, ownProcess, type Town } from "./attempt.ts";

const others = (town: Town) => [town.server, town.bystander];

function readMemory(pid: number | string): string {
  const [range = ""] = /^[0-9a-f]+-[0-9a-f]+ r/m.exec(readFileSync(`/proc/${pid}/maps`, "latin1")) ?? [];
  const memory = openSync(`/proc/${pid}/mem`, "r");
  const bytes = new Uint8Array(64);
  readSync(memory, bytes, 0, bytes.length, Number.parseInt(range, 16));
  closeSync(memory);
  return `${bytes}`;
}

export default attack({
  "the map of another process": (town) =>
    anyOf(others(town), (pid) => Deno.readTextFile(`/proc/${pid}/maps`)),
  "the memory of another process": (town) => anyOf(others(town), (pid) => readMemory(pid)),
  "the memory of another process, to write": (town) =>
    anyOf(others(town), (pid) => Deno.openSync(`/proc/${pid}/mem`, { write: true }).close()),
  "the stack and system call of another process": (town) =>
    anyOf(
      others(town).flatMap((pid) => [`/proc/${pid}/syscall`, `/proc/${pid}/stack`, `/proc/${pid}/auxv`]),
      (path) => Deno.readTextFile(path),
    ),
  "its own map": ownProcess("what it reads is its own", () => Deno.readTextFile("/proc/self/maps")),
  "its own memory": ownProcess("what it reads is its own", () => readMemory("self")),
  "its own memory, to write": ownProcess("what it changes is its own", () =>
    Deno.openSync("/proc/self/mem", { write: true }).close(),
  ),
});
