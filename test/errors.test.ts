/** Errors that are Hamlet's own: each has its code, tells a visitor what it may know, and the author why. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { answersAgain, expectNoInsides, toName } from "./support/aftermath.ts";
import { type Neighbour, startNeighbour } from "./support/neighbour.ts";
import { runHamlet, startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";
import { logLine } from "./support/val-logs.ts";

const FLAGS = ["--memory", "192MB", "--hang-timeout", "1s", "--load-timeout", "8s", "--grace", "1s"];
const COMPUTED = /computed for 1 s without returning to its event loop/;
const MEMORY = /of memory/;

let hamlet: TestHamlet;
let neighbour: Neighbour;

beforeAll(async () => {
  hamlet = await startHamlet({ args: FLAGS });
  neighbour = await startNeighbour(hamlet);
}, 60_000);

afterAll(async () => {
  await hamlet?.[Symbol.asyncDispose]();
}, 60_000);

describe("a val that cannot be loaded", () => {
  const LOADS: readonly [title: string, source: string, status: number, code: string, log: RegExp][] = [
    [
      "throws at import",
      '\nthrow new Error("at import");',
      500,
      "load_failed",
      /Error: at import\n\s+at \S*main\.http\.ts:2:7/,
    ],
    [
      "hangs in its import",
      "await new Promise(() => {});",
      500,
      "load_failed",
      /importing it took longer than 8 s/,
    ],
    ["computes without end at import", "for (;;);", 502, "val_died", COMPUTED],
    [
      "fills the memory at import",
      "const kept = []; for (;;) kept.push(new Uint8Array(2 ** 24).fill(1));",
      502,
      "val_died",
      MEMORY,
    ],
    ["exits at import", "Deno.exit(4);", 502, "val_died", /exited with code 4/],
    ["rejects at import", "await Promise.reject(7);", 500, "load_failed", /7/],
    ["exports nothing", "const handler = 1;", 500, "load_failed", /exports nothing/],
    ["imports what is missing at run time", 'await import("./gone.ts");', 500, "load_failed", /gone\.ts/],
  ];
  for (const [title, source, status, code, log] of LOADS) {
    test(`since it ${title}: visitors are told so, its author why, and a better version serves`, async () => {
      const watch = await neighbour.watch();
      const more = title === "exports nothing" ? "" : "\nexport default () => new Response();";
      const val = await hamlet.val(toName(title), source + more);
      const answer = await hamlet.fetch(val);
      const text = await answer.text();
      expect({ status: answer.status, code: answer.headers.get("x-hamlet-error") }).toEqual({ status, code });
      expectNoInsides(text);
      await watch.expectUntouched();
      await logLine(hamlet, val, log);
      await hamlet.save(val, 'export default () => new Response("fine");');
      expect(await (await hamlet.fetch(val)).text()).toBe("fine");
    }, 30_000);
  }

  test("since it cannot be built: its author is told where, visitors that it is so", async () => {
    const made = await hamlet.api("/v2/vals", { json: { name: "unbuilt", privacy: "public" } });
    const { id } = (await made.json()) as { id: string };
    const saved = await hamlet.api(`/v2/vals/${id}/files?path=main.http.ts`, {
      json: { type: "http", content: "export default (=> 1;" },
    });
    const { links, diagnostics } = (await saved.json()) as {
      links: { endpoint: string };
      diagnostics: { file: string; line: number }[];
    };
    expect(diagnostics).toContainEqual(expect.objectContaining({ file: "main.http.ts", line: 1 }));
    const val: TestVal = {
      id,
      name: "unbuilt",
      endpoint: links.endpoint,
      host: new URL(links.endpoint).host,
    };
    const answer = await hamlet.fetch(val);
    expect(answer.status).toBe(500);
    expect(answer.headers.get("x-hamlet-error")).toBe("build_failed");
    expectNoInsides(await answer.text());
  });

  test("since its HTTP file is gone: visitors are told that there is none", async () => {
    const val = await hamlet.val("bare", {
      "library.ts": "export const a = 1;",
      "main.http.ts": "export default () => 1;",
    });
    const gone = await hamlet.api(`/v2/vals/${val.id}/files?path=main.http.ts`, { method: "DELETE" });
    expect(gone.status).toBe(204);
    const answer = await hamlet.fetch(val);
    expect(answer.status).toBe(404);
    expect(answer.headers.get("x-hamlet-error")).toBe("not_an_http_val");
  });
});

describe("the error page", () => {
  const unknown = () => `nobody-home.web.localhost:${hamlet.port}`;

  test("of an unknown host is HTML for a browser", async () => {
    const answer = await hamlet.request(unknown(), "/", {
      headers: ["Accept: text/html,application/xhtml+xml"],
    });
    expect(answer.status).toBe(404);
    expect(answer.header("x-hamlet-error")).toBe("unknown_host");
    expect(answer.header("content-type")).toBe("text/html; charset=utf-8");
    expect(answer.bodyText).toStartWith("<!doctype html>");
    expect(answer.bodyText).toContain("No val answers at this address.");
  });

  test("is JSON for everyone else, and has no body for HEAD", async () => {
    const answer = await hamlet.request(unknown());
    expect(answer.header("content-type")).toBe("application/json");
    expect(JSON.parse(answer.bodyText)).toMatchObject({
      statusCode: 404,
      error: "Not Found",
      code: "unknown_host",
    });
    const head = await hamlet.request(unknown(), "/", { method: "HEAD" });
    expect(head.status).toBe(404);
    expect(head.header("content-length")).toBe(`${answer.body.length}`);
  });

  test("never takes the visitor's words for markup", async () => {
    const answer = await hamlet.request(unknown(), "/<script>alert(1)</script>?<img>", {
      headers: ["Accept: text/html", "X-Hamlet-Trace: <b>"],
    });
    expect(answer.bodyText).not.toMatch(/<script|<img|<b>/);
  });
});

describe("more requests in flight than allowed", () => {
  const STREAM = `export default (request) => {
    let tick = 0;
    if (new URL(request.url).pathname === "/") return new Response("fine");
    return new Response(new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        controller.enqueue(new TextEncoder().encode(\`\${tick++}\\n\`));
      },
    }));
  };`;

  test("are refused at once with 503 and retry-after, while those in flight go on; then there is room again", async () => {
    await using small = await startHamlet({
      args: ["--max-in-flight-per-val", "2", "--max-in-flight", "3", "--grace", "1s"],
    });
    const [one, two] = [await small.val("one", STREAM), await small.val("two", STREAM)];
    const open = async (val: TestVal) => {
      const leave = new AbortController();
      const answer = await small.fetch(val, "/stream", { signal: leave.signal });
      const reader = answer.body!.getReader();
      await reader.read();
      return { status: answer.status, reader, leave };
    };
    const streams = [await open(one), await open(one)];
    const refused = await small.fetch(one);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("x-hamlet-error")).toBe("overloaded");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    // The other val still has the town's last place, and then it is full for everyone.
    streams.push(await open(two));
    expect((await small.fetch(two)).status).toBe(503);
    for (const { status, reader } of streams) {
      expect(status).toBe(200);
      expect((await reader.read()).done).toBe(false);
    }
    for (const { leave } of streams) leave.abort();
    await answersAgain(small, one);
    await answersAgain(small, two);
  }, 60_000);
});

test("`hamlet logs` prints why a val was stopped", async () => {
  const val = await hamlet.val("told-by-logs", "export default () => Deno.exit(3);");
  await (await hamlet.fetch(val)).text();
  await logLine(hamlet, val, /exited with code 3/);
  const { code, out } = await runHamlet(["logs", "tester/told-by-logs", "--data", hamlet.data]);
  expect(code).toBe(0);
  expect(out).toContain("exited with code 3");
});
