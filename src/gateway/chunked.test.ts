import { describe, expect, test } from "bun:test";
import { ChunkedReader, LAST_CHUNK, sendChunk } from "./chunked.ts";

interface Outcome {
  readonly body: string;
  readonly used: number;
  readonly done: boolean;
}

/** Reads the pieces one after the other; undefined when they are malformed. */
function read(...pieces: readonly string[]): Outcome | undefined {
  const reader = new ChunkedReader();
  let body = "";
  let used = 0;
  for (const piece of pieces) {
    const count = reader.read(Buffer.from(piece, "latin1"), (bytes) => (body += bytes.toString("latin1")));
    if (count < 0) return undefined;
    used += count;
  }
  return { body, used, done: reader.done };
}

const GOOD: readonly [title: string, wire: string, body: string][] = [
  ["no bytes", "0\r\n\r\n", ""],
  ["one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello"],
  ["upper and lower case sizes", "A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"],
  ["leading zeros", "0005\r\nhello\r\n000\r\n\r\n", "hello"],
  ["bytes that look like framing", "7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n", "\r\n0\r\n\r\n"],
  ["chunk extensions, dropped", '5;a=b;c="d e"\r\nhello\r\n0 ; x\r\n\r\n', "hello"],
  ["trailers, dropped", "5\r\nhello\r\n0\r\nX-Sum: 1\r\nContent-Length: 9\r\n\r\n", "hello"],
];

describe("a chunked body is read", () => {
  for (const [title, wire, body] of GOOD) {
    test(`with ${title}`, () => expect(read(wire)).toEqual({ body, used: wire.length, done: true }));

    test(`with ${title}, split at every byte boundary`, () => {
      for (let at = 1; at < wire.length; at++) {
        expect(read(wire.slice(0, at), wire.slice(at))).toEqual({ body, used: wire.length, done: true });
      }
      expect(read(...wire)).toEqual({ body, used: wire.length, done: true });
    });
  }

  test("and bytes after its end are left alone", () =>
    expect(read("0\r\n\r\nGET / HTTP/1.1\r\n")).toEqual({ body: "", used: 5, done: true }));

  test("and is not over before its last chunk", () => {
    expect(read("5\r\nhello\r\n")?.done).toBe(false);
    expect(read("5\r\nhello\r\n0\r\n")?.done).toBe(false);
    expect(read("5\r\nhello\r\n0\r\nX: y\r\n")?.done).toBe(false);
  });
});

describe("it is malformed with", () => {
  const BAD: readonly [title: string, wire: string][] = [
    ["no size", "\r\nhello\r\n0\r\n\r\n"],
    ["a size of 0x5", "0x5\r\nhello\r\n0\r\n\r\n"],
    ["a plus", "+5\r\nhello\r\n0\r\n\r\n"],
    ["a minus", "-5\r\nhello\r\n0\r\n\r\n"],
    ["a space before the size", " 5\r\nhello\r\n0\r\n\r\n"],
    ["a space after the size", "5 \r\nhello\r\n0\r\n\r\n"],
    ["a size with a blank inside", "5 5\r\nhello\r\n0\r\n\r\n"],
    ["a size that is not hexadecimal", "5g\r\nhello\r\n0\r\n\r\n"],
    ["a size that overflows 64 bits", "10000000000000005\r\nhello\r\n0\r\n\r\n"],
    ["a size that overflows a double", "fffffffffffff\r\nhello\r\n0\r\n\r\n"],
    ["a bare LF after the size", "5\nhello\r\n0\r\n\r\n"],
    ["a bare CR in the size line", "5\rx\r\nhello\r\n0\r\n\r\n"],
    ["a control in an extension", "5;a\x00b\r\nhello\r\n0\r\n\r\n"],
    ["a bare LF after the data", "5\r\nhello\n0\r\n\r\n"],
    ["no line end after the data", "5\r\nhello0\r\n\r\n"],
    ["more data than its size", "5\r\nhello!\r\n0\r\n\r\n"],
    ["a bare LF at the end", "0\r\n\n"],
    ["a trailer that ends with a bare LF", "0\r\nx: y\n\r\n"],
    ["a bare CR in a trailer", "0\r\nx: \ry\r\n\r\n"],
    ["a size line without an end", "5;".padEnd(5000, "a")],
    ["a trailer line without an end", `0\r\n${"a".repeat(5000)}`],
    ["a flood of trailers", `0\r\n${"a: b\r\n".repeat(5000)}`],
  ];
  for (const [title, wire] of BAD) {
    test(title, () => {
      expect(read(wire)).toBeUndefined();
      expect(read(...wire)).toBeUndefined();
    });
  }

  test("a flood of extensions, though each one is short", () =>
    expect(read(`1;${"a".repeat(1000)}\r\nx\r\n`.repeat(100))).toBeUndefined());
});

describe("a chunk is written", () => {
  const framed = (bytes: Uint8Array) => {
    const sent: Buffer[] = [];
    sendChunk({ send: (data) => sent.push(Buffer.from(data as string)) > 0 }, bytes);
    return Buffer.concat(sent);
  };
  for (const size of [1, 15, 16, 16 * 1024 - 1, 16 * 1024, 100_000]) {
    test(`of ${size} bytes, and read again`, () => {
      const body = "x".repeat(size);
      const wire = framed(Buffer.from(body)).toString("latin1") + LAST_CHUNK;
      expect(read(wire)).toEqual({ body, used: wire.length, done: true });
    });
  }
});
