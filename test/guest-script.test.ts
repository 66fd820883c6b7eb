/** What a script's default export looks like, and that no value can be too much for those who look at it. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Outcome } from "../src/wire/control.ts";
import { startSandbox, type TestSandbox, TRACE } from "./support/guest.ts";

const DENO = join(import.meta.dir, "../node_modules/deno/deno");

let town: TestSandbox;
beforeAll(async () => {
  town = await startSandbox();
});
afterAll(() => town[Symbol.asyncDispose]());

const start = (source: string) => town.startRun(source, { trigger: "script", body: "" });

async function outcomeOf(source: string): Promise<Outcome> {
  const guest = await start(source);
  const { outcome, trace } = await guest.report("ended");
  expect(trace).toBe(TRACE);
  guest.confined.kill();
  return outcome;
}

/** What is shown of the default export of each module, by the guest's own code in one Deno. */
async function showAll(sources: readonly string[]): Promise<string[]> {
  const program = `
    import { show } from ${JSON.stringify(`file://${join(import.meta.dir, "../src/guest/show.ts")}`)};
    const shown = [];
    for (const source of await new Response(Deno.stdin.readable).json()) {
      const module = await import("data:text/javascript," + encodeURIComponent(source));
      shown.push("default" in module ? show(module.default).slice(0, 1000) : "nothing");
    }
    console.log(JSON.stringify(shown));`;
  const child = Bun.spawn(
    [DENO, "run", "--no-config", `data:text/javascript,${encodeURIComponent(program)}`],
    {
      stdin: new Blob([JSON.stringify(sources)]),
      stdout: "pipe",
    },
  );
  return JSON.parse(await child.stdout.text());
}

describe("the default export is shown, if it is", () => {
  const cases: readonly [title: string, source: string, text: string | RegExp][] = [
    ["nothing at all", "export const other = 1;", "nothing"],
    ["undefined", "export default undefined", "undefined"],
    [
      "a Map in a Map, with a Set",
      "export default new Map([[{ a: 1 }, new Set([1, [2]])]])",
      "Map(1) { { a: 1 } => Set(2) { 1, [ 2 ] } }",
    ],
    [
      "a date, also one that is none",
      "export default [new Date(0), new Date('x')]",
      "[ 1970-01-01T00:00:00.000Z, Invalid Date ]",
    ],
    [
      "an instance, of which no accessor is called",
      "class Point { #secret = 1; x = 1; get y() { throw 1; } } export default [new Point(), { get z() { throw 1; } }]",
      "[ Point { x: 1 }, { z: [Getter] } ]",
    ],
    ["a class or a function", "export default [class A {}, function b() {}]", "[ [class A], [Function: b] ]"],
    [
      "a typed array of 50 MB",
      "export default new Uint8Array(50_000_000)",
      /^Uint8Array\(50000000\) \[\n {2}0, 0,.*more items\n\]$/s,
    ],
    [
      "an error with its cause",
      "export default new RangeError('x', { cause: new Error('c') })",
      /^RangeError: x\n.*:1:16.*\[cause\]: Error: c/s,
    ],
    [
      "a symbol, a bigint",
      "export default [Symbol('a'), 10n ** 20n]",
      "[ Symbol(a), 100000000000000000000n ]",
    ],
    [
      "a promise that is kept, or never",
      "export default [Promise.resolve(1), new Promise(() => {})]",
      "[ Promise { 1 }, Promise { <pending> } ]",
    ],
    [
      "what has itself in it",
      "const m = new Map(); m.set('me', m); export default m",
      '<ref *1> Map(1) { "me" => [Circular *1] }',
    ],
    [
      "without a prototype",
      "export default Object.assign(Object.create(null), { a: 1 })",
      "[Object: null prototype] { a: 1 }",
    ],
    [
      "a proxy that throws at everything",
      "export default new Proxy({ a: 1 }, { get() { throw 1; }, ownKeys() { throw 1; }, getOwnPropertyDescriptor() { throw 1; } })",
      "{ a: 1 }",
    ],
    [
      "a proxy that is revoked",
      "const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); export default proxy",
      "a value that cannot be shown",
    ],
    [
      "something that throws when it is shown",
      "export default { [Symbol.for('Deno.customInspect')]() { throw 1; } }",
      "a value that cannot be shown",
    ],
    [
      "nested deeper than anyone reads",
      "let v = {}; for (let i = 0; i < 100_000; i++) v = { v }; export default v",
      /^\{\n.*\[Object\]/s,
    ],
  ];
  let values: string[];
  beforeAll(async () => {
    values = await showAll([...cases, ...large].map(([, source]) => source));
  }, 60_000);
  for (const [at, [title, , text]] of cases.entries()) {
    test(title, () => {
      const value = values[at]!;
      if (typeof text === "string") expect(value).toBe(text);
      else expect(value).toMatch(text);
    });
  }

  const large: readonly [title: string, source: string, start: string][] = [
    ["a text of 50 MB", "export default 'x'.repeat(50_000_000)", '"xxx'],
    [
      "half a million texts",
      "export default Array.from({ length: 500_000 }, (_, i) => 'value' + i)",
      '[\n  "value0"',
    ],
    [
      "an object with 300,000 properties",
      "export default Object.fromEntries(Array.from({ length: 300_000 }, (_, i) => ['k' + i, i]))",
      "an object with too many properties to be shown",
    ],
    [
      "a hundred times a hundred times… of the same",
      "let v = 1; for (let i = 0; i < 6; i++) { const w = v; v = Array.from({ length: 100 }, () => w); } export default v",
      "[\n  [\n    [Array]",
    ],
    [
      "maps in maps in maps",
      "let v = new Map(); for (let i = 0; i < 6; i++) { const w = v; v = new Map(Array.from({ length: 100 }, (_, j) => [j, w])); } export default v",
      "Map(100) {\n  0 => Map(100)",
    ],
    [
      "what shows itself as 100 MB",
      "export default { [Symbol.for('Deno.customInspect')]() { return 'y'.repeat(1e8); } }",
      "yyy",
    ],
  ];
  for (const [at, [title, , start]] of large.entries()) {
    test(`${title}: the beginning`, () => {
      const value = values[cases.length + at]!;
      expect(value.slice(0, start.length)).toBe(start);
    });
  }
});

test("a value of 50 MB is reported as its first 32 KB", async () => {
  const outcome = await outcomeOf("export default 'x'.repeat(50_000_000)");
  expect([outcome.ok && outcome.value?.slice(0, 4), outcome.ok && outcome.value!.length < 34_000]).toEqual([
    '"xxx',
    true,
  ]);
});

test("whatever is thrown has a name, a message and a stack, as far as it has any", async () => {
  const error = async (thrown: string) => {
    const outcome = await outcomeOf(`throw ${thrown};`);
    return outcome.ok ? undefined : outcome.error;
  };
  expect(await error("new TypeError('no')")).toMatchObject({
    name: "TypeError",
    message: "no",
    stack: expect.stringContaining("main.ts:1:7"),
  });
  expect(await error("'just text'")).toEqual({ name: "", message: '"just text"', stack: "just text" });
  expect(await error("null")).toEqual({ name: "", message: "null", stack: "null" });
  expect((await error("{ get name() { throw 1; }, get message() { throw 2; } }"))?.name).toBe("");
  expect((await error("new Error('x'.repeat(10_000_000))"))?.message.length).toBeLessThan(5000);
});

test("a run ends when its module and what it gave to waitUntil have ended, failed or not; nothing else is awaited", async () => {
  const guest = await start(`
    const keep = globalThis[Symbol.for("hamlet.waitUntil")];
    const later = (ms, text) => new Promise((go) => setTimeout(go, ms)).then(() => console.log(text));
    keep(later(150, "kept").then(() => keep(later(50, "kept by what was kept"))));
    keep(Promise.reject(new RangeError("kept, but failed")));
    later(60_000, "never");
    console.log("evaluated");
    export default 1;`);
  const { outcome } = await guest.report("ended");
  expect(outcome).toEqual({ ok: true, value: "1" });
  expect(guest.logs.map(({ text, trace }) => [text.split("\n")[0]!, trace])).toEqual([
    ["evaluated", TRACE],
    ["Uncaught (in waitUntil) RangeError: kept, but failed", TRACE],
    ["kept", TRACE],
    ["kept by what was kept", TRACE],
  ]);
  const failing = await start(`
    globalThis[Symbol.for("hamlet.waitUntil")](new Promise((go) => setTimeout(go, 100)).then(() => console.log("kept")));
    throw new Error("early");`);
  expect((await failing.report("ended")).outcome.ok).toBe(false);
  expect(failing.logs.map(({ text }) => text.split("\n")[0])).toEqual(["Uncaught Error: early", "kept"]);
});
