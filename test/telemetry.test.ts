/** Traces and logs of a real town, as its API tells them: complete, soon, each once. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { makeTempFolder, startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";
import { eventually, logs, type TestLog, type TestTrace, traces } from "./support/telemetry.ts";

const SOURCE = `import { deep } from "./lib/deep.ts";
export default async (req) => {
  const { pathname } = new URL(req.url);
  if (pathname === "/throw") throw new Error("thrown here");
  if (pathname === "/deep") deep();
  if (pathname === "/later") setTimeout(() => { throw new Error("thrown later"); }, 1);
  if (pathname === "/reject") Promise.reject(new Error("rejected"));
  if (pathname === "/console") {
    console.debug("d"); console.log("l"); console.info("i"); console.warn("w"); console.error("e", { a: 1 });
    await new Promise((go) => setTimeout(go, 5));
    console.log("two\\nlines");
  }
  if (pathname === "/stream") return new Response(stream());
  if (req.headers.get("upgrade")) {
    const { socket, response } = Deno.upgradeWebSocket(req);
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  }
  return new Response(await req.bytes(), { status: 201, headers: { "x-mine": "yes" } });
};
const stream = () => new ReadableStream({
  start: (controller) => controller.enqueue(new TextEncoder().encode("begun")),
});
`;
const DEEP = "\nexport const deep = () => {\n  throw new TypeError('deep inside');\n};\n";

let hamlet: TestHamlet;
let val: TestVal;

beforeAll(async () => {
  hamlet = await startHamlet();
  val = await hamlet.val("told", { "lib/deep.ts": DEEP, "main.http.ts": SOURCE });
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

/** One call to its end; its trace id. */
async function call(path: string, init: RequestInit = {}): Promise<string> {
  const response = await hamlet.fetch(val, path, init);
  await response.bytes();
  return response.headers.get("x-hamlet-trace")!;
}

const traceOf = (id: string): Promise<TestTrace> =>
  eventually(async () => {
    const { rows } = await traces(hamlet, { limit: "100", order_by: "end_time" });
    return rows.find(({ traceId }) => traceId === id);
  });

async function linesOf(traceId: string, count: number): Promise<TestLog[]> {
  const query = { trace_ids: traceId, direction: "asc", limit: "100" };
  return eventually(async () => {
    const { rows } = await logs(hamlet, query);
    return rows.length >= count ? rows : undefined;
  });
}

