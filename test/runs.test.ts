/** Files that are run by hand, and endpoints that are called by hand, in a real town. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

let hamlet: TestHamlet;
let val: TestVal;

const SCRIPTS = {
  "hello.script.ts": `console.log("one"); console.error("two"); export default new Map([["a", [1, 2]]]);`,
  "nothing.ts": `await new Promise((go) => setTimeout(go, 20));`,
  "cyclic.ts": `const a: Record<string, unknown> = { set: new Set([1]), f() {}, big: 1n }; a.self = a; export default a;`,
  "large.ts": `export default "x".repeat(1_000_000);`,
  "throws.ts": `import { fail } from "./fail.ts";\nconsole.log("before");\nfail();`,
  "fail.ts": `export function fail() {\n  throw new RangeError("too far");\n}`,
  "environment.ts": `export default { A: Deno.env.get("A"), entry: Deno.env.get("VALTOWN_ENTRYPOINT"), own: import.meta.url, key: Deno.env.get("VAL_TOWN_API_KEY")?.length };`,
  "slow.ts": `console.log("begun"); await new Promise(() => setInterval(() => {}, 1000));`,
  "keeps.ts": `import { waitUntil } from "https://esm.town/v/std/utils/index.ts";
    waitUntil(new Promise((go) => setTimeout(go, 50)).then(() => { console.log("worked on"); throw new Error("in vain"); }));
    setTimeout(() => console.log("never"), 60_000);
    export default "evaluated";`,
  "keeps-on.ts": `import { waitUntil } from "https://esm.town/v/std/utils/index.ts";
    waitUntil(new Promise(() => setInterval(() => {}, 1000)));`,
  "leaves.ts": `console.log("going"); Deno.exit(3);`,
  "raw.ts": `await Deno.stdout.write(new TextEncoder().encode("raw line\\n")); console.log("after");`,
  "odd.ts": `export default { get [Symbol.toStringTag]() { throw new Error("no"); }, get x() { throw 1; } };`,
  "broken.ts": `import "./missing.ts";`,
  "notes.md": `# no code`,
  "main.http.ts": `export default async (req: Request) => Response.json({ method: req.method, url: req.url, text: await req.text(), a: req.headers.get("a") }, { status: 201, headers: { b: "2" } });`,
  "bytes.http.ts": `export default (req: Request) => new Response(new Uint8Array(req.url.endsWith("big") ? 2_000_000 : 3).fill(255));`,
};

const run = (path: string, more: Record<string, unknown> = {}, signal?: AbortSignal) =>
  hamlet.api(`/v3/vals/${val.id}/run`, { json: { path, ...more }, ...(signal && { signal }) });

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape is what they test
type Answer = any;

async function result(path: string, more: Record<string, unknown> = {}): Promise<Answer> {
  const response = await run(path, more);
  const answer: Answer = await response.json();
  expect([response.status, answer.message]).toEqual([200, undefined]);
  return answer;
}

const json = async (pending: Promise<Response>): Promise<Answer> => (await pending).json();

const texts = ({ logs }: { logs: { text: string }[] }) => logs.map(({ text }) => text);

beforeAll(async () => {
  hamlet = await startHamlet({ args: ["--run-timeout", "1500ms"] });
  val = await hamlet.val("scripts", SCRIPTS);
  await hamlet.api(`/v2/vals/${val.id}/environment_variables`, { json: { key: "A", value: "secret" } });
});
afterAll(() => hamlet?.[Symbol.asyncDispose]());

describe("a script that is run", () => {
  test("answers what it wrote, in order, and its default export as text", async () => {
    const answer = await result("hello.script.ts");
    expect(answer).toMatchObject({ status: "ok", value: 'Map(1) { "a" => [ 1, 2 ] }', droppedLogs: 0 });
    expect(answer.logs.map(({ stream, text }: { stream: string; text: string }) => [stream, text])).toEqual([
      ["stdout", "one"],
      ["stderr", "two"],
    ]);
  });

  test("is awaited to its end, and may export nothing", async () => {
    const { status, value, durationMs } = await result("nothing.ts");
    expect([status, value, durationMs >= 20]).toEqual(["ok", undefined, true]);
  });

  test("shows what is cyclic, large or throws when it is looked at", async () => {
    expect((await result("cyclic.ts")).value).toContain("[Circular *1]");
    const { value } = await result("large.ts");
    expect([value.length < 40_000, value]).toEqual([true, expect.stringContaining("more characters")]);
    expect((await result("odd.ts")).status).toBe("ok");
  });

  test("finds the val's variables, its own address and a token", async () => {
    const { value } = await result("environment.ts");
    const entry = /entry: "([^"]+)"/.exec(value)?.[1];
    expect(entry).toMatch(/^https:\/\/esm\.town\/v\/tester\/scripts@\d+-main\/environment\.ts$/);
    expect(value).toContain(`own: "${entry}"`);
    expect(value).toContain('A: "secret"');
    expect(value).toContain("key: 33");
  });

  test("that throws has failed, with name, message and a stack in its source", async () => {
    const answer = await result("throws.ts");
    expect(answer).toMatchObject({
      status: "failed",
      reason: "val_threw",
      error: { name: "RangeError", message: "too far" },
    });
    expect(answer.error.stack).toMatch(/fail\.ts:2:9/);
    expect(answer.error.stack).not.toContain("file:///");
    expect(texts(answer)).toEqual(["before", expect.stringContaining("Uncaught RangeError: too far")]);
  });

  test("starts anew each time, and several at once", async () => {
    const all = await Promise.all([1, 2, 3].map(() => result("hello.script.ts")));
    expect(all.map(texts)).toEqual([1, 2, 3].map(() => ["one", "two"]));
    expect(new Set(all.map(({ traceId }) => traceId)).size).toBe(3);
  });

  test("that does not end is stopped at the limit of time, with all that it wrote", async () => {
    const answer = await result("slow.ts");
    expect(answer).toMatchObject({ status: "failed", reason: "time_limit" });
    expect(answer.error.message).toContain("1.5 s");
    expect(texts(answer)).toEqual(["begun"]);
  });

  test("ends when what it gave to waitUntil has ended, and not with what it awaits nowhere; failures there are logged", async () => {
    const answer = await result("keeps.ts");
    expect(answer).toMatchObject({ status: "ok", value: '"evaluated"' });
    expect(texts(answer)).toEqual([
      "worked on",
      expect.stringContaining("Uncaught (in waitUntil) Error: in vain"),
    ]);
    expect(answer.durationMs).toBeLessThan(1500);
  });

  test("is stopped at the limit of time too when only waitUntil holds it up", async () => {
    expect(await result("keeps-on.ts")).toMatchObject({ status: "failed", reason: "time_limit" });
  });

  test("is stopped when the caller leaves who waits for the answer", async () => {
    const leave = new AbortController();
    const before = Date.now();
    const asked = run("slow.ts", {}, leave.signal).catch(() => "left");
    const begun = await startedCall(before);
    leave.abort();
    expect(await asked).toBe("left");
    expect(await endedCall(begun)).toMatchObject({ aborted: true, error: null });
  });

  test("that ends its own process has failed, and says how", async () => {
    const answer = await result("leaves.ts");
    expect(answer).toMatchObject({ status: "failed", reason: "val_died" });
    expect(answer.error.message).toContain("exited with code 3");
    expect(texts(answer)[0]).toBe("going");
  });

  test("owns what it writes past the console too", async () => {
    expect(texts(await result("raw.ts")).sort()).toEqual(["after", "raw line"]);
  });

  test("is on record as a trace of kind script, with its lines", async () => {
    const { traceId } = await result("hello.script.ts");
    const call = await json(hamlet.api(`/v3/traces/${traceId}`));
    expect(call.call).toMatchObject({ kind: "script", error: null, aborted: false });
    expect(call.file.path).toBe("hello.script.ts");
    expect(texts(call)).toEqual(["one", "two"]);
    const { data } = await json(hamlet.api("/v1/telemetry/traces?limit=1"));
    expect(data[0].attributes).toContainEqual({ key: "val.type", value: { stringValue: "script" } });
  });

  test("is of the version and branch that was named", async () => {
    const older = await hamlet.val("versions", { "a.ts": "export default 1" });
    await hamlet.save(older, "export default 2", "a.ts");
    const of = async (version?: number) =>
      (await json(hamlet.api(`/v3/vals/${older.id}/run`, { json: { path: "a.ts", version } }))).value;
    expect([await of(), await of(1), await of(99)]).toEqual(["2", "1", "2"]);
    const branch = await hamlet.api(`/v3/vals/${older.id}/run`, {
      json: { path: "a.ts", branchId: older.id },
    });
    expect(branch.status).toBe(404);
  });

  test("that cannot be built says why, and what is no code is refused", async () => {
    const broken = await run("broken.ts");
    const answer: Answer = await broken.json();
    expect([broken.status, answer.code]).toEqual([422, "build_failed"]);
    expect(answer.diagnostics[0]).toMatchObject({ file: "broken.ts", line: 1 });
    expect((await run("notes.md")).status).toBe(400);
    expect((await run("gone.ts")).status).toBe(404);
  });
});

describe("a run as events", () => {
  const live = (path: string, init: RequestInit = {}) =>
    hamlet.api(`/v3/vals/${val.id}/run`, {
      json: { path },
      headers: { accept: "text/event-stream" },
      ...init,
    });
  const eventsOf = (text: string) =>
    text
      .split("\n\n")
      .filter((one) => one.startsWith("event: "))
      .map((one) => {
        const [, event = "", data = "null"] = /^event: (\w+)\ndata: (.*)$/.exec(one) ?? [];
        return { event, data: JSON.parse(data) };
      });

  test("comes line by line, and ends with the result or the error", async () => {
    const good = eventsOf(await (await live("hello.script.ts")).text());
    expect(good.map(({ event }) => event)).toEqual(["start", "log", "log", "result"]);
    expect(good.at(-1)?.data).toMatchObject({ status: "ok", traceId: good[0]?.data.traceId });
    const bad = eventsOf(await (await live("throws.ts")).text());
    expect(bad.at(-1)).toMatchObject({
      event: "error",
      data: { status: "failed", error: { name: "RangeError" } },
    });
    expect((await live("broken.ts")).status).toBe(422);
  });

  test("shows a line before the run has ended, and is stopped when the reader leaves", async () => {
    const leave = new AbortController();
    const response = await live("slow.ts", { signal: leave.signal });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let seen = "";
    while (!seen.includes("begun")) seen += (await reader.read()).value;
    const [start] = eventsOf(seen);
    leave.abort();
    await reader.cancel().catch(() => {});
    const call = await endedCall(start!.data.traceId);
    expect(call).toMatchObject({ aborted: true });
  });
});

/** The trace of the run which has logged that it has begun, since then. */
async function startedCall(since: number): Promise<string> {
  for (;;) {
    const { data } = await json(hamlet.api("/v1/telemetry/logs?limit=20"));
    const line = data.find(
      (one: Answer) => one.body.stringValue === "begun" && Number(one.timeUnixNano) / 1e6 >= since,
    );
    if (line) return line.traceId;
    await Bun.sleep(20);
  }
}

