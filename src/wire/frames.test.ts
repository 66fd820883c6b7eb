import { expect, test } from "bun:test";
import { encodeFrame, readFrames } from "./frames.ts";

const LIMITS = { headBytes: 1000, bodyBytes: 1000 };

async function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const two = new Uint8Array([
  ...encodeFrame({ a: "ü" }, new Uint8Array([1, 2, 3])),
  ...encodeFrame({ b: [] }),
]);

test.each([1, 3, 7, 8, 9, 1000])("messages arrive whole from pieces of %d bytes", async (size) => {
  const frames = await Array.fromAsync(readFrames(inPieces(two, size), LIMITS));
  expect(frames).toEqual([
    { head: { a: "ü" }, body: new Uint8Array([1, 2, 3]) },
    { head: { b: [] }, body: new Uint8Array() },
  ]);
});

test("one that is too long is refused before it has arrived, and one that is cut off is none", async () => {
  const long = encodeFrame({ a: "x".repeat(1000) }).subarray(0, 8);
  expect(Array.fromAsync(readFrames(inPieces(long, 8), LIMITS))).rejects.toThrow("too long");
  const body = encodeFrame({}, new Uint8Array(1001)).subarray(0, 8);
  expect(Array.fromAsync(readFrames(inPieces(body, 8), LIMITS))).rejects.toThrow("too long");
  expect(await Array.fromAsync(readFrames(inPieces(two.subarray(0, 20), 8), LIMITS))).toEqual([]);
});

test("a head that is not JSON is refused", async () => {
  const frame = encodeFrame({ a: 1 });
  frame[8] = 0;
  expect(Array.fromAsync(readFrames(inPieces(frame, 8), LIMITS))).rejects.toThrow();
});
