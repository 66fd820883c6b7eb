/** What an account has, beside what it may have. */

import { expect, test } from "bun:test";
import type { RunRecord } from "../src/store/store.ts";
import { makeTown, type Town } from "./support/town.ts";

const DAY = 24 * 3600 * 1000;
const START = Date.UTC(2026, 0, 1, 12);

function runsOf(town: Town, count: number, more: Partial<RunRecord> = {}): RunRecord[] {
  const deployment = {
    userId: town.ann.id,
    username: "ann",
    valId: "v",
    fileId: "f",
    branchId: "b",
    version: 1,
  };
  return Array.from({ length: count }, (_, n) => ({
    trace: `${n}`.padStart(32, "0"),
    deployment: deployment as RunRecord["deployment"],
    kind: "http",
    method: "GET",
    url: "http://x/",
    status: 200,
    error: undefined,
    start: START,
    firstByte: START,
    end: START,
    bytesIn: 0,
    bytesOut: 0,
    worker: "w",
    cold: false,
    aborted: false,
    requestHeaders: "",
    responseHeaders: "",
    ...more,
  }));
}

test("a new account has nothing, and what it has is counted", async () => {
  await using town = await makeTown({ now: () => START });
  const usage = async (token?: string) => (await town.expect(200, "GET", "/v3/me/usage", { token })).json;
  expect(await usage()).toEqual({
    vals: { total: 0, public: 0, unlisted: 0, private: 0 },
    files: 0,
    blobs: { count: 0, bytes: 0, quota: null },
    databases: [],
    runs: { today: 0, last30Days: 0 },
    mails: { today: 0, received: { today: 0, waiting: 0, bytes: 0, quota: null } },
    tokens: 1,
    limits: {
      mailsPerMinute: null,
      modelCallsPerMinute: null,
      requestBytes: null,
      workersPerFile: null,
      workerMemoryBytes: null,
      requestsInFlightPerVal: null,
      minPeriodSeconds: null,
    },
  });
  const id = await town.val("one");
  await town.val("two", { privacy: "private" });
  await town.file(id, "dir/a.ts");
  await town.file(id, "b.ts");
  await town.expect(204, "DELETE", `/v2/vals/${id}/files?path=b.ts`);
  await town.expect(201, "POST", "/v1/blob/a", { body: "12345" });
  await town.expect(201, "POST", `/v3/vals/${id}/blob/b`, { body: "123" });
  await town.expect(202, "POST", "/v1/email", { json: { subject: "hi" } });
  await town.file(id, "mail.ts", "", "email");
  const raw = {
    body: "Subject: hi\r\n\r\n",
    headers: { "content-type": "message/rfc822", prefer: "respond-async" },
  };
  await town.expect(202, "POST", `/v2/vals/${id}/files/email?path=mail.ts`, raw);
  await town.expect(200, "POST", `/v3/vals/${id}/sqlite/execute`, {
    json: { statement: "create table t (a)" },
  });
  expect(await usage()).toMatchObject({
    vals: { total: 2, public: 1, unlisted: 0, private: 1 },
    files: 2,
    blobs: { count: 2, bytes: 8 },
    databases: [{ scope: "val", valId: id, name: "one", bytes: expect.any(Number), quota: null }],
    mails: { today: 1, received: { today: 1, waiting: 1, bytes: 15, quota: null } },
  });
  expect((await usage(town.bob.token)).vals.total).toBe(0);
});

test("runs are counted by day, also those that were not stored, and a lasting one once", async () => {
  let now = START;
  await using town = await makeTown({ now: () => now, telemetry: { runsPerSecond: 1 } });
  const runs = async () => (await town.expect(200, "GET", "/v3/me/usage")).json.runs;
  town.store.telemetry.recordRuns(runsOf(town, 100));
  town.store.telemetry.recordRuns(runsOf(town, 1, { end: 0, trace: "a".repeat(32) }));
  town.store.telemetry.recordRuns(runsOf(town, 1, { trace: "a".repeat(32) }));
  expect(await runs()).toEqual({ today: 101, last30Days: 101 });
  now += DAY;
  town.store.telemetry.recordRuns(runsOf(town, 5));
  expect(await runs()).toEqual({ today: 5, last30Days: 106 });
  now += 29 * DAY;
  expect(await runs()).toEqual({ today: 0, last30Days: 5 });
});

test("an organization's numbers are for its members", async () => {
  await using town = await makeTown();
  const acme = await town.store.orgs.create({ username: "acme", ownerId: town.ann.id });
  await town.store.vals.create({ userId: acme.id, name: "theirs", privacy: "private" });
  const where = `/v3/orgs/${acme.id}/usage`;
  expect((await town.expect(200, "GET", where)).json.vals.total).toBe(1);
  await town.expect(404, "GET", where, { token: town.bob.token });
  await town.expect(404, "GET", `/v3/orgs/${Bun.randomUUIDv7()}/usage`);
});
