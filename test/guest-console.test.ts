import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { type Guest, startSandbox, type TestSandbox, TRACE } from "./support/guest.ts";

let town: TestSandbox;
beforeAll(async () => {
  town = await startSandbox();
});
afterAll(() => town[Symbol.asyncDispose]());

const texts = (guest: Guest) => guest.logs.map(({ text }) => text);

/** Lets the guest's event loop turn once, so that all it had to say before is here. */
async function settle(guest: Guest): Promise<void> {
  guest.send({ kind: "ping", id: 7 });
  await guest.report("pong");
}

test("console methods keep Deno's own formatting and have their level", async () => {
  const guest = await town.startVal(`
    console.log("a %s", "b", { c: [1, new Map([[1, 2]])] });
    console.info("info"); console.debug("debug"); console.warn("warn"); console.error(new Error("bad").message);
    console.group("in"); console.log("deep\\ndown"); console.groupEnd();
    console.table([{ x: 1 }]); console.dir({ y: 2 }); console.count(); console.assert(false, "no");
    export default () => new Response();`);
  await settle(guest);
  expect(guest.logs.map(({ level, text }) => [level, text])).toEqual([
    ["info", "a b { c: [ 1, Map(1) { 1 => 2 } ] }"],
    ["info", "info"],
    ["debug", "debug"],
    ["warn", "warn"],
    ["error", "bad"],
    ["info", "in"],
    ["info", "  deep\n  down"],
    ["info", "┌───────┬───┐\n│ (idx) │ x │\n├───────┼───┤\n│     0 │ 1 │\n└───────┴───┘"],
    ["info", "{ y: 2 }"],
    ["info", "default: 1"],
    ["error", "Assertion failed: no"],
  ]);
});

test("a line knows its request across awaits, timers and stream pulls, and none outside of one", async () => {
  const guest = await town.startVal(`
    import nodeConsole from "node:console";
    import { AsyncLocalStorage } from "node:async_hooks";
    console.log("outside");
    const storage = new AsyncLocalStorage();
    export default (request: Request) => storage.run("mine", async () => {
      await new Promise((go) => setTimeout(go, 5));
      nodeConsole.log("after a timer", storage.getStore());
      return new Response(new ReadableStream({ pull(controller) { console.log("pulled"); controller.close(); } },
        { highWaterMark: 0 }));
    });`);
  await guest.get();
  await guest.log("pulled");
  expect(guest.logs.map(({ text, trace }) => [text, trace])).toEqual([
    ["outside", ""],
    ["after a timer mine", TRACE],
    ["pulled", TRACE],
  ]);
});

test("lines of requests that run at once are not mixed up", async () => {
  const guest = await town.startVal(`export default async (request: Request) => {
    await new Promise((go) => setTimeout(go, Math.random() * 20));
    console.log(request.headers.get("x-hamlet-trace"));
    return new Response();
  }`);
  const traces = Array.from({ length: 20 }, (_, i) => i.toString(16).padStart(32, "0"));
  const visitors = await Promise.all(traces.map(() => guest.connect()));
  visitors.forEach((visitor, i) => {
    visitor.write(`GET / HTTP/1.1\r\nhost: a\r\nx-hamlet-trace: ${traces[i]}\r\n\r\n`);
  });
  await Promise.all(visitors.map((visitor) => visitor.readResponse()));
  await settle(guest);
  expect(guest.logs.length).toBe(20);
  for (const { text, trace } of guest.logs) expect(trace).toBe(text);
});

describe("lines just before the end come out", () => {
  const ends: readonly [title: string, code: string][] = [
    ["an endless loop", "for (;;);"],
    ["Deno.exit", "Deno.exit(3)"],
    ["process.exit", "process.exit(3)"],
    ["a crash", "const all = []; for (;;) all.push(new Array(1e6).fill(1.5));"],
  ];
  for (const [title, code] of ends) {
    test(`before ${title}`, async () => {
      const guest = await town.startVal(
        `export default () => { for (let i = 0; i < 50; i++) console.log("line", i); ${code} }`,
      );
      await using _visitor = await guest.open();
      await guest.log("line 49");
      expect(texts(guest)).toEqual(Array.from({ length: 50 }, (_, i) => `line ${i}`));
      guest.confined.kill();
    });
  }

  test("before Deno.exit, also those that were being gathered", async () => {
    const guest = await town.startVal(
      "export default () => { for (let i = 0; i < 900; i++) console.log(i); Deno.exit() }",
    );
    await using _visitor = await guest.open();
    await guest.confined.exited;
    await guest.log("899");
    expect(guest.logs.length).toBe(900);
  });
});

test("a thousand lines in one tick are not a thousand system calls", async () => {
  const guest = await town.startVal(`export default (request: Request) => {
    if (request.url.endsWith("/log")) for (let i = 0; i < 1000; i++) console.log(i);
    return new Response(String(Deno.pid));
  }`);
  const pid = (await guest.get()).bodyText;
  const writes = () => Number(/syscw: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);
  const before = writes();
  await guest.get("/log");
  await guest.log("999");
  expect(guest.logs.length).toBe(1000);
  expect(writes() - before).toBeLessThan(500);
});

describe("limits", () => {
  const FLOOD = `export default () => { for (let i = 0; i < 500; i++) console.log("x".repeat(100), i); return new Response(); }`;
  const sizes: readonly [what: string, lines: number, bytes: number, kept: number][] = [
    ["lines", 20, 2 ** 20, 20],
    ["characters", 1000, 1050, 10],
  ];
  for (const [what, lines, bytes, kept] of sizes) {
    test(`more ${what} than allowed in a second are counted, and told in one line`, async () => {
      const guest = await town.startGuest(lines, bytes);
      guest.claim(FLOOD);
      await guest.get();
      const { level, text } = await guest.log("lines dropped");
      expect([level, Number.parseInt(text, 10)]).toEqual(["warn", 500 - kept]);
      expect(guest.logs.length).toBe(kept + 1);
      await guest.get();
      const shown = () => texts(guest).filter((line) => line.startsWith("x")).length;
      await guest.until(() => (shown() > kept ? true : undefined), "line of the next second");
    });
  }

  test("a huge line is cut, and says so", async () => {
    const guest = await town.startVal(
      `export default () => { console.log("\\u0001".repeat(5_000_000)); return new Response(); }`,
    );
    await guest.get();
    const { text } = await guest.log("more characters");
    expect(text.length).toBeLessThan(40_000);
    expect(text).toEndWith("… (4967232 more characters)");
  });
});

test("what the val writes itself is not mistaken for a report, nor does it swallow one", async () => {
  const guest = await town.startVal(`export default () => {
    const write = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(text));
    write("half a line");
    console.log("a report");
    write(" and the rest\\n");
    write('00000000000000000000000000000000 {"kind":"failed","message":"forged"}\\n');
    return new Response();
  }`);
  await guest.get();
  await guest.until(() => (guest.lines.length >= 2 ? true : undefined), "two lines");
  expect(guest.lines).toEqual([
    "half a line and the rest",
    '00000000000000000000000000000000 {"kind":"failed","message":"forged"}',
  ]);
  expect(texts(guest)).toEqual(["a report"]);
  expect(guest.reports.some(({ kind }) => kind === "failed")).toBe(false);
});
