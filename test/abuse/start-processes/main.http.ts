// Starts programs: the shell, Deno itself with every permission, and asks them to read the host's secrets.
import { exec, execFileSync, fork, spawn, spawnSync } from "node:child_process";
import { readlinkSync } from "node:fs";
import { anyOf, attack, need, ownProcess, type Town } from "./attempt.ts";

const reason = "a child that is as confined as its parent; what it reaches is tried below";
const denos = () => {
  const found = ["/deno/deno", "/proc/self/exe"];
  try {
    found.push(Deno.execPath(), readlinkSync("/proc/self/exe"));
  } catch {}
  return found;
};

async function runDeno(source: string): Promise<string> {
  return await anyOf(denos(), async (path) => {
    const { stdout, stderr } = await new Deno.Command(path, {
      args: ["eval", "--no-config", "--no-lock", source],
      env: { NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder();
    return need(text.decode(stdout).trim(), text.decode(stderr).slice(0, 300));
  });
}

export default attack({
  "Deno.Command": ownProcess(reason, () =>
    anyOf(["/bin/sh", "sh", ...denos()], (path) =>
      new Deno.Command(path, { args: ["--version"] }).outputSync(),
    ),
  ),
  "a shell": () =>
    anyOf(
      ["/bin/sh", "/bin/bash", "/usr/bin/env", "sh", "busybox"],
      (path) => new Deno.Command(path, { args: ["-c", "id"] }).outputSync().code,
    ),
  "node: spawn": ownProcess(reason, () => {
    const { pid, error } = spawnSync(denos()[0] ?? "deno", ["--version"]);
    return need(pid, `${error}`);
  }),
  "node: exec": () =>
    new Promise((resolve, reject) =>
      exec("id", (error, stdout) => (error ? reject(error) : resolve(stdout))),
    ),
  "node: execFile": () => execFileSync("/bin/cat", ["/etc/passwd"], { encoding: "utf8" }),
  "node: fork": ownProcess(
    reason,
    (town) =>
      new Promise((resolve, reject) =>
        fork(town.files.module).on("error", reject).on("message", resolve).on("exit", reject),
      ),
  ),
  "node: a detached child": ownProcess(
    "it dies with its namespace; the test looks for it",
    () =>
      new Promise((resolve, reject) =>
        spawn(denos()[0] ?? "deno", ["--version"], { detached: true, stdio: "ignore" })
          .on("error", reject)
          .on("spawn", () => resolve("started")),
      ),
  ),
  "a Deno that reads a host file": (town: Town) =>
    runDeno(`console.log(Deno.readTextFileSync(${JSON.stringify(town.files.text)}))`),
  "a Deno that reads the server's environment": (town: Town) =>
    runDeno(`console.log(Deno.readTextFileSync("/proc/${town.server}/environ"))`),
  "a Deno that connects to the host": (town: Town) =>
    runDeno(
      `const c = await Deno.connect({ hostname: "127.0.0.1", port: ${town.tcp} }); console.log("connected"); c.close()`,
    ),
  "a Deno that signals the host": (town: Town) =>
    runDeno(`Deno.kill(${town.bystander}, "SIGTERM"); console.log("signalled")`),
});
