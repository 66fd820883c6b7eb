import { afterEach, expect, test } from "bun:test";
import { plain, spansOf } from "./ansi.ts";
import { EventReader, type StreamEvent } from "./event-stream.ts";
import { Feed, type Source } from "./feed.ts";
import { linesThat, NO_FILTER, piecesOf } from "./filter.ts";
import { type FollowState, follow } from "./live.ts";
import { type Line, toLine } from "./model.ts";
import { placesOf } from "./places.ts";
import { type Row, Rows } from "./rows.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const EVENTS =
  'retry: 2000\nid: 4\n\n: still here\n\nid: 5\nevent: log\ndata: "é"\r\n\r\ndata: a\ndata: b\n\n';

test("events are the same, however the bytes of the stream are cut", () => {
  const whole = new EventReader().push(bytes(EVENTS));
  expect(whole).toEqual([
    { event: "log", data: '"é"', id: "5" },
    { event: "message", data: "a\nb", id: "5" },
  ]);
  const all = bytes(EVENTS);
  for (let size = 1; size < 9; size++) {
    const reader = new EventReader();
    const found: StreamEvent[] = [];
    for (let at = 0; at < all.length; at += size) found.push(...reader.push(all.subarray(at, at + size)));
    expect(found).toEqual(whole);
    expect(reader.retry).toBe(2000);
  }
});

test("the place before the first event is remembered, half an event is none", () => {
  const reader = new EventReader();
  expect(reader.push(bytes("retry: 2000\nid: 4\n\nid: 5\nevent: log\ndata: 1\n"))).toEqual([]);
  expect(reader.id).toBe("4");
});

/** A server whose every connection says a few events and is cut. */
function servePieces(count: number, each: number) {
  const asked: (string | null)[] = [];
  const server = Bun.serve({
    port: 0,
    fetch(request) {
      const last = request.headers.get("last-event-id");
      asked.push(last);
      if (asked.length === 2) return Response.json({ message: "Too many" }, { status: 503 });
      const from = Number(last ?? 0);
      let text = `retry: 2000\nid: ${from}\n\n`;
      for (let id = from + 1; id <= Math.min(from + each, count); id++)
        text += `id: ${id}\nevent: log\ndata: ${id}\n\n`;
      if (from + each >= count) text += 'event: end\ndata: {"reason":"The token is no longer good"}\n\n';
      else text += `id: ${from + each + 1}\nevent: log\ndata: half`;
      return new Response(text, { headers: { "content-type": "text/event-stream" } });
    },
  });
  servers.push(server);
  return { path: String(server.url), asked };
}
const servers: { stop(now: boolean): unknown }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.stop(true);
});

test("a stream that is cut again and again is followed without a hole or a double, to its end", async () => {
  const { path, asked } = servePieces(10, 3);
  const seen: string[] = [];
  const states: FollowState[] = [];
  const ended = Promise.withResolvers<string | undefined>();
  follow(path, {
    pause: () => 0,
    onEvent: ({ event, data }) => event === "log" && seen.push(data),
    onState: (state, why) => {
      states.push(state);
      if (state === "ended") ended.resolve(why);
    },
  });
  expect(await ended.promise).toBe("The token is no longer good.");
  expect(seen).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
  expect(asked).toEqual([null, "3", "3", "6", "9"]);
  expect(states.slice(0, 5)).toEqual(["connecting", "open", "reconnecting", "reconnecting", "open"]);
});

test("what is refused for good ends, with the reason; silence is a cut, and so is being offline", async () => {
  const server = Bun.serve({
    port: 0,
    fetch: (request) =>
      new URL(request.url).pathname === "/no"
        ? Response.json({ message: "Not yours" }, { status: 404 })
        : new Response(new ReadableStream({ start: (it) => it.enqueue(bytes(": hello\n\n")) })),
  });
  servers.push(server);
  const said = (
    path: string,
    options: { silenceMs?: number; network?: EventTarget },
    wanted: FollowState,
  ) => {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const stop = follow(`${server.url}${path}`, {
      ...options,
      pause: () => 60_000,
      onEvent() {},
      onState(state, why) {
        if (state === "open") options.network?.dispatchEvent(new Event("offline"));
        if (state === wanted) resolve(why);
      },
    });
    return promise.finally(stop);
  };
  expect(await said("no", {}, "ended")).toBe("Not yours");
  expect(await said("", { silenceMs: 5 }, "reconnecting")).toBe("The connection was lost.");
  expect(await said("", { network: new EventTarget() }, "reconnecting")).toBe("The connection was lost.");
});

interface Numbered extends Row {
  readonly end?: boolean;
}
const row = (n: number, end?: boolean): Numbered => ({
  key: String(n),
  sort: String(n).padStart(6, "0"),
  ...(end !== undefined && { end }),
});
const keep = (before: Numbered, now: Numbered) => (before.end ? before : now);

test("rows from both sides are one list in order; a row that comes again may say more", () => {
  const rows = new Rows<Numbered>(keep);
  expect(rows.add([row(5), row(4)])).toBe(2);
  expect(rows.add([row(1), row(4, true), row(9), row(9)])).toBe(2);
  expect(rows.add([row(4)])).toBe(0);
  expect(rows.all.map(({ key, end }) => [key, end])).toEqual([
    ["1", undefined],
    ["4", true],
    ["5", undefined],
    ["9", undefined],
  ]);
  expect(rows.trim(2)).toBe(true);
  expect(rows.all.map(({ key }) => key)).toEqual(["5", "9"]);
});

