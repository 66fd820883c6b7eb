import { expect, test } from "bun:test";
import { BodyText } from "./body-text.ts";
import { Bytes } from "./bytes.ts";
import { hexRow } from "./hex.ts";
import { downloadName, viewsOf } from "./kinds.ts";
import { Lines } from "./lines.ts";
import { Recorder } from "./recording.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("a recorder notes when and how much, and tells of each change", () => {
  let now = 1000;
  const recorder = new Recorder(() => now);
  let changes = 0;
  const stop = recorder.follow(() => changes++);
  recorder.sent(5);
  now = 1020;
  recorder.head("text/plain");
  now = 1030;
  recorder.received(bytes("abc"));
  now = 1090;
  recorder.received(bytes("de"));
  recorder.ended("complete");
  recorder.received(bytes("too late"));
  stop();
  recorder.ended("broken");
  const { startedAt, request, response, headMs, firstMs, lastMs, end } = recorder;
  expect({ startedAt, request, response, headMs, firstMs, lastMs, end }).toEqual({
    ...{ startedAt: 1000, request: [[0, 5]], headMs: 20, firstMs: 30, lastMs: 90, end: "complete" },
    response: [
      [30, 3],
      [90, 2],
    ],
  });
  expect(changes).toBe(5);
});

test("very many chunks are merged, and no byte is lost", () => {
  let now = 0;
  const recorder = new Recorder(() => now);
  for (let at = 0; at < 100_001; at++) {
    now = at;
    recorder.received(new Uint8Array(2));
  }
  expect(recorder.response.length).toBeLessThanOrEqual(40_001);
  expect(recorder.response.reduce((sum, [, size]) => sum + size, 0)).toBe(200_002);
  const times = recorder.response.map(([ms]) => ms);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

test("bytes are found again across pieces, and kept up to a bound", () => {
  const kept = new Bytes(10);
  for (const [at, text] of ["abc", "d", "efgh", "ijkl", "mn"].entries()) kept.add(bytes(text), at);
  expect([kept.size, kept.kept]).toEqual([14, 10]);
  const text = (from: number, to: number) => new TextDecoder().decode(kept.slice(from, to));
  expect([text(0, 3), text(2, 6), text(3, 4), text(8, 99), text(12, 14), text(5, 5)]).toEqual([
    ...["abc", "cdef", "d", "ij", "", ""],
  ]);
  const read: [string, number][] = [];
  expect(kept.read(2, (piece, at) => read.push([new TextDecoder().decode(piece), at]))).toBe(10);
  expect(read).toEqual([
    ["c", 0],
    ["d", 1],
    ["efgh", 2],
    ["ij", 3],
  ]);
  expect(kept.read(10, () => expect.unreachable())).toBe(10);
});

test("text is read on from where it was, characters that are cut in pieces included", () => {
  const body = new Bytes();
  const text = new BodyText(body, 0, "text/plain; charset=utf-8");
  const [first, second] = [bytes("ein ü").slice(0, 5), bytes("ein ü\nzwei").slice(5)];
  body.add(first, 1);
  text.advance();
  expect(text.lines.rows).toEqual(["ein "]);
  body.add(second, 2);
  expect(text.behind).toBe(6);
  text.advance();
  expect(text.lines.rows).toEqual(["ein ü", "zwei"]);
  const latin = new BodyText(body, 0, 'text/plain; charset="latin1"');
  latin.advance();
  expect(latin.lines.rows[0]).toBe("ein Ã¼");
});

test("lines are split, and one that has no end is cut where no character is", () => {
  const lines = new Lines();
  lines.push("a\nb\r\n");
  lines.push("c");
  expect(lines.rows).toEqual(["a", "b", "c"]);
  const emoji = new Lines();
  for (let at = 0; at < 700; at++) emoji.push(at % 3 === 0 ? "x" : "😀");
  const whole = emoji.rows.join("");
  expect(Math.max(...emoji.rows.map(({ length }) => length))).toBeLessThanOrEqual(1000);
  expect(whole.isWellFormed() && emoji.rows.every((row) => row.isWellFormed())).toBe(true);
});

test("what came is shown as what it is, whatever it says", () => {
  const views = (contentType: string, text = "hello", ended = true) =>
    viewsOf({ contentType, beginning: bytes(text), size: text.length, ended })[0];
  expect(views("text/event-stream")).toBe("events");
  expect([views("application/json", "{}"), views("application/json", "{}", false)]).toEqual(["json", "text"]);
  expect([views("image/png"), views("image/png", "x", false)]).toEqual(["image", "hex"]);
  expect([views("text/html"), views("application/x-ndjson"), views("")]).toEqual(["text", "text", "text"]);
  expect([views("application/octet-stream"), views("application/zip", "PK\u0003\u0004")]).toEqual([
    "text",
    "hex",
  ]);
  expect(["text/html; charset=utf-8", "image/jpeg", "video/x-msvideo", ""].map(downloadName)).toEqual([
    ...["answer.html", "answer.jpg", "answer.bin", "answer.bin"],
  ]);
});

test("bytes as numbers have the same width, whole rows and the last one", () => {
  expect(hexRow(16, bytes("hello wor"))).toEqual({
    at: "00000010",
    hex: "68 65 6c 6c 6f 20 77 6f  72".padEnd(48),
    text: "hello wor",
  });
  expect(hexRow(0, new Uint8Array([0, 10, 255, 65])).text).toBe("···A");
});
