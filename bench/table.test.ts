import { expect, test } from "bun:test";
import { toTable } from "./table.ts";
import type { Row } from "./types.ts";

function cells(row: Partial<Row>): string[] {
  const whole: Row = { title: "t", unit: "u", digits: 1, better: "more", values: {}, samples: {}, ...row };
  return toTable([whole])
    .split("\n")[2]!
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

test("the last two columns say how many times better Hamlet is, whichever way better goes", () => {
  expect(cells({ better: "more", values: { hamlet: 30_000, dhw: 5000, workerd: 15_000 } }).slice(-2)).toEqual(
    ["6.0", "2.0"],
  );
  expect(cells({ better: "less", values: { hamlet: 5, dhw: 50, workerd: 4 } }).slice(-2)).toEqual([
    "10.0",
    "0.8",
  ]);
});

test("what was not measured is a dash, never a zero", () => {
  expect(cells({ values: { hamlet: 1234.5 } })).toEqual(["t", "u", "1,234.5", "–", "–", "–", "–", "–", "–"]);
});
