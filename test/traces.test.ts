/** One call as its val's owner sees it: what happened, and the stack; and nobody else does. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { addUser, runHamlet, startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";
import { eventually } from "./support/telemetry.ts";

const SOURCE = `export default (request: Request) => {
  const { pathname } = new URL(request.url);
  console.log("asked for", pathname);
  if (pathname === "/throw") fail();
  if (pathname === "/exit") Deno.exit(3);
  if (pathname === "/markup") throw new Error("<script>alert(1)</script> & \\u202e \\u0007");
  return new Response("fine", { status: 201 });
};
function fail(): never {
  throw new TypeError("thrown here", { cause: new Error("the cause") });
}
`;
const THROWS_AT_IMPORT = `const parts = "a b".split(" ");
if (parts.length > 1) throw new Error("at import");
export default () => new Response();`;

interface Call {
  readonly call: Readonly<Record<string, unknown>> | null;
  readonly version: number;
  readonly logs: readonly { level: string; stream: string; text: string }[];
  readonly links: { readonly logs: string };
}

let hamlet: TestHamlet;
let val: TestVal;
let stranger: string;

beforeAll(async () => {
  hamlet = await startHamlet();
  stranger = (await addUser(hamlet.data, "stranger")).token;
  val = await hamlet.val("told", SOURCE);
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

/** One call to its end: its trace id, its status, and what the visitor read. */
async function visit(target: TestVal, path = "/", accept = "*/*") {
  const answer = await hamlet.fetch(target, path, { headers: { accept } });
  return { trace: answer.headers.get("x-hamlet-trace")!, status: answer.status, text: await answer.text() };
}

const view = (trace: string, headers: Record<string, string> = {}) =>
  hamlet.api(`/v3/traces/${trace}`, { headers });

/** As soon as it is on record. */
const seen = (trace: string): Promise<Call> =>
  eventually(async () => {
    const answer = await view(trace);
    if (answer.status !== 200) return undefined;
    const found = (await answer.json()) as Call;
    return found.call === null ? undefined : found;
  });

describe("the owner sees", () => {
  test("what was asked, answered and logged", async () => {
    const { trace } = await visit(val, "/a?b=c");
    const found = await seen(trace);
    expect(found).toMatchObject({
      traceId: trace,
      val: { id: val.id, name: "told" },
      file: { path: "main.http.ts" },
      version: 1,
      call: {
        method: "GET",
        url: `http://${val.host}/a?b=c`,
        status: 201,
        error: null,
        aborted: false,
        worker: expect.any(String),
        bytesOut: 4,
      },
      logs: [{ level: "info", stream: "stdout", text: "asked for /a" }],
      moreLogs: false,
    });
    const { startedAt, firstByteAt, endedAt } = found.call as Record<string, string>;
    expect([startedAt, firstByteAt, endedAt].toSorted()).toEqual([startedAt, firstByteAt, endedAt]);
    const logs = await hamlet.api(
      new URL(found.links.logs).pathname.replace("/api", "") + new URL(found.links.logs).search,
    );
    expect(((await logs.json()) as { data: unknown[] }).data).toHaveLength(1);
  });

  test("the stack of what was thrown, with its cause, in the val's own lines and columns", async () => {
    const { trace, status, text } = await visit(val, "/throw");
    expect([status, text.includes("thrown here")]).toEqual([500, false]);
    const { call, logs } = await seen(trace);
    expect(call).toMatchObject({ status: 500, error: "val_threw" });
    expect(logs.map(({ level }) => level)).toEqual(["info", "error"]);
    expect(logs[1]!.text).toMatch(
      /^TypeError: thrown here\n\s+at fail \(https:\/\/esm\.town\/v\/tester\/told@1-main\/main\.http\.ts:10:9\)\n/,
    );
    expect(logs[1]!.text).toMatch(/\[cause\]: Error: the cause\n\s+at fail \(\S*main\.http\.ts:10:47\)/);
  });

  test("why the worker ended before it answered", async () => {
    const { trace } = await visit(val, "/exit");
    const { call, logs } = await seen(trace);
    expect(call).toMatchObject({ status: 502, error: "val_died" });
    expect(logs.map(({ text }) => text)).toEqual([
      "asked for /exit",
      expect.stringContaining("exited with code 3"),
    ]);
  });

  test("the stack of a val that fails to load, of those that it is tried for, and of one that it is not", async () => {
    const broken = await hamlet.val("broken", THROWS_AT_IMPORT);
    for (let visits = 0, worker: unknown = ""; worker !== null; visits++) {
      expect(visits).toBeLessThan(100);
      const { trace, status, text } = await visit(broken);
      expect([status, JSON.parse(text)]).toEqual([
        500,
        expect.objectContaining({ code: "load_failed", trace }),
      ]);
      expect(text).not.toContain("at import");
      const { call, logs } = await seen(trace);
      expect(call).toMatchObject({ status: 500, error: "load_failed" });
      expect(logs).toHaveLength(1);
      expect(logs[0]!.text).toMatch(/Error: at import\n\s+at https:\/\/esm\.town\/\S+\/main\.http\.ts:2:29/);
      worker = call!.worker;
      expect(logs[0]!.text.startsWith("It keeps happening")).toBe(worker === null);
    }
  }, 30_000);
});

