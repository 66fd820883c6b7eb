import { expect, test } from "bun:test";
import { makeStore } from "../../test/support/store.ts";
import type { Deployment } from "../val/deployment.ts";
import type { RunRecord } from "./telemetry-rows.ts";

const NOW = 1_800_000_000_000;
const SETTLED = { settleMs: 0, flushMs: 5 };

const deployment = (valId = "val-1"): Deployment => ({
  ...{ id: "d", valId, fileId: `file-of-${valId}`, branchId: `branch-of-${valId}`, version: 3 },
  ...{ username: "ann", valName: "hello", artifact: "/", entry: "main.ts", start: "pooled", secret: false },
  ...{ module: "https://esm.town/v/me/hello@1-main/main.ts", userId: "owner", env: {} },
});

const run = (end: number, more: Partial<RunRecord> = {}): RunRecord => ({
  ...{ trace: crypto.randomUUID().replaceAll("-", ""), deployment: deployment(), kind: "http" },
  ...{ method: "GET", url: "http://ann-hello.web.localhost:3000/", status: 200, error: undefined },
  ...{ start: end - 5, firstByte: end - 2, end, bytesIn: 0, bytesOut: 12, worker: "w1", cold: false },
  ...{ aborted: false, requestHeaders: "", responseHeaders: "" },
  ...more,
});

const line = (time: number, text: string) =>
  ({
    deployment: deployment(),
    worker: "w1",
    level: "info",
    trace: "",
    stream: "stdout",
    time,
    text,
  }) as const;

test("one may ask for several accounts at once, and gets their records in one order, page by page", async () => {
  await using t = await makeStore({ now: () => NOW, telemetry: SETTLED });
  const of = (username: string, valId: string) => ({ ...deployment(valId), username });
  const subjects = [of("ann", "a"), of("acme", "b"), of("bob", "c")];
  for (let i = 0; i < 9; i++) {
    t.store.telemetry.recordRuns([run(NOW - 100 + i, { deployment: subjects[i % 3]! })]);
    t.store.telemetry.recordLogs([{ ...line(NOW - 100 + i, `line ${i}`), deployment: subjects[i % 3]! }]);
  }
  for (const direction of ["asc", "desc"] as const) {
    const filter = { usernames: ["ann", "acme"], direction, limit: 4 };
    const first = await t.store.telemetry.traces({ ...filter, orderBy: "end_time" });
    const more = await t.store.telemetry.traces({ ...filter, orderBy: "end_time", ...first.next });
    const ends = [...first.rows, ...more.rows].map((row) => row.end_us / 1000 - NOW + 100);
    expect(ends).toEqual(direction === "asc" ? [0, 1, 3, 4, 6, 7] : [7, 6, 4, 3, 1, 0]);
    const lines = await t.store.telemetry.logs(filter);
    const rest = await t.store.telemetry.logs({ ...filter, ...lines.next });
    const texts = [...lines.rows, ...rest.rows].map((row) => Number(row.text.slice(5)));
    expect(texts).toEqual(ends);
  }
});

test("a val that moves takes its records along, those to come from older workers too", async () => {
  await using t = await makeStore({ now: () => NOW, telemetry: SETTLED });
  const { telemetry } = t.store;
  const counts = async () => {
    const of = async (username: string) => {
      const filter = { direction: "asc", limit: 100, usernames: [username] } as const;
      const { rows } = await telemetry.traces({ ...filter, orderBy: "end_time" });
      return `${rows.length}+${(await telemetry.logs(filter)).rows.length}`;
    };
    return Promise.all(["ann", "acme"].map(of));
  };
  const record = () => {
    telemetry.recordRuns([run(NOW - 30), run(NOW - 20, { deployment: deployment("val-2") })]);
    telemetry.recordLogs([line(NOW - 10, "said")]);
  };
  record();
  await telemetry.moved("val-1", "acme");
  expect(await counts()).toEqual(["1+0", "1+1"]);
  record();
  expect(await counts()).toEqual(["2+0", "2+2"]);
  await telemetry.removeAccount("acme");
  expect(await counts()).toEqual(["2+0", "0+0"]);
});
