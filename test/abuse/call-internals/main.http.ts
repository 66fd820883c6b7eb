// Reaches below Deno's public functions, where the checks might be missing.
import { anyOf, attack, need, ownProcess } from "./attempt.ts";

type Ops = Record<string, ((...args: unknown[]) => unknown) | undefined>;

function findOps(): Ops {
  const deno = Deno as unknown as Record<PropertyKey, { core?: { ops?: Ops } } | undefined> & {
    internal?: symbol;
  };
  const ops = deno.internal === undefined ? undefined : deno[deno.internal]?.core?.ops;
  return need(ops ?? (deno as { core?: { ops?: Ops } }).core?.ops, "no operations are to be found");
}

const call = (name: string, ...args: unknown[]) => need(findOps()[name], `there is no ${name}`)(...args);

export default attack({
  "read a file": (town) =>
    anyOf(
      [
        "op_fs_read_file_sync",
        "op_fs_read_file_text_sync",
        "op_fs_read_file_async",
        "op_fs_open_sync",
        "op_node_fs_read_file_sync",
      ],
      (name) => call(name, town.files.text, 0, {}),
    ),
  "read for require": (town) =>
    anyOf(["op_require_read_file", "op_require_real_path"], (name) =>
      need(call(name, town.files.json) as string, "nothing"),
    ),
  "look for require": (town) => need(call("op_require_stat", town.files.json) !== -1, "nothing is there"),
  connect: (town) =>
    anyOf(["op_net_connect_tcp", "op_net_connect_unix"], (name) =>
      call(name, { hostname: "127.0.0.1", port: town.tcp }),
    ),
  "start a process": ownProcess("a child that is as confined as its parent", () =>
    anyOf(["op_spawn_child", "op_spawn_sync", "op_run"], (name) =>
      call(
        name,
        {
          cmd: "/deno/deno",
          args: ["--version"],
          env: [],
          clearEnv: false,
          stdin: "null",
          stdout: "null",
          stderr: "null",
        },
        "x",
      ),
    ),
  ),
  "the environment": (town) => need(call("op_get_env", town.variable) as string, "no such variable"),
  "grant itself permissions": ownProcess("Deno's permissions are switched off", async () => {
    await anyOf(["op_request_permission"], (name) => call(name, { name: "read", path: null }));
    return Deno.readTextFileSync("/etc/shadow");
  }),
});
