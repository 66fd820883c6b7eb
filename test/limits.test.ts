/** What a val may use, and what happens when it takes more: it is stopped, its author is told, nobody else notices. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { answersAgain, expectNoInsides, toName } from "./support/aftermath.ts";
import { type Neighbour, startNeighbour } from "./support/neighbour.ts";
import { startHamlet, type TestHamlet } from "./support/server.ts";
import { logLine } from "./support/val-logs.ts";

const FLAGS = ["--memory", "192MB", "--max-workers-per-val", "1", "--hang-timeout", "2s", "--grace", "1s"];
const MISBEHAVE = readFileSync(join(import.meta.dir, "vals/misbehave.ts"), "utf8");

let hamlet: TestHamlet;
let neighbour: Neighbour;

beforeAll(async () => {
  hamlet = await startHamlet({ args: FLAGS });
  neighbour = await startNeighbour(hamlet);
}, 60_000);

afterAll(async () => {
  await hamlet?.[Symbol.asyncDispose]();
}, 60_000);

const COMPUTED = /computed for 2 s without returning to its event loop/;
const MEMORY = /of memory/;

/** What is asked for, the visitor's answer, what the author reads. */
const CASES: readonly [title: string, path: string, status: number, code: string, log: RegExp][] = [
  ["computes without end", "/compute", 502, "val_died", COMPUTED],
  ["awaits settled promises without end", "/microtasks", 502, "val_died", COMPUTED],
  ["matches an expression without end", "/expression", 502, "val_died", COMPUTED],
  ["blocks its event loop", "/block", 502, "val_died", /blocked its event loop for 6 s/],
  ["fills the heap", "/heap", 502, "val_died", MEMORY],
  ["fills the memory with buffers", "/buffers", 502, "val_died", MEMORY],
  ["fills the memory slowly", "/slowly", 502, "val_died", MEMORY],
  ["starts threads in a loop", "/threads", 502, "val_died", /The val was stopped|The val's process/],
  ["exits", "/exit", 502, "val_died", /exited with code 3/],
  ["aborts", "/abort", 502, "val_died", /The val's process (was ended|exited)/],
  [
    "throws",
    "/throw",
    500,
    "val_threw",
    /Error: on purpose\n\s+at Object.\/throw \(\S*main\.http\.ts:\d+:\d+\)/,
  ],
  ["throws what is no error", "/throw-null", 500, "val_threw", /null/],
  ["answers with what is no Response", "/text", 500, "val_threw", /must be a response/],
  ["answers with ten thousand headers", "/headers", 502, "bad_response", /headers/],
];

describe("a val that", () => {
  for (const [title, path, status, code, log] of CASES) {
    test(`${title} is stopped, its author is told why, its next request works, nobody else notices`, async () => {
      const val = await hamlet.val(toName(path), MISBEHAVE);
      const watch = await neighbour.watch();
      const answer = await hamlet.fetch(val, path);
      const text = await answer.text();
      expect({ status: answer.status, code: answer.headers.get("x-hamlet-error") }).toEqual({ status, code });
      expectNoInsides(text);
      await answersAgain(hamlet, val);
      await watch.expectUntouched();
      const trace = answer.headers.get("x-hamlet-trace");
      expect([trace, ""]).toContain((await logLine(hamlet, val, log)).traceId);
    }, 30_000);
  }

  test("answers with more headers than its runtime can hold hurts only itself", async () => {
    const val = await hamlet.val("too-many-headers", MISBEHAVE);
    const watch = await neighbour.watch();
    const answer = await hamlet.fetch(val, "/too-many-headers");
    // Deno itself fails at it, at once or by standing still.
    expect(answer.headers.get("x-hamlet-error")).toBe("val_died");
    await answersAgain(hamlet, val);
    await watch.expectUntouched();
  }, 30_000);

  test("throws or rejects after it answered goes on serving, and its author reads both", async () => {
    const val = await hamlet.val("later", MISBEHAVE);
    expect(await (await hamlet.fetch(val, "/later")).text()).toBe("for now");
    expect(await (await hamlet.fetch(val)).text()).toBe("fine");
    const line = String.raw`[\s\S]*main\.http\.ts:\d+:\d+`;
    await logLine(hamlet, val, new RegExp(`Uncaught Error: thrown later${line}`));
    await logLine(hamlet, val, new RegExp(`Uncaught \\(in promise\\) Error: rejected later${line}`));
  });
});

describe("a val that logs", () => {
  const FLOODS = [
    [
      "many lines",
      "/flood",
      /^(\d+) lines dropped: a val may log 1000 lines and 1048576 characters a second/,
    ],
    [
      "long lines",
      "/long-lines",
      /^(\d+) lines dropped: a val may log 1000 lines and 1048576 characters a second/,
    ],
    ["past the console", "/print", /^(\d+) lines dropped: too many in one second/],
  ] as const;
  for (const [title, path, dropped] of FLOODS) {
    test(`${title} goes on, and its log says how many lines were dropped`, async () => {
      const val = await hamlet.val(toName(path), MISBEHAVE);
      const watch = await neighbour.watch();
      expect(await (await hamlet.fetch(val, path)).text()).toBe("flooded");
      expect(await (await hamlet.fetch(val)).text()).toBe("fine");
      await watch.expectUntouched();
      const { text } = await logLine(hamlet, val, dropped);
      expect(Number(dropped.exec(text)![1])).toBeGreaterThan(0);
    }, 30_000);
  }
});

describe("a val that fails in the middle of its answer", () => {
  const ENDS = [
    ["exits", "/stream-then-die", /exited with code 5/],
    ["computes without end", "/stream-then-compute", COMPUTED],
    ["throws", "/stream-then-throw", /thrown while streaming/],
  ] as const;
  for (const [title, path, log] of ENDS) {
    test(`as it ${title}: the bytes that it sent arrive, then an unclean end`, async () => {
      const val = await hamlet.val(toName(path), MISBEHAVE);
      await using connection = await hamlet.connect();
      await connection.write(`GET ${path} HTTP/1.1\r\nHost: ${val.host}\r\n\r\n`);
      expect((await connection.readHead()).status).toBe(200);
      expect(Buffer.from((await connection.readChunk())!).toString()).toBe("the first bytes");
      // Without a last chunk of size 0 the body is known to be cut off (RFC 9112 §8).
      expect(Buffer.from(await connection.readToEnd()).toString()).not.toContain("\r\n0\r\n");
      await answersAgain(hamlet, val);
      await logLine(hamlet, val, log);
    }, 30_000);
  }
});

describe("a val that does not answer in time", () => {
  let hasty: TestHamlet;

  beforeAll(async () => {
    hasty = await startHamlet({ args: ["--first-byte-timeout", "1s", "--grace", "1s"] });
  }, 60_000);

  afterAll(async () => {
    await hasty?.[Symbol.asyncDispose]();
  }, 60_000);

  for (const [title, path] of [
    ["waits for ever", "/never"],
    ["sends only an interim status", "/interim"],
  ] as const) {
    test(`as it ${title}: the visitor is told, the author too, and the val goes on`, async () => {
      const val = await hasty.val(toName(path), MISBEHAVE);
      const answer = await hasty.fetch(val, path);
      expect(answer.status).toBe(504);
      expect(answer.headers.get("x-hamlet-error")).toBe("no_answer");
      expectNoInsides(await answer.text());
      await answersAgain(hasty, val);
      const { traceId } = await logLine(hasty, val, /No answer within 1000 ms/);
      expect(traceId).toBe(answer.headers.get("x-hamlet-trace")!);
    }, 30_000);
  }
});
