/** What the clock starts, inside the worker. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startSandbox, type TestSandbox, TRACE } from "./support/guest.ts";

let town: TestSandbox;
beforeAll(async () => {
  town = await startSandbox();
});
afterAll(() => town[Symbol.asyncDispose]());

const byTheClock = (files: string | Record<string, string>, lastRunAt: number | null = null) =>
  town.startRun(files, { trigger: "interval", body: JSON.stringify({ lastRunAt }) });

/** How it went, and what it wrote. */
async function run(files: string | Record<string, string>, lastRunAt: number | null = null) {
  const guest = await byTheClock(files, lastRunAt);
  const { outcome, trace } = await guest.report("ended");
  expect(trace).toBe(TRACE);
  guest.confined.kill();
  return { outcome, logs: guest.logs, texts: guest.logs.map(({ text }) => text), nonce: guest.nonce };
}

describe("which export the clock calls", () => {
  const cases: readonly [title: string, source: string][] = [
    ["the default one", "export default function () { console.log('called'); } export const other = 1;"],
    ["the only one, whatever its name", "export const anything = () => console.log('called');"],
    ["an asynchronous one", "export default async () => { await 0; console.log('called'); };"],
    ["one that is bound", "export default console.log.bind(null, 'called');"],
  ];
  for (const [title, source] of cases) {
    test(title, async () => {
      const { outcome, texts } = await run(source);
      expect(outcome).toEqual({ ok: true });
      expect(texts.join()).toStartWith("called");
    });
  }

  const EXAMPLE = "export default (interval: Interval) => …";
  const failures: readonly [title: string, source: string, message: string][] = [
    ["none", "console.log(1)", `This file exports nothing. Export its handler: ${EXAMPLE}`],
    ["several", "export const a = 1; export const b = 2;", "none of them is the default"],
    ["a string", "export default 'hi'", 'The export "default" is a string'],
    ["an object, fetch or not", "export default { fetch() {} }", 'The export "default" is an object.'],
    ["a generator", "export function* a() { throw 1; }", "is a generator function"],
    ["an asynchronous generator", "export default async function* () {}", "is a generator function"],
    ["an error at import", "\nthrow new Error('boom at import')", "boom at import"],
    ["a missing module", "import './nowhere.ts'; export default () => {}", "nowhere.ts"],
  ];
  for (const [title, source, message] of failures) {
    test(`${title} is told as the run's failure`, async () => {
      const { outcome, logs } = await run(source);
      expect(outcome.ok).toBe(false);
      if (!outcome.ok) expect(outcome.error.message).toContain(message);
      const told = logs.find(({ level }) => level === "error")!;
      expect(told.trace).toBe(TRACE);
      expect(told.text).toContain(message);
      expect(told.text).not.toContain("/guest/");
    });
  }
});

test("a mail's handler is looked for likewise, and told of as its own", async () => {
  const mail = {
    trigger: "email",
    type: "message/rfc822",
    body: "From: ann@a.example\r\n\r\nhi\r\n",
  } as const;
  const outcomes: unknown[] = [];
  for (const source of [
    "export const f = (email: Email) => console.log(email.from);",
    "console.log(1);",
    "export default 5;",
    "export const a = 1, b = 2;",
  ]) {
    const guest = await town.startRun(source, mail);
    const { outcome } = await guest.report("ended");
    outcomes.push(outcome.ok ? guest.logs.map(({ text }) => text) : outcome.error.message);
    guest.confined.kill();
  }
  const example = "export default (email: Email) => …";
  expect(outcomes).toEqual([
    ["ann@a.example"],
    `This file exports nothing. Export its handler: ${example}`,
    `The export "default" is a number. What a mail starts is a function: ${example}`,
    `This file has several exports and none of them is the default. Export its handler as default: ${example}`,
  ]);
});

test("nothing of the val runs before it is called, and what its module writes belongs to the run", async () => {
  const guest = await town.startGuest();
  guest.claim("console.log('module'); export default () => {};", {}, "interval");
  await guest.report("loaded");
  guest.send({ kind: "ping", id: 1 });
  await guest.report("pong");
  expect(guest.logs).toEqual([]);
  expect((await guest.start("{}")).status).toBe(202);
  await guest.report("ended");
  expect(guest.logs).toMatchObject([{ text: "module", trace: TRACE }]);
});

test("the handler is told when it ran before, as a date, and the first time nothing", async () => {
  const source = `export default (interval: Interval) => console.log(Object.keys(interval).join(),
    interval.lastRunAt instanceof Date, interval.lastRunAt?.toISOString());`;
  expect((await run(source, Date.UTC(2024, 1, 29, 12))).texts).toEqual([
    "lastRunAt true 2024-02-29T12:00:00.000Z",
  ]);
  expect((await run(source)).texts).toEqual(["lastRunAt false undefined"]);
});

test("it has ended when what it awaits has, what it returns is nobody's business", async () => {
  const { outcome, texts } = await run(`export default async () => {
    await new Promise((go) => setTimeout(go, 30));
    console.log("after");
    return { then: undefined, huge: "x".repeat(1000) };
  };`);
  expect([outcome, texts]).toEqual([{ ok: true }, ["after"]]);
});

describe("a handler that fails", () => {
  const cases: readonly [title: string, body: string, message: string][] = [
    ["throws", 'throw new RangeError("sync boom");', "sync boom"],
    ["rejects", 'return Promise.reject(new TypeError("async boom"));', "async boom"],
    ["throws a text", 'throw "just text";', "just text"],
    [
      "returns what throws when it is awaited",
      'return { get then() { throw new Error("odd boom"); } };',
      "odd boom",
    ],
  ];
  for (const [title, body, message] of cases) {
    test(`one that ${title} is logged under the run, and reported`, async () => {
      const { outcome, logs } = await run(`export default () => {\n  ${body}\n};`);
      expect(outcome).toMatchObject({ ok: false, error: { message: expect.stringContaining(message) } });
      expect(logs).toMatchObject([{ level: "error", trace: TRACE }]);
      expect(logs[0]!.text).toContain("Uncaught");
      if (!body.includes('"just')) expect(logs[0]!.text).toContain("main.ts:2:");
    });
  }

  test("a body that is none is the run's failure too", async () => {
    const guest = await town.startRun("export default () => console.log('called')", {
      ...{ trigger: "interval", body: "{" },
    });
    expect(await guest.report("ended")).toMatchObject({ trace: TRACE, outcome: { ok: false } });
    expect(guest.logs.some(({ text }) => text.includes("called"))).toBe(false);
  });
});

test("a val that breaks what it can reach is reported as ever, and finds its date", async () => {
  const { outcome, texts } = await run(
    `
    const { log } = console;
    Promise.prototype.then = Promise.prototype.constructor = () => { throw 1; };
    JSON.parse = JSON.stringify = () => { throw 1; };
    String.prototype.slice = String.prototype.indexOf = Object.prototype.isPrototypeOf = () => { throw 1; };
    Object.keys = Reflect.ownKeys = () => { throw 1; };
    Array.prototype[Symbol.iterator] = () => { throw 1; };
    globalThis.Date = globalThis.Response = class { constructor() { throw 1; } };
    Object.prototype.kind = "drain"; Object.prototype.ok = false;
    export default ({ lastRunAt }) => { log("ran " + lastRunAt.getTime()); };`,
    5,
  );
  expect([outcome, texts]).toEqual([{ ok: true }, ["ran 5"]]);
});
