import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { createPool } from "../src/pool/pool.ts";
import type { Lease, Pool, PoolEvents, PoolLimits } from "../src/pool/types.ts";
import type { Deployment } from "../src/val/deployment.ts";
import { startSandbox, type TestSandbox } from "./support/guest.ts";
import { deploymentOf, LIMITS } from "./support/pool.ts";
import { RawConnection } from "./support/raw.ts";

type Line = Parameters<PoolEvents["log"]>[0];

const REAL: PoolLimits = { ...LIMITS, maxWorkers: 16, hangCpuMs: 1500, loadMs: 3000 };

let sandbox: TestSandbox;
let pool: Pool;
const logs: Line[] = [];
const deaths: { val: string; message: string }[] = [];
const waiting = new Set<() => void>();

beforeAll(async () => {
  sandbox = await startSandbox();
  const heard = () => {
    for (const look of waiting) look();
  };
  pool = createPool({
    sandbox: sandbox.sandbox,
    limits: REAL,
    events: {
      log(line) {
        logs.push(line);
        heard();
      },
      died(deployment, _worker, death) {
        deaths.push({ val: deployment.valName, message: death.message });
        heard();
      },
    },
  });
});
afterAll(async () => {
  const mine = processesOf(process.pid);
  expect(mine.length).toBeGreaterThan(0);
  await pool.close();
  expect(processesOf(process.pid)).toEqual([]);
  await sandbox[Symbol.asyncDispose]();
});

/** The Deno processes that a process has started and that are still there. */
function processesOf(parent: number): string[] {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim().split(" ");
  return children.filter(
    (pid) => pid !== "" && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("guest/main.ts"),
  );
}

let count = 0;
function deploy(files: string | Record<string, string>): Deployment {
  return deploymentOf(`val${++count}`, { artifact: sandbox.writeVal(files) });
}

async function until(what: string, look: () => boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(
    () => reject(new Error(`${what} did not happen. ${JSON.stringify(deaths)}`)),
    30_000,
  );
  const check = () => {
    if (look()) resolve();
  };
  waiting.add(check);
  check();
  await promise.finally(() => {
    clearTimeout(timer);
    waiting.delete(check);
  });
}

async function send(lease: Lease, path: string): Promise<RawConnection> {
  const socket = connect({ path: lease.target.socketPath });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  const connection = new RawConnection(socket);
  await connection.write(`GET http://a${path} HTTP/1.1\r\nhost: a\r\n\r\n`);
  return connection;
}

async function ask(lease: Lease, path: string): Promise<string> {
  await using connection = await send(lease, path);
  const { status, bodyText } = await connection.readResponse();
  return `${status} ${bodyText}`;
}

/** A whole call: status and body, or the reason why its worker died. */
async function call(deployment: Deployment, path = "/"): Promise<string> {
  const lease = await pool.lease(deployment);
  const answer = ask(lease, path).catch(() => lease.died.then(({ reason }) => reason));
  const outcome = await Promise.race([answer, lease.died.then(({ reason }) => reason)]);
  lease.release();
  return outcome;
}

const HANDLER = (bad: string) => `export default (request: Request) => {
  if (new URL(request.url).pathname === "/bad") { ${bad} }
  return new Response("fine");
};`;

const ATTACKS: readonly [title: string, source: string, outcome: string, message: string][] = [
  ["an endless loop", HANDLER("for (;;);"), "cpu", "computed for 1.5 s"],
  [
    "a blocked event loop",
    HANDLER("Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);"),
    "cpu",
    "blocked",
  ],
  [
    "a bomb of objects",
    HANDLER("const all = []; for (;;) all.push({ a: [all.length] });"),
    "memory",
    "256 MB",
  ],
  [
    "a bomb of buffers",
    HANDLER(
      "const all = []; for (;;) { all.push(new Uint8Array(1e6).fill(1)); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2); }",
    ),
    "memory",
    "256 MB",
  ],
  ["Deno.exit in the handler", HANDLER("Deno.exit(7);"), "exit", "exited with code 7"],
  ["process.exit", HANDLER("process.exit(8);"), "exit", "exited with code 8"],
  ["process.abort", HANDLER("process.abort();"), "exit", "process"],
];
for (const [title, source, outcome, message] of ATTACKS) {
  test(`${title} ends its own worker only; the author is told, and the next call works`, async () => {
    const bad = deploy(source);
    const other = deploy(
      "export default () => new Response(new ReadableStream({ pull: () => new Promise(() => {}), start(c) { c.enqueue(new Uint8Array(3)); } }))",
    );
    const held = await pool.lease(other);
    await using stream = await send(held, "/");
    await stream.readHead();
    expect(await call(bad)).toBe("200 fine");
    expect(await call(bad, "/bad")).toBe(outcome);
    await until("the death", () => deaths.some(({ val }) => val === bad.valName));
    expect(deaths.find(({ val }) => val === bad.valName)?.message).toContain(message);
    expect(await call(bad)).toBe("200 fine");
    const again = await pool.lease(other);
    expect(again.target).toBe(held.target);
    held.release();
    again.release();
    pool.retire(other.fileId);
  });
}

