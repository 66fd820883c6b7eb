// Sends signals to processes that are not its own.
import { anyOf, attack, ownProcess, type Town } from "./attempt.ts";

const signals = ["SIGTERM", "SIGKILL", "SIGSTOP", "SIGHUP"] as const;
const reason = "the first process of its own namespace is its own, too; the test sees that the server lives";

const everySignal = (pid: (town: Town) => number) => (town: Town) =>
  anyOf(signals, (signal) => Deno.kill(pid(town), signal));

export default attack({
  "a process of the host": everySignal((town) => town.bystander),
  "the server": everySignal((town) => town.server),
  "by node": (town) => anyOf([0, ...signals], (signal) => process.kill(town.server, signal)),
  "its priority": (town) =>
    import("node:os").then(({ setPriority }) =>
      anyOf([town.server, town.bystander], (pid) => setPriority(pid, 19)),
    ),
  "the first process": ownProcess(
    reason,
    everySignal(() => 1),
  ),
  "its parent": ownProcess(
    reason,
    everySignal(() => Deno.ppid),
  ),
  "its group": ownProcess(
    reason,
    everySignal(() => -Deno.ppid),
  ),
  "every process": ownProcess(
    reason,
    everySignal(() => -1),
  ),
  "the group of the server": everySignal((town) => -town.server),
});
