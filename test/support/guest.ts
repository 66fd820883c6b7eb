/** One worker driven by hand: the guest in its sandbox, the control channel, and a raw visitor on its unix socket. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { GUEST } from "../../src/confinement.ts";
import { LineSplitter } from "../../src/pool/lines.ts";
import { createSandbox } from "../../src/sandbox/sandbox.ts";
import type { Confined, Sandbox } from "../../src/sandbox/types.ts";
import type { Report, Trigger } from "../../src/wire/control.ts";
import { RawConnection } from "./raw.ts";

const ROOT = join(import.meta.dir, "../..");
const PATIENCE_MS = 20_000;
export const TRACE = "0123456789abcdef0123456789abcdef";

type Log = Extract<Report, { kind: "log" }>;

/** A sandbox of the weakest level, which every machine has, with folders of its own. */
export async function startSandbox(): Promise<TestSandbox> {
  const folder = mkdtempSync(join(tmpdir(), "vals-"));
  const cacheDir = join(folder, "deno");
  mkdirSync(cacheDir);
  const sandbox = await createSandbox({
    mode: "deno",
    denoPath: join(ROOT, "node_modules/deno/deno"),
    ...GUEST,
    cacheDir,
    limits: { memoryBytes: 256 * 2 ** 20, tasks: 64, files: 1024, fileBytes: 256 * 2 ** 20 },
    egressAllow: [],
    egressDeny: [],
  });
  return new TestSandbox(sandbox, folder);
}

export class TestSandbox implements AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly #folder: string;
  #vals = 0;

  constructor(sandbox: Sandbox, folder: string) {
    this.sandbox = sandbox;
    this.#folder = folder;
  }

  /** A folder with one version's built files. */
  writeVal(files: string | Readonly<Record<string, string>>): string {
    const folder = join(this.#folder, `val${++this.#vals}`);
    for (const [path, text] of Object.entries(typeof files === "string" ? { "main.ts": files } : files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return folder;
  }

  /** A guest that has said `ready`. */
  async startGuest(logLines = 1000, logBytes = 2 ** 20): Promise<Guest> {
    const guest = new Guest(this, this.sandbox.spawn(), logLines, logBytes);
    await guest.report("ready");
    return guest;
  }

  /** A guest in a process that is started for this artifact. */
  async startLocked(artifact: string): Promise<Guest> {
    return new Guest(this, this.sandbox.spawn(artifact), 1000, 2 ** 20);
  }

  /** DENO_DIR on the host. */
  get cache(): string {
    return join(this.#folder, "deno");
  }

  /** A guest that has loaded this val. */
  async startVal(files: string, env: Record<string, string> = {}): Promise<Guest> {
    const guest = await this.startGuest();
    guest.claim(files, env);
    await guest.report("loaded");
    return guest;
  }

  /** A guest that has been claimed as something that is started, and was started once. */
  async startRun(
    files: string | Readonly<Record<string, string>>,
    { trigger, body, type }: { trigger: Trigger; body: string; type?: string },
  ): Promise<Guest> {
    const guest = await this.startGuest();
    guest.claim(files, {}, trigger);
    await guest.report("loaded");
    await guest.start(body, type);
    return guest;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sandbox.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export class Guest {
  readonly nonce = crypto.randomUUID().replaceAll("-", "");
  readonly confined: Confined;
  readonly reports: Report[] = [];
  /** The val's own lines on stdout and stderr. */
  readonly lines: string[] = [];
  readonly #owner: TestSandbox;
  readonly #waiting = new Set<() => void>();
  /** Of stdout and stderr, how many are open. */
  #streams = 2;

  constructor(owner: TestSandbox, confined: Confined, logLines: number, logBytes: number) {
    this.#owner = owner;
    this.confined = confined;
    this.#read(confined.stdout, this.nonce);
    this.#read(confined.stderr, undefined);
    this.send({ kind: "hello", nonce: this.nonce, socket: confined.guestSocketPath, logLines, logBytes });
  }

  send(command: object): void {
    this.confined.write(`${JSON.stringify(command)}\n`);
  }

  claim(
    files: string | Readonly<Record<string, string>>,
    env: Record<string, string> = {},
    trigger?: Trigger,
  ): void {
    const entry = this.confined.place(this.#owner.writeVal(files), "main.ts");
    this.send({ kind: "claim", entry, env, trigger });
  }

  /** Start it as dispatch does; resolves once it has been delivered. */
  async start(
    body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>,
    type = "application/json",
  ): Promise<Response> {
    const headers = { "x-hamlet-trace": TRACE, "content-type": type, connection: "close" };
    return await fetch("http://val.invalid/", {
      ...{ unix: this.confined.socketPath, method: "POST", headers, body },
    });
  }

  /** Become what it was started for, or what already lies at `artifact`. */
  become(artifact: string, entry: string, env: Record<string, string> = {}): void {
    this.send({ kind: "claim", entry: this.confined.place(artifact, entry), env });
  }

  /** The first report of this kind that was not asked for yet. */
  async report<K extends Report["kind"]>(kind: K): Promise<Extract<Report, { kind: K }>> {
    const found = await this.until(() => this.reports.find((report) => report.kind === kind), kind);
    this.reports.splice(this.reports.indexOf(found), 1);
    return found as Extract<Report, { kind: K }>;
  }

  /** A log line whose text contains `part`. */
  log(part: string): Promise<Log> {
    return this.until(() => this.logs.find(({ text }) => text.includes(part)), `a log with ${part}`);
  }

  get logs(): Log[] {
    return this.reports.filter((report): report is Log => report.kind === "log");
  }

  async until<T>(look: () => T | undefined, what: string): Promise<T> {
    const deadline = performance.now() + PATIENCE_MS;
    for (let found = look(); ; found = look()) {
      if (found !== undefined) return found;
      if (performance.now() > deadline || this.#streams === 0) throw new Error(`No ${what}. ${this.#seen()}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      const timer = setTimeout(resolve, PATIENCE_MS);
      await promise;
      clearTimeout(timer);
    }
  }

  async connect(): Promise<RawConnection> {
    const socket = connect({ path: this.confined.socketPath });
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return new RawConnection(socket);
  }

  /** A request as the gateway sends it; returns the connection before its answer. */
  async open(path = "/", headers = "", method = "GET"): Promise<RawConnection> {
    const connection = await this.connect();
    const target = path.includes("://") ? path : `http://a.web.localhost:3000${path}`;
    await connection.write(
      `${method} ${target} HTTP/1.1\r\nhost: a.web.localhost:3000\r\nx-hamlet-trace: ${TRACE}\r\n${headers}\r\n`,
    );
    return connection;
  }

  async get(path = "/", headers = "") {
    await using connection = await this.open(path, headers);
    return await connection.readResponse();
  }

  async #read(stream: ReadableStream<Uint8Array>, nonce: string | undefined): Promise<void> {
    const splitter = new LineSplitter(nonce, {
      report: (report) => this.#heard(() => this.reports.push(report)),
      line: (text) => this.#heard(() => this.lines.push(text)),
    });
    for await (const chunk of stream) splitter.push(chunk);
    splitter.end();
    this.#heard(() => this.#streams--);
  }

  #heard(keep: () => void): void {
    keep();
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #seen(): string {
    return JSON.stringify({ reports: this.reports.slice(-20), lines: this.lines.slice(-20) });
  }
}
