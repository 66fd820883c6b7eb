import { expect, test } from "bun:test";
import { makeStore } from "../../test/support/store.ts";
import type { Deployment } from "../val/deployment.ts";
import type { RunRecord } from "./telemetry-rows.ts";

const NOW = 1_800_000_000_000;
const SETTLED = { settleMs: 0, flushMs: 5 };
const EVERYTHING = { usernames: ["ann"], direction: "asc", limit: 100 } as const;

const deployment: Deployment = {
  id: "file@3",
  valId: "val",
  fileId: "file",
  branchId: "branch",
  version: 3,
  username: "ann",
  valName: "hello",
  artifact: "/",
  entry: "main.ts",
  start: "pooled",
  secret: false,
  module: "https://esm.town/v/me/hello@1-main/main.ts",
  userId: "owner",
  env: {},
};

const run = (end: number): RunRecord => ({
  trace: crypto.randomUUID().replaceAll("-", ""),
  deployment,
  kind: "http",
  method: "GET",
  url: "http://ann-hello.web.localhost:3000/",
  status: 200,
  error: undefined,
  start: end - 5,
  firstByte: end - 2,
  end,
  bytesIn: 0,
  bytesOut: 12,
  worker: "w1",
  cold: false,
  aborted: false,
  requestHeaders: "",
  responseHeaders: "",
});

test("a run that lasts is listed by its start, without an end; once it has ended, it is there once", async () => {
  await using t = await makeStore({ now: () => NOW, telemetry: SETTLED });
  const { telemetry } = t.store;
  const ended = run(NOW - 2000);
  const lasting = { ...run(NOW), start: NOW - 3000, end: 0, status: 0, firstByte: 0 };
  telemetry.recordRuns([ended, lasting]);
  const list = async (orderBy: "start_time" | "end_time", direction: "asc" | "desc") =>
    (await telemetry.traces({ ...EVERYTHING, orderBy, direction })).rows.map((row) => [
      row.trace,
      row.end_us > 0,
    ]);
  for (const direction of ["asc", "desc"] as const) {
    expect(await list("end_time", direction)).toEqual([[ended.trace, true]]);
    expect((await list("start_time", direction)).toSorted()).toEqual(
      [
        [ended.trace, true],
        [lasting.trace, false],
      ].toSorted() as never,
    );
  }
  telemetry.recordRuns([{ ...lasting, end: NOW - 1000, status: 200 }]);
  expect(await list("end_time", "asc")).toEqual([
    [ended.trace, true],
    [lasting.trace, true],
  ]);
  expect(await list("start_time", "asc")).toHaveLength(2);
});

test("a run announced and ended within one batch is there once; one known to last is never too much", async () => {
  await using t = await makeStore({
    now: () => NOW,
    telemetry: { ...SETTLED, flushMs: 50, runsPerSecond: 1 },
  });
  const { telemetry } = t.store;
  const both = run(NOW - 500);
  const long = run(NOW - 400);
  telemetry.recordRuns([{ ...both, end: 0 }, { ...long, end: 0 }, both]);
  await telemetry.flush();
  telemetry.recordRuns([...Array.from({ length: 200 }, () => run(NOW - 300)), long]);
  const { rows } = await telemetry.traces({ ...EVERYTHING, orderBy: "end_time", direction: "asc" });
  expect(rows.filter((row) => row.trace === both.trace)).toHaveLength(1);
  expect(rows.filter((row) => row.trace === long.trace).map((row) => row.end_us)).toEqual([
    (NOW - 400) * 1000,
  ]);
});

test("what a killed server left as lasting is ended by the next one; retention keeps what lasts and is young", async () => {
  await using t = await makeStore({ now: () => NOW, telemetry: { ...SETTLED, maxAgeMs: 10_000 } });
  const { telemetry } = t.store;
  const young = { ...run(NOW), start: NOW - 5000, end: 0 };
  const old = { ...run(NOW), start: NOW - 50_000, end: 0 };
  telemetry.recordRuns([old, young]);
  await telemetry.flush();
  await telemetry.prune();
  const list = async () =>
    (await telemetry.traces({ ...EVERYTHING, orderBy: "start_time", direction: "asc" })).rows;
  expect((await list()).map((row) => [row.trace, row.end_us])).toEqual([[young.trace, 0]]);
  await telemetry.endLasting();
  expect((await list()).map((row) => [row.trace, row.error, row.end_us > 0])).toEqual([
    [young.trace, "internal", true],
  ]);
});
