/** What no val may read, reach, change or end: secrets in files and variables, listeners, and a process, on the host. */

import { Database } from "bun:sqlite";
import { createSocket } from "node:dgram";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { type Origin, startOrigin } from "../support/origin.ts";
import { changes, snapshot } from "./folder.ts";

const SHARED_MEMORY = "/dev/shm";
/** Not the folder for temporary files: a path in that one means something else inside a worker. */
const PARENT = "/var/tmp";

export interface Canaries extends AsyncDisposable {
  readonly folder: string;
  readonly files: {
    readonly text: string;
    readonly json: string;
    readonly module: string;
    readonly database: string;
  };
  readonly tcp: number;
  readonly udp: number;
  /** A web server that redirects where it is told; the vals may reach it. */
  readonly allowed: Origin;
  readonly addresses: readonly string[];
  readonly socket: string;
  readonly abstractSocket: string;
  readonly bystander: number;
  /** Name and value of the variable for the server's environment. */
  readonly variable: readonly [name: string, value: string];
  /** None of them may be seen by a val. Each begins with `secret-`. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What happened so far that should not have: one sentence each. */
  breaches(): string[];
}

const secret = () => `secret-${crypto.randomUUID()}`;

/** Sets them up; they end and vanish with the scope. `nonce` keeps runs apart. */
export async function startCanaries(nonce: string): Promise<Canaries> {
  const contacts: string[] = [];
  const root = realpathSync(mkdtempSync(join(PARENT, "canary-")));
  const folder = join(root, "public");
  mkdirSync(folder, { mode: 0o777 });
  const secrets = {
    file: secret(),
    variable: secret(),
    tcp: secret(),
    udp: secret(),
    socket: secret(),
    memory: secret(),
  };
  const files = writeFiles(folder, secrets.file);
  const sharedMemory = writeSharedMemory(`canary-${nonce}`, secrets.memory);
  const socket = join(folder, "canary.sock");
  const abstractSocket = `hamlet-canary-${nonce}`;
  const servers = [
    await listen({ host: "::", port: 0 }, secrets.tcp, (from) =>
      contacts.push(`TCP was reached from ${from}`),
    ),
    await listen({ path: socket }, secrets.socket, () => contacts.push("the unix socket was reached")),
    await listen({ path: `\0${abstractSocket}` }, secrets.socket, () =>
      contacts.push("the abstract socket was reached"),
    ),
  ];
  const before = snapshot(folder);
  const datagrams = await echo(secrets.udp, (from) => contacts.push(`UDP was reached from ${from}`));
  const allowed = startOrigin(redirect);
  const bystander = Bun.spawn(["sleep", "600"], { stdio: ["ignore", "ignore", "ignore"] });
  return {
    folder,
    files,
    tcp: (servers[0]!.address() as { port: number }).port,
    udp: datagrams.address().port,
    allowed,
    addresses: Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)),
    socket,
    abstractSocket,
    bystander: bystander.pid,
    variable: [`CANARY_${nonce}`, secrets.variable],
    secrets,
    breaches: () => [
      ...contacts,
      ...(bystander.exitCode === null && bystander.signalCode === null ? [] : ["the bystander was ended"]),
      ...(isStopped(bystander.pid) ? ["the bystander was stopped"] : []),
      ...changes(before, snapshot(folder)),
    ],
    async [Symbol.asyncDispose]() {
      bystander.kill("SIGKILL");
      await bystander.exited;
      for (const server of servers) server.close();
      datagrams.close();
      await allowed[Symbol.asyncDispose]();
      if (sharedMemory) rmSync(sharedMemory, { force: true });
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function writeFiles(folder: string, text: string): Canaries["files"] {
  const files = {
    text: join(folder, "canary.txt"),
    json: join(folder, "canary.json"),
    module: join(folder, "canary.mjs"),
    database: join(folder, "canary.db"),
  };
  writeFileSync(files.text, `${text}\n`);
  writeFileSync(files.json, JSON.stringify({ text }));
  // As a worker's script it tells, too.
  writeFileSync(
    files.module,
    `export default "${text}"; globalThis.postMessage?.("${text}"); process.send?.("${text}");\n`,
  );
  using database = new Database(files.database);
  database.run("CREATE TABLE canary (text)");
  database.run("INSERT INTO canary VALUES (?)", [text]);
  return files;
}

function writeSharedMemory(name: string, text: string): string | undefined {
  try {
    writeFileSync(join(SHARED_MEMORY, name), text, { mode: 0o666 });
    return join(SHARED_MEMORY, name);
  } catch {
    return undefined; // There is none on macOS.
  }
}

/** Speaks when it is spoken to, as the servers do that an attacker would look for. */
async function listen(where: object, text: string, onContact: (from: string) => void): Promise<Server> {
  const body = `export default ${JSON.stringify(text)};`;
  const head = `HTTP/1.1 200 OK\r\ncontent-type: text/javascript\r\ncontent-length: ${body.length}\r\n\r\n`;
  const server = createServer((socket) => {
    onContact(`${socket.remoteAddress}`);
    socket.on("error", () => {});
    socket.once("data", () => socket.end(head + body));
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(where, resolve));
  return server;
}

async function echo(text: string, onContact: (from: string) => void) {
  const socket = createSocket({ type: "udp6", ipv6Only: false });
  socket.on("message", (_, from) => {
    onContact(from.address);
    socket.send(text, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "::", resolve));
  return socket;
}

function redirect(request: Request): Response {
  const { searchParams } = new URL(request.url);
  const location = searchParams.get("to");
  if (location === null) return new Response("allowed\n");
  return new Response(null, { status: Number(searchParams.get("status")), headers: { location } });
}

function isStopped(pid: number): boolean {
  if (process.platform !== "linux") return false;
  return / T /.test(readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\)/, ""));
}