describe("as a page", () => {
  test("it shows the stack, and runs and fetches nothing whatever the val wrote", async () => {
    const { trace } = await visit(val, "/markup");
    await seen(trace);
    const answer = await view(trace, { accept: "text/html,application/xhtml+xml" });
    const page = await answer.text();
    expect(answer.headers.get("content-type")).toMatch(/^text\/html; charset=utf-8$/i);
    expect(answer.headers.get("content-security-policy")).toStartWith("default-src 'none'");
    expect([answer.headers.get("cache-control"), answer.headers.get("vary")]).toEqual([
      "no-store",
      "accept, authorization, cookie",
    ]);
    expect(page).toStartWith("<!doctype html>");
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt; &amp; \\u202e \\u0007");
    expect(page).toMatch(
      /at \w+ \(<b>https:\/\/esm\.town\/v\/tester\/told@1-main\/main\.http\.ts:6:37<\/b>\)/,
    );
    expect(page).toContain("prefers-color-scheme:dark");
    expect(page).not.toMatch(/<script|<link|<img|url\(|src=|href=/i);
  });

  test("a visitor's page names the trace, and shows nothing of the inside", async () => {
    const { trace, text } = await visit(val, "/throw", "text/html");
    expect(text).toContain(`hamlet trace ${trace}`);
    expect(text).not.toMatch(/thrown here|main\.http\.ts/);
  });
});

describe("nobody else sees it", () => {
  test("neither without a token, nor with another's, nor with one for other things", async () => {
    const { trace } = await visit(val, "/throw");
    await seen(trace);
    const as = async (authorization: string, accept = "application/json") => {
      const answer = await view(trace, { authorization, accept });
      return [answer.status, (await answer.text()).includes("thrown here")];
    };
    const anonymous = await fetch(`http://127.0.0.1:${hamlet.port}/api/v3/traces/${trace}`);
    expect(anonymous.status).toBe(401);
    expect(await as("Bearer nonsense")).toEqual([401, false]);
    expect(await as(`Bearer ${stranger}`)).toEqual([404, false]);
    expect(await as(`Bearer ${stranger}`, "text/html")).toEqual([404, false]);
    const made = await runHamlet([
      ...["token", "create", "--user", "tester", "--scopes", "val:read", "--data", hamlet.data],
    ]);
    expect(await as(`Bearer ${JSON.parse(made.out).token}`)).toEqual([403, false]);
  });

  test("what is none is not found, or said to be none", async () => {
    expect((await view("0".repeat(32))).status).toBe(404);
    expect((await view("short")).status).toBe(400);
  });
});

test("`hamlet trace` prints the same", async () => {
  const { trace } = await visit(val, "/throw");
  await seen(trace);
  const { code, out } = await runHamlet(["trace", trace.toUpperCase(), "--data", hamlet.data]);
  const [first, place, times, ...rest] = out.split("\n");
  expect([code, first]).toEqual([0, `GET http://${val.host}/throw → 500 val_threw`]);
  expect(place).toMatch(/^tester\/told main\.http\.ts version 1, worker \S+ \((cold|warm)\)$/);
  expect(times).toMatch(/^\d{4}-\S+Z, ended after [\d.]+ ms$/);
  expect(rest[0]).toMatch(/^\S+Z info {2}asked for \/throw$/);
  expect(rest[1]).toMatch(/^\S+Z error TypeError: thrown here$/);
  expect(rest[2]).toMatch(/^\s+at fail \(\S*main\.http\.ts:10:9\)$/);
  const none = await runHamlet(["trace", "0".repeat(32), "--data", hamlet.data]);
  expect([none.code, none.err]).toEqual([2, expect.stringContaining("There is no trace 000")]);
  expect((await runHamlet(["trace", "--data", hamlet.data])).err).toContain("x-hamlet-trace");
});