test("history is asked for once the stream is open, so that nothing falls between, and each row is there once", async () => {
  const history = Array.from({ length: 700 }, (_, n) => row(n));
  const source: Source<Numbered> = {
    path: "",
    async page(end) {
      const before = history.filter(({ sort }) => end === undefined || sort < end);
      const rows = before.slice(-100).reverse();
      return { rows, end: before.length > 100 ? rows.at(-1)!.sort : undefined };
    },
    read: ({ event, data }) => (event === "log" ? row(Number(data)) : undefined),
    newer: keep,
    behind: ({ sort }) => sort,
  };
  const server = Bun.serve({
    port: 0,
    // Those are in the history already: the stream began before it was read.
    fetch: () =>
      new Response([698, 699, 700, 701].map((n) => `id: ${n}\nevent: log\ndata: ${n}\n\n`).join("")),
  });
  servers.push(server);
  const feed = new Feed({ ...source, path: String(server.url) }, { followOptions: { pause: () => 60_000 } });
  const until = (when: () => boolean) =>
    new Promise<void>((resolve) => {
      const off = feed.subscribe(() => {
        if (!when()) return;
        off();
        resolve();
      });
    });
  const whole = until(() => feed.view.ready && feed.view.rows.at(-1)?.key === "701");
  feed.resume();
  await whole;
  expect(feed.view.rows.map(({ key }) => key)).toEqual(
    Array.from({ length: 302 }, (_, n) => String(n + 400)),
  );
  expect(feed.view.older).toBe("more");
  expect(await feed.loadOlder()).toBe(true);
  expect(feed.view.rows.length).toBe(702);
  expect(feed.view.older).toBe("none");
  feed.suspend();
});

test("of a terminal's sequences the colours are kept, and the rest does nothing", () => {
  expect(
    spansOf("a \u001b[31;1mred\u001b[39m b\u001b[0m c\u001b[38;5;31mx\u001b[2J\u001b]0;title\u0007y"),
  ).toEqual([
    { text: "a " },
    { text: "red", colour: "red", bold: true },
    { text: " b", bold: true },
    { text: " c" },
    { text: "x" },
    { text: "y" },
  ]);
  expect(plain("\u001b[92mgreen\u001b[m")).toBe("green");
  expect(spansOf("plain")).toEqual([{ text: "plain" }]);
});

test("a filter takes level, stream, text and call", () => {
  const line = (n: number, more: Partial<Line>): Line => ({
    ...{ key: String(n), sort: String(n), at: n, level: "info", stream: "stdout", text: "Hello" },
    ...{ trace: "t1", file: "f", version: 1, ...more },
  });
  const all = [
    line(1, {}),
    line(2, { level: "warn", stream: "stderr" }),
    line(3, { text: "he\u001b[31mllo\u001b[0m", trace: "t2" }),
    line(4, { level: "debug", text: "other" }),
  ];
  const keys = (change: Partial<typeof NO_FILTER>) =>
    linesThat(all, { ...NO_FILTER, ...change }).map(({ key }) => key);
  expect(linesThat(all, NO_FILTER)).toBe(all);
  expect(keys({ text: "HELLO" })).toEqual(["1", "2", "3"]);
  expect(keys({ level: "info" })).toEqual(["1", "2", "3"]);
  expect(keys({ level: "stderr" })).toEqual(["2"]);
  expect(keys({ trace: "t2", after: "1" })).toEqual(["3"]);
  expect(piecesOf("Hello hello", "HELL")).toEqual(["", "Hell", "o ", "hell", "o"]);
});

test("places in code lead to the code view; what only looks like one does not", () => {
  const place = "https://esm.town/v/ann/hello@3-main/lib/a%20b.ts:3:9";
  expect(placesOf(`    at go (${place})`)).toEqual([
    { text: "    at go (" },
    { text: place, href: "/x/ann/hello/code/lib/a%20b.ts#L3" },
    { text: ")" },
  ]);
  const hrefs = (text: string) => placesOf(text).flatMap(({ href }) => href ?? []);
  expect(hrefs("https://esm.town/v/ann/hello@3-my%20branch/a.ts:4")).toEqual([
    "/x/ann/hello/branch/my%20branch/code/a.ts#L4",
  ]);
  expect(hrefs("https://evil.example/v/ann/hello@3-main/a.ts:3")).toEqual([]);
  expect(hrefs("https://esm.town/v/ann/hello@3-main/%zz.ts:3")).toEqual([]);
  expect(hrefs("javascript:alert(1)//v/ann/hello@3-main/a.ts:3")).toEqual([]);
});

test("a line of the API is what the view shows", () => {
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const line = toLine({
    ...{
      timeUnixNano: "1800000000123456789",
      traceId: "t",
      severityText: "stderr",
      body: { stringValue: "x" },
    },
    attributes: [
      text("log.level", "warn"),
      text("val.file_id", "f"),
      { key: "val.version", value: { intValue: "3" } },
    ],
  });
  expect(line).toEqual({
    ...{ key: "1800000000123456789", sort: "01800000000123456789", at: 1800000000123.456, level: "warn" },
    ...{ stream: "stderr", text: "x", trace: "t", file: "f", version: 3 },
  });
});
