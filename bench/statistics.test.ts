import { expect, test } from "bun:test";
import { median, quantile, Samples } from "./statistics.ts";

test("the median of an even count lies between the two in the middle, in any order", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([9, 1, 5])).toBe(5);
  expect(median([])).toBeNaN();
});

test("a quantile is interpolated between its neighbours", () => {
  expect(quantile([0, 10], 0.99)).toBeCloseTo(9.9);
  expect(quantile([7], 0.99)).toBe(7);
});

test("a row holds the median and keeps every sample", () => {
  const samples = new Samples();
  samples.add("hamlet", 3, 1);
  samples.add("hamlet", 2);
  const row = samples.toRow({ title: "x", unit: "ms", better: "less" });
  expect(row.values).toEqual({ hamlet: 2 });
  expect(row.samples).toEqual({ hamlet: [3, 1, 2] });
});
