/** What a val may use, and what happens when it takes more: it is stopped, its author is told, nobody else notices. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Neighbour, startNeighbour } from "./support/neighbour.ts";
import { runHamlet, startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";
import { logLine } from "./support/val-logs.ts";

const FLAGS = [
  ...["--memory", "192MB", "--hang-timeout", "1s", "--load-timeout", "2s", "--first-byte-timeout", "2s"],
  ...["--max-workers-per-val", "1", "--grace", "1s"],
];
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

const COMPUTED = /computed for 1 s without returning to its event loop/;
const MEMORY = /of memory/;
const NO_ANSWER = /No answer within 2000 ms/;

/** What is asked for, the visitor's answer, what the author reads. */
const CASES: readonly [title: string, path: string, status: number, code: string, log: RegExp][] = [
  ["computes without end", "/compute", 502, "val_died", COMPUTED],
  ["awaits settled promises without end", "/microtasks", 502, "val_died", COMPUTED],
  ["matches an expression without end", "/expression", 502, "val_died", COMPUTED],
  ["blocks its event loop", "/block", 504, "no_answer", /blocked its event loop for 3 s/],
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
  ["never answers", "/never", 504, "no_answer", NO_ANSWER],
  ["answers only with an interim status", "/interim", 504, "no_answer", NO_ANSWER],
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
      await answersAgain(val);
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
    expect(["val_died", "no_answer"]).toContain(answer.headers.get("x-hamlet-error")!);
    await answersAgain(val);
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
      await answersAgain(val);
      await logLine(hamlet, val, log);
    }, 30_000);
  }
});

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
      /importing it took longer than 2 s/,
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
    const { links } = (await saved.json()) as { links: { endpoint: string } };
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

  test("since it has no HTTP file", async () => {
    await hamlet.val("scripts", { "library.ts": "export const a = 1;" });
    const answer = await hamlet.request(`tester-scripts.web.localhost:${hamlet.port}`);
    expect(answer.status).toBe(404);
    expect(["not_an_http_val", "unknown_host"]).toContain(answer.header("x-hamlet-error")!);
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
    await answersAgain(one, small);
    await answersAgain(two, small);
  }, 60_000);
});

test("`hamlet logs` prints why a val was stopped", async () => {
  const val = await hamlet.val("told-by-logs", MISBEHAVE);
  await (await hamlet.fetch(val, "/exit")).text();
  await logLine(hamlet, val, /exited with code 3/);
  const { code, out } = await runHamlet(["logs", "tester/told-by-logs", "--data", hamlet.data]);
  expect(code).toBe(0);
  expect(out).toContain("exited with code 3");
});

function toName(text: string): string {
  return text
    .replaceAll(/[^a-z]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 40);
}

/** A visitor learns neither of the stack, nor of the files, nor of the reason. */
function expectNoInsides(text: string): void {
  expect(text).not.toMatch(/\bat \S+:\d|file:|\.ts\b|on purpose|Error:/);
}

/** The worker that was in the middle of it may still be on its way out. */
async function answersAgain(val: TestVal, server = hamlet): Promise<void> {
  for (const deadline = performance.now() + 15_000; ; await Bun.sleep(50)) {
    const answer = await server.fetch(val);
    const text = await answer.text();
    if (answer.status === 200 && text === "fine") return;
    if (performance.now() > deadline) throw new Error(`The val still answers ${answer.status}: ${text}`);
  }
}
