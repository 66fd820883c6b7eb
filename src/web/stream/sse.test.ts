import { expect, test } from "bun:test";
import { EventReader } from "./sse.ts";

function read(...pieces: string[]) {
  const reader = new EventReader();
  for (const [at, piece] of pieces.entries()) reader.push(piece, at);
  return reader.events;
}

test("an event has its name, id and data, and the time of the piece that ended it", () => {
  expect(read("event: tick\nid: 7\nda", "ta: one\ndata:two\n", "\n")).toEqual([
    { atMs: 2, event: "tick", id: "7", data: "one\ntwo" },
  ]);
});

test("lines end with LF, CR or both, also where a piece ends between the two", () => {
  const events = read("data: a\r\n\r\ndata: b\r\rdata: c\n\n", "data: d\r", "\n\r", "\ndata: e\n\n");
  expect(events.map(({ data }) => data)).toEqual(["a", "b", "c", "d", "e"]);
});

test("the id stays until there is another one, the name does not", () => {
  expect(read("id: 1\nevent: x\ndata: a\n\ndata: b\n\nid\ndata: c\n\n")).toEqual([
    { atMs: 0, event: "x", id: "1", data: "a" },
    { atMs: 0, event: "message", id: "1", data: "b" },
    { atMs: 0, event: "message", id: "", data: "c" },
  ]);
});

test("comments are told, unknown fields and empty events are not", () => {
  expect(read(": ping\n\nfoo: bar\n\nevent: x\n\n")).toEqual([
    { atMs: 0, event: "", id: "", data: "ping", comment: true },
  ]);
});

test("a time to wait before coming again is told, if it is a number", () => {
  expect(read("retry: 500\n\nretry: soon\ndata: x\n\n")).toEqual([
    { atMs: 0, event: "message", id: "", data: "", retry: 500 },
    { atMs: 0, event: "message", id: "", data: "x" },
  ]);
});

test("one byte order mark at the start is passed over, and what has no end yet is no event", () => {
  expect(read("\uFEFFdata: a\n\ndata: b").map(({ data }) => data)).toEqual(["a"]);
});

test("pieces of single characters make the same events", () => {
  const text = "event: a\r\ndata: 1\r\n\r\n: hm\rid: 2\ndata: x\ndata: y\n\n";
  const times = ({ atMs: _, ...event }: ReturnType<typeof read>[number]) => event;
  expect(read(...text).map(times)).toEqual(read(text).map(times));
});