async function endedCall(traceId: string): Promise<Answer> {
  for (;;) {
    const response = await hamlet.api(`/v3/traces/${traceId}`);
    const { call }: Answer = response.status === 200 ? await response.json() : { call: null };
    if (call?.endedAt) return call;
    await Bun.sleep(20);
  }
}

describe("an endpoint that is called by hand", () => {
  async function fileId(path: string): Promise<string> {
    return (await json(hamlet.api(`/v2/vals/${val.id}/files?path=${path}`))).data[0].id;
  }
  const invoke = async (path: string, body: Record<string, unknown> = {}): Promise<Answer> =>
    json(hamlet.api(`/v3/files/${await fileId(path)}/invoke`, { json: body }));

  test("gets a request like a visitor's, and its answer is shown with its trace", async () => {
    const answer = await invoke("main.http.ts", {
      method: "POST",
      path: "/x?y=1",
      headers: { a: "1", host: "evil" },
      body: "hi",
    });
    expect(answer).toMatchObject({ status: 201, encoding: "text", truncated: false, headers: { b: "2" } });
    const { url, ...seen } = JSON.parse(answer.body);
    expect(seen).toEqual({ method: "POST", text: "hi", a: "1" });
    expect(new URL(url).pathname + new URL(url).search).toBe("/x?y=1");
    expect(new URL(url).hostname).toBe(new URL(val.endpoint).hostname);
    expect((await json(hamlet.api(`/v3/traces/${answer.traceId}`))).call.status).toBe(201);
  });

  test("shows bytes as base64, and no more than 1 MB", async () => {
    expect(await invoke("bytes.http.ts")).toMatchObject({
      encoding: "base64",
      body: "////",
      truncated: false,
    });
    const big = await invoke("bytes.http.ts", { path: "/big" });
    expect([Buffer.from(big.body, "base64").length, big.truncated]).toEqual([1024 * 1024, true]);
  });

  test("runs a script instead, where the file is one", async () => {
    expect(await invoke("hello.script.ts")).toMatchObject({
      status: "ok",
      value: expect.stringContaining("Map(1)"),
    });
  });
});
