// Looks for the server's environment, where its secrets would be.
import { readFileSync } from "node:fs";
import { attack, need, type Town } from "./attempt.ts";

function inProcess(town: Town, pid: number | string): string {
  const environment = readFileSync(`/proc/${pid}/environ`, "latin1").replaceAll("\0", "\n");
  return need(environment.includes(town.variable) && environment, "not in there");
}

export default attack({
  "Deno.env.get": (town) => need(Deno.env.get(town.variable), "no such variable"),
  "Deno.env.toObject": (town) => need(Deno.env.toObject()[town.variable], "no such variable"),
  "process.env": (town) => need(process.env[town.variable], "no such variable"),
  "whatever looks like the host's": () => {
    const telling = /HAMLET|SUDO|SSH|PWD|SHELL|LOGNAME|BUN|NODE|npm_|DENO/;
    return need(
      Object.keys(Deno.env.toObject())
        // The town gives each val this one, with a token of the val's own.
        .filter((name) => telling.test(name) && name !== "DENO_AUTH_TOKENS")
        .join(),
      "nothing that tells",
    );
  },
  "/proc/self/environ": (town) => inProcess(town, "self"),
  "/proc/1/environ": (town) => inProcess(town, 1),
  "the server's": (town) => inProcess(town, town.server),
  "that of every process": (town) => {
    for (const { name } of Deno.readDirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      try {
        return inProcess(town, name);
      } catch {}
    }
    throw new Error("in none");
  },
});