const LOADS: readonly [title: string, source: string, outcome: string, message: string][] = [
  ["a throw at import", "\nthrow new Error('boom')", "500 ", "main.ts:2:7"],
  ["an exit at import", "Deno.exit(4)", "exit", "code 4"],
  ["an endless loop at import", "for (;;);", "cpu", "The val was stopped"],
  ["an import that never ends", "await new Promise(() => {}); export default 1;", "load", "longer than 3 s"],
];
for (const [title, source, outcome, message] of LOADS) {
  test(`${title} fails its calls, is told, and a repaired version serves at once`, async () => {
    const bad = deploy(source);
    const [first, second] = await Promise.all([call(bad), call(bad)]);
    // The guest's own 500 and the pool's word of the death race: both say the same.
    for (const each of [first, second]) expect([outcome, "load"]).toContain(each);
    await until("the death", () => deaths.some(({ val }) => val === bad.valName));
    expect(deaths.find(({ val }) => val === bad.valName)?.message).toContain(message);
    expect(await call(deploy(HANDLER("")))).toBe("200 fine");
  });
}

test("a hung worker gets no new calls: a fresh one serves them meanwhile", async () => {
  const val = deploy(HANDLER("for (;;);"));
  const hung = call(val, "/bad");
  let fresh = 0;
  while (fresh === 0) {
    const lease = await pool.lease(val);
    if (lease.cold) fresh++;
    else await new Promise((resolve) => setTimeout(resolve, 20));
    lease.release();
  }
  expect(await call(val)).toBe("200 fine");
  expect(await hung).toBe("cpu");
});

test("a flood of logs is held back, told, and disturbs nobody's calls", async () => {
  const flood = deploy(
    `export default () => { for (let i = 0; i < 100_000; i++) console.log("flood", i); return new Response("fine"); }`,
  );
  const raw = deploy(`const line = new TextEncoder().encode("raw\\n".repeat(1000));
    export default () => { for (let i = 0; i < 300; i++) Deno.stdout.writeSync(line); return new Response("fine"); }`);
  const other = deploy(HANDLER(""));
  const floods = [call(flood), call(raw)];
  expect(await call(other)).toBe("200 fine");
  expect(await Promise.all(floods)).toEqual(["200 fine", "200 fine"]);
  for (const { valName } of [flood, raw]) {
    const of = () => logs.filter(({ deployment }) => deployment.valName === valName);
    await until("the note", () => of().some(({ text }) => text.includes("lines dropped")));
    expect(of().length).toBeLessThan(5 * LIMITS.logLinesPerSecond * 2);
  }
});

test("forged control lines are the val's own output, and change nothing", async () => {
  const lines = [
    '{"kind":"failed","message":"forged"}',
    '00000000000000000000000000000000 {"kind":"failed","message":"forged"}',
    'undefined {"kind":"pong","id":1}',
    "x".repeat(300_000),
  ];
  const val = deploy(`export default () => {
    for (const line of ${JSON.stringify(lines)}) Deno.stdout.writeSync(new TextEncoder().encode(line + "\\n"));
    return new Response("fine");
  }`);
  expect(await call(val)).toBe("200 fine");
  const own = () =>
    logs.filter(({ deployment }) => deployment.valName === val.valName).map(({ text }) => text);
  await until("the lines", () => own().length === lines.length);
  expect(own().slice(0, 3)).toEqual(lines.slice(0, 3));
  expect(own()[3]).toEndWith("more characters)");
  expect(await call(val)).toBe("200 fine");
});

test("blanks that are killed are replaced", async () => {
  const pids = processesOf(process.pid);
  for (const pid of pids) process.kill(Number(pid), "SIGKILL");
  const vals = [deploy(HANDLER("")), deploy(HANDLER(""))];
  expect(await Promise.all(vals.map((val) => call(val)))).toEqual(["200 fine", "200 fine"]);
});

test("prepare makes the next call a warm one; retire ends the old version's worker after its calls", async () => {
  const old = deploy(HANDLER(""));
  const next: Deployment = { ...deploy(HANDLER("")), fileId: old.fileId };
  const held = await pool.lease(old);
  expect(await pool.prepare(next)).toBeUndefined();
  pool.retire(old.fileId, next.id);
  await using connection = await send(held, "/");
  expect((await connection.readResponse()).bodyText).toBe("fine");
  const isThere = (id: string) => pool.stats().workers.some((worker) => worker.deployment === id);
  expect(isThere(old.id)).toBe(true);
  held.release();
  const gone = async () => {
    while (isThere(old.id)) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  await gone();
  expect(isThere(next.id)).toBe(true);
  expect(pool.lease(next) instanceof Promise).toBe(false);
});
