/** What the clock starts, from the save to the end of its run: real builds, real workers. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Started } from "../src/starts.ts";
import { makeStarts, type StartTown } from "./support/starts.ts";

let town: StartTown;
beforeAll(async () => {
  town = await makeStarts({ timeMs: 1500 });
});
afterAll(() => town?.[Symbol.asyncDispose]());
// One file at a time: each save builds all that the val has.
afterEach(async () => {
  await town.t.store.files.remove({ valId: town.t.valId }, "", true);
  await town.deployer.saved(town.t.valId, town.t.branchId);
});

function ran(started: Started) {
  if (started.kind !== "ran") throw new Error(`It was ${JSON.stringify(started)}`);
  return started.finished;
}

const SAYS = (what: string) => `export default () => console.log("${what}");`;

describe("which build is started", () => {
  test("the newest good one, on record as what has started it", async () => {
    const id = await town.save("a.ts", SAYS("one"));
    const { outcome, error, trace } = ran(await town.start(id));
    expect([outcome, error, town.texts(trace)]).toEqual([{ ok: true }, undefined, ["one"]]);
    const run = town.runs.find((one) => one.trace === trace)!;
    expect(run).toMatchObject({ kind: "interval", method: "CRON", error: undefined, aborted: false });
    expect(run.deployment).toMatchObject({ trigger: "interval", once: trace, version: 1 });
    await town.save("a.ts", SAYS("two"));
    expect(town.texts(ran(await town.start(id)).trace)).toEqual(["two"]);
  });

  test("the last good one, when a newer one failed", async () => {
    const id = await town.save("a.ts", SAYS("good"));
    await town.save("a.ts", "export default () => {");
    expect(town.texts(ran(await town.start(id)).trace)).toEqual(["good"]);
  });

  test("the first one, when it is still under way, or was never made", async () => {
    const id = await town.save("a.ts", SAYS("first"), "interval", false);
    const waits: boolean[] = [];
    const building = (is: boolean) => waits.push(is);
    expect(town.texts(ran(await town.start(id, { building })).trace)).toEqual(["first"]);
    expect(waits).toEqual([true, false]);
    const { store, valId } = town.t;
    const never = { path: "b.ts", type: "interval", content: SAYS("never") } as const;
    const { file } = await store.files.create({ valId }, never);
    expect(town.texts(ran(await town.start(file.id)).trace)).toEqual(["never"]);
  });

  test("none, when there is no good one: the author is told what is wrong", async () => {
    const id = await town.save("a.ts", "export default () => {");
    let begun = false;
    const started = await town.start(id, { begun: async () => (begun = true) });
    expect([started.kind, begun]).toEqual(["unbuilt", false]);
    const { message, trace } = started as Extract<Started, { kind: "unbuilt" }>;
    expect(message).toMatch(/^It was not started: version \d+ could not be built: Unexpected end of file/);
    expect(town.notes.at(-1)).toEqual({ text: message, trace, trigger: "interval" });
  });

  test("none, when it was Hamlet that failed to build it: it may be tried again, and nobody is told", async () => {
    const notes = town.notes.length;
    town.failing = true;
    const id = await town.save("a.ts", SAYS("later"), "interval", false);
    // Those who save see it; here it is what the first start meets.
    const started = await town.start(id);
    town.failing = false;
    expect(started).toMatchObject({ kind: "refused", error: { code: "internal" } });
    expect(town.notes.length).toBe(notes);
    expect(town.texts(ran(await town.start(id)).trace)).toEqual(["later"]);
  });

  test("none of a file that is deleted, of another type, or nobody's", async () => {
    const id = await town.save("a.ts", SAYS("a"));
    expect((await town.start(id, { kind: "email" })).kind).toBe("gone");
    await town.save("a.ts", SAYS("a"), "script");
    expect((await town.start(id)).kind).toBe("gone");
    await town.t.store.files.remove({ valId: town.t.valId }, "a.ts", false);
    expect((await town.start(id)).kind).toBe("gone");
    expect((await town.start(town.t.valId)).kind).toBe("gone");
  });
});

describe("the beginning of a run", () => {
  test("is told before anything of the val has run, with its trace", async () => {
    const id = await town.save("a.ts", `console.log("module"); ${SAYS("handler")}`);
    let seen: unknown;
    const begun = async (trace: string) => {
      // Whatever it could have written meanwhile would be here.
      await Bun.sleep(50);
      seen = [trace, town.texts(trace)];
      return true;
    };
    const { trace } = ran(await town.start(id, { begun }));
    expect(seen).toEqual([trace, []]);
    expect(town.texts(trace)).toEqual(["module", "handler"]);
  });

  test("may be refused: then nothing is delivered, and the worker goes", async () => {
    const id = await town.save("a.ts", SAYS("never"));
    const body = () => {
      throw new Error("nobody asks for it");
    };
    const before = town.lines.length;
    expect(await town.start(id, { begun: async () => false, body })).toEqual({ kind: "refused" });
    const begun = () => Promise.reject(new Error("the store is gone"));
    expect(await town.start(id, { begun, body })).toMatchObject({
      kind: "refused",
      error: { code: "internal" },
    });
    const gone = { kind: "refused" } as const;
    expect(await town.start(id, { signal: AbortSignal.abort(), body })).toEqual(gone);
    await town.idle();
    expect(town.lines.length).toBe(before);
  });

  test("is not, when there is no room", async () => {
    await using full = await makeStarts({ inFlightPerVal: 0 });
    const id = await full.save("a.ts", SAYS("a"));
    let begun = false;
    const started = await full.start(id, { begun: async () => (begun = true) });
    expect(started).toMatchObject({ kind: "refused", error: { code: "overloaded" } });
    expect(begun).toBe(false);
  });

  test("brings what it is given, as a text or piece by piece", async () => {
    const id = await town.save(
      "a.ts",
      "export default (i: Interval) => console.log(i.lastRunAt?.getTime());",
    );
    const pieces = ['{"lastRunAt":', " ".repeat(2_000_000), "5}"];
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        const piece = pieces.shift();
        if (piece === undefined) controller.close();
        else controller.enqueue(new TextEncoder().encode(piece));
      },
    });
    const given = ['{"lastRunAt":4}', stream, "{}"] as const;
    const texts: string[][] = [];
    for (const one of given) texts.push(town.texts(ran(await town.start(id, { body: () => one })).trace));
    expect(texts).toEqual([["4"], ["5"], ["undefined"]]);
  });

  test("brings a mail to an email file, as it is read from the disk", async () => {
    const id = await town.save(
      "mail.ts",
      "export default ({ from, text }: Email) => console.log(from, text?.trim());",
      "email",
    );
    const path = join(town.t.folder, "a.eml");
    await Bun.write(path, `From: ann@a.example\r\nSubject: s\r\n\r\n${"long ".repeat(20_000)}\r\n`);
    const mail = { kind: "email", contentType: "message/rfc822", body: () => Bun.file(path) } as const;
    const { outcome, trace } = ran(await town.start(id, mail));
    expect(outcome).toEqual({ ok: true });
    expect(town.texts(trace)[0]).toStartWith("ann@a.example long long");
    expect(town.runs.at(-1)).toMatchObject({ trace, kind: "email", method: "EMAIL" });
  });

  test("that cannot bring it has failed", async () => {
    const id = await town.save("a.ts", SAYS("a"));
    const body = () => Promise.reject(new Error("the mail is lost"));
    const { outcome, error, trace } = ran(await town.start(id, { body }));
    expect([outcome, error]).toMatchObject([
      { ok: false, error: { message: "the mail is lost" } },
      "internal",
    ]);
    expect(town.texts(trace)).toEqual([]);
  });
});

describe("the end of a run", () => {
  const cases: readonly [title: string, source: string, error: string, message: RegExp][] = [
    ["throws", "export default () => { throw new RangeError('boom'); }", "val_threw", /^boom$/],
    ["never ends", "export default () => new Promise(() => {})", "time_limit", /after 1.5 s/],
    ["never lets go", "export default () => { for (;;); }", "time_limit", /after 1.5 s/],
    ["ends its process", "export default () => Deno.exit(3)", "val_died", /exited with code 3/],
    ["ends its process well", "export default () => Deno.exit(0)", "val_died", /exited/],
    ["has no handler", "export default 5", "val_threw", /is a number/],
    [
      "allocates without end",
      "export default () => { const all = []; for (;;) all.push(new Uint8Array(8_000_000).fill(1)); }",
      "val_died",
      /memory/,
    ],
  ];
  for (const [title, source, code, message] of cases) {
    test(`of a handler that ${title} is a failure, and the next one is run`, async () => {
      const id = await town.save("a.ts", source);
      const { outcome, error, trace } = ran(await town.start(id));
      expect([outcome.ok, error]).toEqual([false, code as never]);
      if (!outcome.ok) expect(outcome.error.message).toMatch(message);
      const noted = town.notes.filter((one) => one.trace === trace);
      expect(noted.map(({ trigger }) => trigger)).toEqual(code === "time_limit" ? ["interval"] : []);
      await town.save("a.ts", SAYS("well"));
      expect(ran(await town.start(id)).outcome).toEqual({ ok: true });
    }, 30_000);
  }

  test("is the end of what it did not wait for", async () => {
    const id = await town.save(
      "a.ts",
      `export default () => { setInterval(() => console.log("late"), 100); setTimeout(() => { throw 1; }); };`,
    );
    const { outcome, trace } = ran(await town.start(id));
    expect(outcome).toEqual({ ok: true });
    await town.idle();
    expect(town.texts(trace)).not.toContain("late");
  });

  test("comes when its file is deleted or its val, and when nobody wants it any more", async () => {
    const WAITS = `export default () => { console.log("waits"); return new Promise(() => {}); };`;
    const { store, valId, branchId } = town.t;
    const stops: (() => Promise<unknown>)[] = [
      () => store.files.remove({ valId }, "a.ts", false).then(() => town.deployer.saved(valId, branchId)),
      async () => town.starts.gone({ valId }),
      () => town.deployer.removed(valId, branchId),
    ];
    for (const stop of stops) {
      town.lines.length = 0;
      const started = town.start(await town.save("a.ts", WAITS));
      await town.line("waits");
      // Of a branch of which it is not.
      await town.deployer.removed(valId, Bun.randomUUIDv7());
      expect(town.starts.needed()).toHaveLength(1);
      await stop();
      expect(ran(await started)).toMatchObject({ outcome: { ok: false }, error: undefined });
      expect(town.starts.needed()).toEqual([]);
    }
    const leave = new AbortController();
    town.lines.length = 0;
    const started = town.start(await town.save("a.ts", WAITS), { signal: leave.signal });
    await town.line("waits");
    leave.abort();
    expect(ran(await started).outcome.ok).toBe(false);
    expect(town.runs.at(-1)).toMatchObject({ aborted: true });
  });

  test("is told by nobody but itself: what a run forges counts for that run alone", async () => {
    await using town = await makeStarts();
    const victim = await town.save(
      "victim.ts",
      `export default () => { console.log("victim waits"); return new Promise(() => {}); };`,
    );
    town.lines.length = 0;
    let [other, over] = ["", false];
    const leave = new AbortController();
    const begun = async (trace: string) => {
      other = trace;
      return true;
    };
    const waits = town.start(victim, { begun, signal: leave.signal }).finally(() => {
      over = true;
    });
    await town.line("victim waits");
    const forger = await town.save(
      "forger.ts",
      `import v8 from "node:v8";
       const text = (await Array.fromAsync(v8.getHeapSnapshot())).join("");
       const nonces = new Set(text.match(/\\b[0-9a-f]{32}\\b/g) ?? []);
       export default async (interval: Interval) => {
         const traces = ["${other}", ...nonces];
         for (const trace of traces) for (const nonce of nonces)
           await Deno.stdout.write(new TextEncoder().encode(
             nonce + " " + JSON.stringify({ kind: "ended", trace, outcome: { ok: true, value: "forged" } }) + "\\n"));
         console.log("forged");
       };`,
    );
    expect(ran(await town.start(forger)).outcome.ok).toBe(true);
    expect(over).toBe(false);
    leave.abort();
    expect(ran(await waits).outcome.ok).toBe(false);
  }, 30_000);
});
