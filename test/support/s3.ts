/** A real S3 server: OpenStack Swift, one node of each kind, on free ports of loopback. */

import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { S3Options } from "../../src/services/blob.ts";

export interface S3Server extends AsyncDisposable {
  /** For the bucket that was made in it. */
  readonly options: S3Options;
  /** End it, as a failure would. */
  kill(): Promise<void>;
}

const KINDS = ["account", "container", "object"] as const;
const USER = { id: "hamlet:admin", secret: "secretkey" };
const BUCKET = "hamlet";
/** Both of them want to be told whom they run as. */
const ME = Bun.spawnSync(["id", "-un"]).stdout.toString().trim();
const READY_MS = 20_000;
/** Between the choice of a free port and its use somebody else may have taken it. */
const TRIES = 3;

/** Whether it is installed; `scripts/setup.sh` does that. */
export const hasS3 = [
  "memcached",
  "swift-proxy-server",
  ...KINDS.map((kind) => `swift-${kind}-server`),
].every((program) => Bun.which(program) !== null);

/** Starts it; it ends with the scope. */
export async function startS3(tries = TRIES): Promise<S3Server> {
  const folder = mkdtempSync(join(tmpdir(), "s3-"));
  const [memory, proxy, ...nodes] = freePorts(2 + KINDS.length) as [number, number, ...number[]];
  const children: Bun.Subprocess[] = [];
  const kill = async () => {
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(children.map((child) => child.exited));
  };
  const stop = async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  };
  const start = (...command: string[]) => {
    const log = openSync(join(folder, "log"), "a");
    children.push(Bun.spawn(command, { cwd: folder, stdin: "ignore", stdout: log, stderr: log }));
    closeSync(log);
  };
  try {
    configure(folder, { memory, proxy, nodes });
    start("memcached", "-u", ME, "-l", "127.0.0.1", "-p", `${memory}`);
    for (const kind of [...KINDS, "proxy"]) start(`swift-${kind}-server`, `${kind}.conf`, "-v");
    const endpoint = `http://127.0.0.1:${proxy}`;
    if (!(await isReady(endpoint, children)))
      throw new Error(`Swift does not answer:\n${readFileSync(join(folder, "log"), "utf8").slice(0, 2000)}`);
    const options = { endpoint, bucket: BUCKET, region: "us-east-1" };
    return {
      options: { ...options, accessKeyId: USER.id, secretAccessKey: USER.secret },
      kill,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    if (tries > 1) return startS3(tries - 1);
    throw error;
  }
}

/** Ports that are free now. */
function freePorts(count: number): number[] {
  const listeners = Array.from({ length: count }, () =>
    Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } }),
  );
  const ports = listeners.map(({ port }) => port);
  for (const listener of listeners) listener.stop(true);
  return ports;
}

/** Makes the bucket, as soon as all of its parts can. */
async function isReady(endpoint: string, children: readonly Bun.Subprocess[]): Promise<boolean> {
  for (const deadline = Date.now() + READY_MS; Date.now() < deadline; await Bun.sleep(100)) {
    if (children.some(({ exitCode }) => exitCode !== null)) return false;
    try {
      const { headers } = await fetch(`${endpoint}/auth/v1.0`, {
        headers: { "x-auth-user": USER.id, "x-auth-key": USER.secret },
      });
      const url = headers.get("x-storage-url");
      const token = headers.get("x-auth-token");
      if (url === null || token === null) continue;
      // The proxy refuses what one of the others is not there for yet: objects have a server of their own.
      const probe = `${BUCKET}/ready`;
      const steps = [
        ["PUT", BUCKET],
        ["PUT", probe],
        ["DELETE", probe],
      ] as const;
      const answers: Response[] = [];
      for (const [method, path] of steps)
        answers.push(await fetch(`${url}/${path}`, { method, headers: { "x-auth-token": token } }));
      if (answers.every(({ ok }) => ok)) return true;
    } catch {
      // It does not listen yet.
    }
  }
  return false;
}

interface Ports {
  readonly memory: number;
  readonly proxy: number;
  readonly nodes: readonly number[];
}

function configure(folder: string, { memory, proxy, nodes }: Ports): void {
  mkdirSync(join(folder, "devices/disk"), { recursive: true });
  const write = (name: string, ...lines: string[]) =>
    writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
  // No worker processes beside the one that is started: it could not be stopped with them.
  const common = (port: number) => [
    "[DEFAULT]",
    "bind_ip = 127.0.0.1",
    `bind_port = ${port}`,
    "workers = 0",
    `user = ${ME}`,
    `swift_dir = ${folder}`,
  ];
  write(
    "swift.conf",
    "[swift-hash]",
    "swift_hash_path_suffix = a",
    "swift_hash_path_prefix = b",
    "[storage-policy:0]",
    "name = Policy-0",
    "default = yes",
  );
  KINDS.forEach((kind, i) => {
    const storage = [`devices = ${folder}/devices`, "mount_check = false", "fallocate_reserve = 0"];
    const app = [
      "[pipeline:main]",
      `pipeline = ${kind}-server`,
      `[app:${kind}-server]`,
      `use = egg:swift#${kind}`,
    ];
    write(`${kind}.conf`, ...common(nodes[i]!), ...storage, ...app);
  });
  const filters = [
    "catch_errors",
    "cache",
    "listing_formats",
    "s3api",
    "tempauth",
    "copy",
    "slo",
    "dlo",
    "versioned_writes",
    "symlink",
  ];
  const settings: Record<string, string[]> = {
    cache: ["use = egg:swift#memcache", `memcache_servers = 127.0.0.1:${memory}`],
    s3api: ["use = egg:swift#s3api", "location = us-east-1", "s3_acl = no"],
    tempauth: ["use = egg:swift#tempauth", `user_${USER.id.replace(":", "_")} = ${USER.secret} .admin`],
    versioned_writes: ["use = egg:swift#versioned_writes", "allow_object_versioning = true"],
  };
  write(
    "proxy.conf",
    ...common(proxy),
    "[pipeline:main]",
    `pipeline = ${filters.join(" ")} proxy-server`,
    "[app:proxy-server]",
    "use = egg:swift#proxy",
    "account_autocreate = true",
    ...filters.flatMap((name) => [`[filter:${name}]`, ...(settings[name] ?? [`use = egg:swift#${name}`])]),
  );
  makeRings(folder, nodes);
}

/** Which node keeps what: all of it the only one. */
function makeRings(folder: string, nodes: readonly number[]): void {
  const program = `
from swift.common.ring import RingBuilder
for kind, port in ${JSON.stringify(KINDS.map((kind, i) => [kind, nodes[i]]))}:
    builder = RingBuilder(4, 1, 1)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": port, "device": "disk", "weight": 1.0})
    builder.rebalance()
    builder.get_ring().save(kind + ".ring.gz")
`;
  // Debian's own Python, for which Swift is installed.
  const { success, stderr } = Bun.spawnSync(["/usr/bin/python3", "-c", program], { cwd: folder });
  if (!success) throw new Error(`Swift's rings could not be made: ${stderr}`);
}
