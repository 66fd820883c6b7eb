import { expect, test } from "bun:test";
import { encodeFrame, FrameReader, isReport, type Report } from "./sqlite-protocol.ts";

const report: Report = { id: 1, state: "done", status: 200, open: 0, locked: false };
const bytesOf = (head: Report, body: Uint8Array) => Buffer.concat(encodeFrame(head, body));

test("frames are cut out of whatever pieces they arrive in", () => {
  const bodies = [0, 1, 7, 70_000].map((length) => Buffer.alloc(length, "é"));
  const bytes = Buffer.concat(bodies.map((body, id) => bytesOf({ ...report, id }, body)));
  for (const size of [1, 3, 8, 1000, 65_536, bytes.length]) {
    const reader = new FrameReader<Report>();
    const frames = [];
    for (let at = 0; at < bytes.length; at += size)
      frames.push(...reader.push(bytes.subarray(at, at + size)));
    expect(frames.map(({ head, body }) => [head.id, body.length])).toEqual(
      bodies.map((body, id) => [id, body.length]),
    );
    for (const [index, { body }] of frames.entries()) expect(Buffer.compare(body, bodies[index]!)).toBe(0);
  }
});

test("what cannot be a frame is not waited for", () => {
  expect(() => new FrameReader().push(Buffer.alloc(8, 0xff))).toThrow("larger");
  expect(() => new FrameReader().push(Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 123]))).toThrow();
});

test("a report is believed only in its own shape", () => {
  expect(isReport(report)).toBe(true);
  expect(isReport({ ...report, stream: { number: 1, uses: 2 }, closed: 3 })).toBe(true);
  const bad = [null, 7, {}, { ...report, status: 101 }, { ...report, state: "?" }, { ...report, locked: 1 }];
  const worse = [
    { ...report, open: "1" },
    { ...report, stream: { number: 1 } },
    { ...report, closed: "x" },
  ];
  expect([...bad, ...worse].map(isReport)).toEqual([...bad, ...worse].map(() => false));
});
