/** Schedules by the API. */

import { expect, test } from "bun:test";
import { makeTown, type Town } from "./support/town.ts";

const NOW = Date.parse("2026-10-24T12:05:00Z");

async function makeScheduled() {
  const town = await makeTown({ now: () => NOW });
  const valId = await town.val("clock");
  const { id } = await town.file(valId, "cron.ts", "export default () => {}", "interval");
  const path = `/v3/files/${id}/trigger`;
  const change = async (json: object, as: { token?: string } = {}) =>
    town.call("PATCH", path, { json, ...as });
  return { town, valId, id, path, change, [Symbol.asyncDispose]: () => town[Symbol.asyncDispose]() };
}

async function messageOf(answer: Awaited<ReturnType<Town["call"]>>): Promise<string> {
  return `${answer.status} ${answer.json?.code ?? ""} ${answer.json?.message}`;
}

test("a new interval file runs hourly; what is asked for is shown, with its next five times in its time zone", async () => {
  await using t = await makeScheduled();
  const first = await t.town.expect(200, "GET", t.path);
  expect(first.json).toMatchObject({
    ...{ type: "interval", schedule: "every hour", timeZone: "UTC", paused: false, lastRunAt: null },
    endpoints: [],
  });
  expect(first.json.nextRuns[0]).toBe("2026-10-24T13:00:00+00:00");
  const changed = await t.change({ schedule: "30 2 * * *", timeZone: "europe/berlin" });
  expect(changed.json).toMatchObject({ schedule: "30 2 * * *", timeZone: "Europe/Berlin" });
  expect(changed.json.nextRuns).toEqual([
    "2026-10-25T02:30:00+02:00",
    "2026-10-26T02:30:00+01:00",
    "2026-10-27T02:30:00+01:00",
    "2026-10-28T02:30:00+01:00",
    "2026-10-29T02:30:00+01:00",
  ]);
  expect((await t.change({ paused: true })).json).toMatchObject({ paused: true, nextRuns: [] });
  expect((await t.change({ paused: false })).json.nextRuns).toEqual(changed.json.nextRuns);
  await t.town.store.schedules.began(t.id);
  expect((await t.town.expect(200, "GET", t.path)).json.lastRunAt).toBe("2026-10-24T12:05:00.000Z");
});

test("what is wrong is told with its field, and with what would be right", async () => {
  await using t = await makeScheduled();
  expect(await messageOf(await t.change({ schedule: "soon" }))).toStartWith(
    '400 FST_ERR_VALIDATION body/schedule: "soon" is no schedule. Write "every 15 minutes"',
  );
  expect(await messageOf(await t.change({ schedule: "* * * * * *" }))).toContain(
    "Seconds and years cannot be given",
  );
  expect(await messageOf(await t.change({ timeZone: "Mars/Olympus" }))).toStartWith(
    "400 FST_ERR_VALIDATION body/timeZone: There is no time zone",
  );
  expect(await messageOf(await t.change({ paused: "yes" }))).toContain("body/paused must be boolean");
  const script = await t.town.file(t.valId, "a.ts");
  const other = await t.town.call("PATCH", `/v3/files/${script.id}/trigger`, { json: { paused: true } });
  expect(await messageOf(other)).toBe(
    "400 FST_ERR_VALIDATION body/paused is for files of type interval. Change the file's type first",
  );
  expect((await t.town.expect(200, "GET", `/v3/files/${script.id}/trigger`)).json).toMatchObject({
    ...{ schedule: null, timeZone: null, paused: null, nextRuns: [], lastRunAt: null },
  });
});

test("the operator gives an account a shortest period, which is asked for, shown, and can be taken back", async () => {
  await using t = await makeScheduled();
  const { town } = t;
  const admin = (minPeriodSeconds: number | null) =>
    town.call("PATCH", `/v3/admin/users/${town.ann.id}`, { json: { minPeriodSeconds } });
  expect((await admin(900)).json).toMatchObject({ minPeriodSeconds: 900 });
  expect((await town.expect(200, "GET", "/v3/me/usage")).json.limits.minPeriodSeconds).toBe(900);
  expect(await messageOf(await t.change({ schedule: "*/5 * * * *" }))).toBe(
    '400 FST_ERR_VALIDATION body/schedule: "*/5 * * * *" runs after 5 minutes already; this account\'s schedules may run every 15 minutes at most.',
  );
  expect((await t.change({ schedule: "*/15 * * * *" })).status).toBe(200);
  expect((await admin(null)).json).toMatchObject({ minPeriodSeconds: null });
  expect((await t.change({ schedule: "* * * * *" })).status).toBe(200);
  expect((await admin(59)).status).toBe(400);
});

test("who may only read a val sees its schedule, and changes nothing", async () => {
  await using t = await makeScheduled();
  const bob = { token: t.town.bob.token };
  expect((await t.town.expect(200, "GET", t.path, bob)).json.schedule).toBe("every hour");
  expect((await t.change({ paused: true }, bob)).status).toBe(403);
  expect((await t.town.expect(200, "GET", t.path)).json.paused).toBe(false);
});

test("an archive has the schedules of a val, and what is made from it starts paused", async () => {
  await using t = await makeScheduled();
  const { town, valId } = t;
  await t.change({ schedule: "30 9 * * 1-5", timeZone: "Asia/Kolkata" });
  await town.expect(201, "POST", `/v2/vals/${valId}/branches`, { json: { name: "dev" } });
  const exported = await town.api.fetch(
    new Request(`http://api.localhost:3000/v3/vals/${valId}/export`, {
      headers: { authorization: `Bearer ${town.ann.token}` },
    }),
  );
  const body = new Uint8Array(await exported.arrayBuffer());
  const headers = { "content-type": "application/x-tar" };
  await town.expect(200, "POST", "/v3/import", { body, headers, token: town.bob.token });
  const imported = (await town.store.vals.findByName("Bob", "clock"))!;
  const { rows } = await town.store.vals.branches(imported.id, { limit: 10, offset: 0 });
  expect(rows.length).toBe(2);
  for (const branch of rows) {
    const file = await town.store.files.at({ valId: imported.id, branchId: branch.id }, "cron.ts");
    expect(await town.store.schedules.of(file!.id)).toEqual({
      ...{ schedule: "30 9 * * 1-5", timeZone: "Asia/Kolkata", paused: true, lastRunAt: null },
    });
  }
  const { rows: jobs } = await town.store.jobs.list({ valId: imported.id }, { limit: 10, offset: 0 });
  expect(jobs).toEqual([]);
});
