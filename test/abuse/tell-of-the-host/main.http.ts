// Collects what tells the host apart: names, addresses, users, processes.
import { hostname, userInfo } from "node:os";
import { attack, beyondDeno, need, ownProcess } from "./attempt.ts";

const common = "Deno shows it, because common packages ask for it";

export default attack({
  "its name": beyondDeno(common, (town) =>
    need(hostname() === town.hostname && hostname(), `it is called ${hostname()}`),
  ),
  "its name, by the kernel": (town) => {
    const name = Deno.readTextFileSync("/proc/sys/kernel/hostname").trim();
    return need(name === town.hostname && name, `it is called ${name}`);
  },
  "its processes": (town) => {
    const pids = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => pid > 0);
    return need(pids.includes(town.server) && pids, `only ${pids}`);
  },
  "its users": () => {
    const users = Deno.readTextFileSync("/etc/passwd").split("\n").filter(Boolean);
    return need(users.length > 1 && users, `only ${users}`);
  },
  "its user": beyondDeno(common, () =>
    need(userInfo().username === "root" && userInfo(), userInfo().username),
  ),
  "its mounts": ownProcess(
    "the kernel says where a mount comes from; knowing a path is no way to reach it",
    (town) => {
      const mounts = Deno.readTextFileSync("/proc/self/mountinfo");
      return need(
        [town.data, town.run].find((path) => mounts.includes(path)),
        "no path of the host is in there",
      );
    },
  ),
  "its connections": (town) => {
    const table = Deno.readTextFileSync("/proc/net/tcp") + Deno.readTextFileSync("/proc/net/tcp6");
    const port = town.hamlet.toString(16).toUpperCase().padStart(4, "0");
    return need(table.includes(`:${port}`) && table, "Hamlet's port is not in there");
  },
  "its unix sockets": (town) => {
    const table = Deno.readTextFileSync("/proc/net/unix");
    return need(
      town.sockets.find((path) => table.includes(path)),
      "none of them is in there",
    );
  },
  "its boot": () => {
    const kernel = Deno.readTextFileSync("/proc/cmdline");
    if (kernel) throw new Error("the kernel's own, the same for everyone on it");
  },
});
