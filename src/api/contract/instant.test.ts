import { expect, test } from "bun:test";
import { formatInstant, parseInstant } from "./instant.ts";

const INSTANTS: readonly [text: string, nanos: bigint | undefined][] = [
  ["1970-01-01T00:00:00Z", 0n],
  ["1970-01-01T00:00:01.5Z", 1_500_000_000n],
  ["1970-01-01T00:00:00.000000001Z", 1n],
  ["1970-01-01T00:00:00.1234567899Z", 123_456_789n],
  ["2019-12-27T18:11:19.117Z", 1_577_470_279_117_000_000n],
  ["2019-12-27T19:11:19.117+01:00", 1_577_470_279_117_000_000n],
  ["2019-12-27T19:11:19.117 01:00", 1_577_470_279_117_000_000n],
  ["2019-12-27", undefined],
  ["2019-12-27T18:11:19", undefined],
  ["2019-13-27T18:11:19Z", undefined],
  ["yesterday", undefined],
  ["", undefined],
  ["1577470279117", undefined],
];

test.each(INSTANTS)("%p is read as %p", (text, nanos) => {
  expect(parseInstant(text)).toBe(nanos);
});

test("what is written can be read again, and by Date as well", () => {
  for (const nanos of [0n, 1n, 1_577_470_279_117_000_000n, 1_800_000_000_123_456_789n]) {
    const text = formatInstant(nanos);
    expect(parseInstant(text)).toBe(nanos);
    expect(BigInt(new Date(text).getTime())).toBe(nanos / 1_000_000n);
  }
  expect(formatInstant(1_577_470_279_117_000_000n)).toBe("2019-12-27T18:11:19.117Z");
  expect(formatInstant(1_577_470_279_117_000_001n)).toBe("2019-12-27T18:11:19.117000001Z");
});