describe("a trace", () => {
  test("tells request, answer, times, sizes, val, version, file, worker, cold or warm", async () => {
    const before = BigInt(Date.now()) * 1_000_000n;
    const cold = await traceOf(
      await call("/a?b=c", {
        method: "POST",
        body: "12345",
        headers: { "x-asked": "1", cookie: "secret=1" },
      }),
    );
    const after = BigInt(Date.now() + 1) * 1_000_000n;
    const warm = await traceOf(await call("/"));
    const branches = await hamlet.api(`/v2/vals/${val.id}/branches`);
    const { data } = (await branches.json()) as { data: [{ id: string }] };
    expect(cold.name).toBe("POST /a");
    expect(cold.attributes).toMatchObject({
      "val.type": "http",
      "val.id": val.id,
      "val.file_id": expect.stringMatching(/^[0-9a-f-]{36}$/),
      "val.branch_id": data[0].id,
      "val.version": 2,
      "http.request.method": "POST",
      "http.response.status_code": 201,
      "url.full": `http://${val.host}/a?b=c`,
      "http.request.header.x-asked": "1",
      "http.request.header.cookie": "(hidden)",
      "http.response.header.x-mine": "yes",
      "http.request.body.size": 5,
      "http.response.body.size": 5,
    });
    expect(cold.status.code).toBe(1);
    const [start, first, end] = [
      cold.startTimeUnixNano,
      String(cold.attributes["hamlet.first_byte_time_unix_nano"]),
      cold.endTimeUnixNano,
    ].map(BigInt) as [bigint, bigint, bigint];
    expect([before <= start, start < first, first <= end, end <= after]).toEqual([true, true, true, true]);
    expect(warm.attributes["hamlet.cold"]).toBe(false);
    expect(warm.attributes["hamlet.worker"]).toBe(cold.attributes["hamlet.worker"]!);
  });

  test("of the first call after a restart is cold, that of the next one is not", async () => {
    using folder = makeTempFolder();
    const { path: data } = folder;
    await using first = await startHamlet({ data });
    const kept = await first.val("kept", "export default () => new Response('kept');");
    await first.stop();
    await using second = await startHamlet({ data });
    for (const [path, cold] of [
      ["/first", true],
      ["/second", false],
    ] as const) {
      expect(await (await second.fetch(kept, path)).text()).toBe("kept");
      const trace = await eventually(async () => {
        const { rows } = await traces(second, { limit: "10", order_by: "end_time" });
        return rows.find(({ name }) => name === `GET ${path}`);
      });
      expect([path, trace.attributes["hamlet.cold"]]).toEqual([path, cold]);
    }
  }, 30_000);

  test("can be read within a second of the answer's end", async () => {
    const waits: number[] = [];
    for (let round = 0; round < 3; round++) {
      const id = await call("/");
      const answered = performance.now();
      await traceOf(id);
      waits.push(performance.now() - answered);
    }
    // The best of three: the machine may be busy with other tests.
    expect(Math.min(...waits)).toBeLessThan(1000);
  });

  test("of a stream is there while it lasts, without an end, in the order of starts only; and once at its end", async () => {
    await using visitor = await hamlet.connect();
    await visitor.write(`GET /stream HTTP/1.1\r\nHost: ${val.host}\r\n\r\n`);
    const id = (await visitor.readHead()).header("x-hamlet-trace")!;
    const list = async (order_by: string, direction = "desc") =>
      (await traces(hamlet, { limit: "100", order_by, direction })).rows.filter((row) => row.traceId === id);
    const lasting = await eventually(async () => (await list("start_time"))[0]);
    expect([lasting.endTimeUnixNano, lasting.attributes["http.response.status_code"]]).toEqual(["0", 200]);
    expect(await list("end_time")).toEqual([]);
    expect(await list("end_time", "asc")).toEqual([]);
    visitor.destroy();
    const ended = await eventually(async () => (await list("end_time"))[0]);
    expect(BigInt(ended.endTimeUnixNano)).toBeGreaterThan(BigInt(ended.startTimeUnixNano) + 1_000_000_000n);
    expect(ended.attributes).toMatchObject({ "hamlet.aborted": true, "http.response.body.size": 5 });
    expect(await list("start_time")).toHaveLength(1);
  });

  test("of a WebSocket counts what went both ways", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${hamlet.port}/ws`, {
      headers: { host: val.host },
    } as never);
    await new Promise((opened) => (socket.onopen = opened));
    const echo = new Promise((heard) => (socket.onmessage = heard));
    socket.send("x".repeat(100));
    await echo;
    socket.close();
    const trace = await eventually(async () =>
      (await traces(hamlet, { limit: "100", order_by: "end_time" })).rows.find(
        ({ name }) => name === "GET /ws",
      ),
    );
    expect(trace.attributes).toMatchObject({ "hamlet.kind": "websocket", "http.response.status_code": 101 });
    expect(Number(trace.attributes["http.request.body.size"])).toBeGreaterThan(100);
    expect(Number(trace.attributes["http.response.body.size"])).toBeGreaterThan(100);
  });
});

/** What `vt tail` does: follows `start` of `links.next`; without it, rests and asks the same again. */
async function tail(
  start: string,
  wanted: number,
): Promise<{ seen: TestTrace[]; empty: number; full: number }> {
  const seen: TestTrace[] = [];
  let [from, empty, full] = [start, 0, 0];
  const deadline = Date.now() + 20_000;
  // Two more rests after the last one, in which a repetition would show.
  for (let rests = 0; rests < 2 && Date.now() < deadline; ) {
    const query = { limit: "50", start: from, order_by: "end_time", direction: "asc" };
    const { rows, next } = await traces(hamlet, query);
    seen.push(...rows);
    if (next === undefined) {
      expect(rows).toEqual([]);
      empty++;
      if (seen.length >= wanted) rests++;
      await Bun.sleep(100);
      continue;
    }
    full++;
    from = new Date(next.get("start")!).toISOString();
  }
  return { seen, empty, full };
}

test("whoever tails the traces sees each once, in the order of ends, and rests in between", async () => {
  const start = new Date().toISOString();
  const calls: Promise<string>[] = [];
  const wanted = 130;
  const calling = (async () => {
    for (let n = 0; n < wanted; n++) {
      calls.push(call(`/tail/${n}`));
      if (n % 10 === 9) await Promise.all(calls);
    }
    return Promise.all(calls);
  })();
  const { seen, empty, full } = await tail(start, wanted);
  const ids = await calling;
  const own = seen.filter(({ name }) => name.startsWith("GET /tail/"));
  expect(own.map(({ traceId }) => traceId).toSorted()).toEqual(ids.toSorted());
  const ends = seen.map(({ endTimeUnixNano }) => endTimeUnixNano);
  expect(ends).toEqual(ends.toSorted());
  expect(full).toBeLessThanOrEqual(seen.length);
  expect(empty).toBeGreaterThanOrEqual(2);
});

describe("a log", () => {
  test("has a line per console call, with level, stream, trace and file, in order", async () => {
    const id = await call("/console");
    const lines = await linesOf(id, 6);
    expect(
      lines.map(({ text, severityText, attributes }) => [text, severityText, attributes["log.level"]]),
    ).toEqual([
      ["d", "stdout", "debug"],
      ["l", "stdout", "info"],
      ["i", "stdout", "info"],
      ["w", "stderr", "warn"],
      ["e { a: 1 }", "stderr", "error"],
      ["two\nlines", "stdout", "info"],
    ]);
    const trace = await traceOf(id);
    for (const line of lines) {
      expect(line.traceId).toBe(id);
      expect(line.attributes["val.file_id"]).toBe(trace.attributes["val.file_id"]!);
      expect(BigInt(line.timeUnixNano)).toBeGreaterThanOrEqual(BigInt(trace.startTimeUnixNano) - 1_000_000n);
    }
  });

  test("of one trace can be read line by line to its end", async () => {
    const id = await call("/console");
    await linesOf(id, 6);
    const texts: string[] = [];
    let query: Record<string, string> = { limit: "1", trace_ids: id, direction: "asc" };
    for (let pages = 0; pages < 20; pages++) {
      const { rows, next } = await logs(hamlet, query);
      texts.push(...rows.map(({ text }) => text));
      if (next === undefined) break;
      query = { ...query, start: next.get("start")! };
    }
    expect(texts).toEqual(["d", "l", "i", "w", "e { a: 1 }", "two\nlines"]);
  });

  const ERRORS = [
    ["/throw", "Error: thrown here", "main.http.ts:4:36"],
    ["/deep", "TypeError: deep inside", "lib/deep.ts:3:9"],
    ["/later", "Uncaught Error: thrown later", "main.http.ts:6:55"],
    ["/reject", "Uncaught (in promise) Error: rejected", "main.http.ts:7:46"],
  ] as const;
  for (const [path, message, place] of ERRORS) {
    test(`tells an error's message and its place: ${path}`, async () => {
      const id = await call(path);
      const [line] = await linesOf(id, 1);
      expect(line!.attributes["log.level"]).toBe("error");
      expect(line!.text).toStartWith(message);
      expect(line!.text).toContain(place);
      const { status } = await traceOf(id);
      const isThrown = path === "/throw" || path === "/deep";
      expect(status).toEqual(isThrown ? { code: 2, message: "val_threw" } : { code: 1, message: "" });
      expect((await hamlet.fetch(val, "/")).status).toBe(201);
    });
  }
});
