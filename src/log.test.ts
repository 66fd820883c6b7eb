import { expect, test } from "bun:test";
import { createLog } from "./log.ts";

const collect = (json: boolean) => {
  const lines: string[] = [];
  return {
    lines,
    log: createLog({ json, write: (line) => void lines.push(line), now: () => 1_700_000_000_123 }),
  };
};

test("a line for a person has the time, the level when it matters, the message and the fields", () => {
  const { lines, log } = collect(false);
  log.info("started", { url: "http://localhost:3000", gone: undefined });
  log.warn("slow disk", { folder: "/my data" });
  expect(lines).toEqual([
    "22:13:20.123 started url=http://localhost:3000\n",
    '22:13:20.123 warn: slow disk folder="/my data"\n',
  ]);
});

test("a line for a machine is one JSON object", () => {
  const { lines, log } = collect(true);
  log.error("failed", { error: new Error("outer", { cause: new Error("inner") }) });
  const entry = JSON.parse(lines[0]!);
  expect(entry).toMatchObject({ time: "2023-11-14T22:13:20.123Z", level: "error", message: "failed" });
  expect(entry.error).toContain("outer");
  expect(entry.error).toContain("caused by Error: inner");
});

test("text from a val cannot forge a second line or drive the terminal", () => {
  for (const json of [false, true]) {
    const { lines, log } = collect(json);
    log.info("val said\n00:00:00 all is well", { text: "\u001b[2J\r\nforged" });
    expect(lines).toHaveLength(1);
    expect(lines[0]!.match(/\p{Cc}/gu)).toEqual(["\n"]);
    expect(lines[0]).toEndWith("\n");
  }
});
