/** The clock on a real server: a file that is new, that is run by hand, and what is shown of it. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { runHamlet, startHamlet, type TestHamlet } from "./support/server.ts";
import { eventually, logs } from "./support/telemetry.ts";

let hamlet: TestHamlet;
beforeAll(async () => {
  hamlet = await startHamlet();
});
afterAll(() => hamlet?.[Symbol.asyncDispose]());

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape is what they test
const json = async (pending: Promise<Response>): Promise<any> => (await pending).json();

test("a new interval file runs at once, and knows of that run when it is run again", async () => {
  const source = `export default ({ lastRunAt }: Interval) => console.log(lastRunAt instanceof Date, String(lastRunAt?.getTime()));`;
  const val = await hamlet.val("clock", { "tick.interval.ts": source });
  const { id } = (await json(hamlet.api(`/v2/vals/${val.id}/files?path=tick.interval.ts`))).data[0];
  const first = await eventually(async () => {
    const { data } = await json(hamlet.api(`/v3/files/${id}/runs`));
    return data[0]?.outcome === "ok" ? data[0] : undefined;
  });
  const told = await eventually(async () => {
    const { rows } = await logs(hamlet, { file_id: id });
    return rows.length > 0 ? rows : undefined;
  });
  expect(told.map(({ text }: { text: string }) => text)).toEqual(["false undefined"]);
  const trigger = await json(hamlet.api(`/v3/files/${id}/trigger`));
  expect(trigger).toMatchObject({ schedule: "every hour", timeZone: "UTC", paused: false });
  expect(trigger.nextRuns.length).toBe(5);
  const again = await json(hamlet.api(`/v3/vals/${val.id}/run`, { json: { path: "tick.interval.ts" } }));
  expect(again.logs.map(({ text }: { text: string }) => text)).toEqual([
    `true ${Date.parse(trigger.lastRunAt)}`,
  ]);
  expect(Math.abs(Date.parse(trigger.lastRunAt) - Date.parse(first.startedAt))).toBeLessThan(10_000);
  const { lastRunAt } = await json(hamlet.api(`/v3/files/${id}/trigger`));
  expect(Date.parse(lastRunAt)).toBeGreaterThan(Date.parse(trigger.lastRunAt));
});

test("hamlet cron shows when files run and how they ran, and changes it", async () => {
  await hamlet.val("times", {
    "a.interval.ts": "export default () => {}",
    "b.interval.ts": "export default () => {}",
  });
  const cron = (...args: string[]) => runHamlet(["cron", ...args, "--data", hamlet.data]);
  const set = ["--set", "30 9 * * 1-5", "--time-zone", "Asia/Kolkata"];
  const changed = await cron("tester/times/a.interval.ts", ...set);
  expect([changed.code, changed.err]).toEqual([0, ""]);
  expect(changed.out).toStartWith("a.interval.ts: 30 9 * * 1-5 (Asia/Kolkata)\n  next  ");
  expect(changed.out.match(/ {2}next {2}\S+T09:30:00\+05:30/g)?.length).toBe(5);
  const paused = await cron("tester/times/b.interval.ts", "--pause");
  expect(paused.out).toStartWith("b.interval.ts: every hour (UTC), paused\n");
  expect(paused.out).not.toContain("next");
  const both = await cron("tester/times");
  expect(both.out.match(/^\w\.interval\.ts: /gm)).toEqual(["a.interval.ts: ", "b.interval.ts: "]);
  expect((await cron("tester/times", "--resume")).err).toContain(
    "Name one of its files: a.interval.ts, b.interval.ts",
  );
  expect((await cron("tester/times/a.interval.ts", "--set", "soon")).err).toContain('"soon" is no schedule');
  expect((await cron("tester/times/c.ts")).err).toContain("no file c.ts of type interval");
});
