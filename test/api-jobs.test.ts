/** The queue as its owner sees it: what waits, what failed and why, and what can be done about it. */

import { expect, test } from "bun:test";
import { makeTown, type Town } from "./support/town.ts";

/** A val with a file for which a mail has come. */
async function withMail(use: (town: Town, names: { val: string; file: string }) => Promise<void>) {
  await using town = await makeTown();
  const val = await town.val("hello");
  const { id: file } = await town.file(val, "mail.ts", "1", "email");
  const to = [{ fileId: file, valId: val, userId: town.ann.id, address: "ann.hello@example.org" }];
  const mail = { sender: "a@b.example", subject: "", messageId: undefined, size: 1, head: "", hops: 0 };
  await town.store.inbox.add({ id: Bun.randomUUIDv7(), ...mail, to });
  await use(town, { val, file });
}

const claim = async ({ store }: Town) =>
  (await store.jobs.claim({ owner: "p", now: Date.now() + 1000, leaseMs: 1000, limit: 1, perVal: 1 }))[0]!;

test("a job is shown while it waits, runs and is dead, and so are its runs", () =>
  withMail(async (town, { val, file }) => {
    const jobs = async (query = "") =>
      (await town.expect(200, "GET", `/v3/vals/${val}/jobs${query}`)).json.data;
    const [queued] = await jobs();
    expect(queued).toMatchObject({
      kind: "email",
      state: "queued",
      attempts: 0,
      maxAttempts: 5,
      error: null,
    });
    expect(queued.file).toEqual({ id: file, path: "mail.ts" });
    expect([queued.address, typeof queued.mailId]).toEqual(["ann.hello@example.org", "string"]);
    expect(queued.nextAttemptAt).toBe(queued.dueAt);
    const job = await claim(town);
    await town.store.jobs.begin(job, { trace: "t".repeat(32), at: Date.now() });
    expect(await jobs("?state=running")).toMatchObject([{ id: job.id, nextAttemptAt: null, attempts: 1 }]);
    const busy = (await town.expect(200, "GET", `/v3/files/${file}/runs`)).json.data;
    expect(busy).toMatchObject([{ outcome: null, endedAt: null, traceId: "t".repeat(32), attempt: 1 }]);
    for (const [method, path] of [
      ["POST", "/retry"],
      ["DELETE", ""],
    ] as const)
      expect((await town.expect(409, method, `/v3/jobs/${job.id}${path}`)).json.message).toContain("running");
    await town.store.jobs.finish(job, { outcome: "failed", error: "Error: no", at: Date.now(), dead: true });
    expect(await jobs("?state=queued")).toEqual([]);
    expect(await jobs("?state=dead")).toMatchObject([{ error: "Error: no", nextAttemptAt: null }]);
    const { data, links } = (await town.expect(200, "GET", `/v3/files/${file}/runs?limit=1`)).json;
    expect(data).toMatchObject([{ jobId: job.id, outcome: "failed", error: "Error: no" }]);
    expect(links.next).toBeUndefined();
    expect((await town.expect(400, "GET", `/v3/vals/${val}/jobs?state=lost`)).json.code).toBe(
      "FST_ERR_VALIDATION",
    );
  }));

test("a dead job can be attempted again, and taken out of the queue", () =>
  withMail(async (town, { val }) => {
    const job = await claim(town);
    await town.store.jobs.finish(job, { outcome: "failed", error: "Error: no", at: Date.now(), dead: true });
    const { json } = await town.expect(200, "POST", `/v3/jobs/${job.id}/retry`);
    expect(json).toMatchObject({ id: job.id, state: "queued", attempts: 0 });
    expect((await claim(town)).id).toBe(job.id);
    await town.store.jobs.postpone(job.id, "p", Date.now());
    await town.expect(204, "DELETE", `/v3/jobs/${job.id}`);
    for (const [method, path] of [
      ["POST", "/retry"],
      ["DELETE", ""],
    ] as const)
      await town.expect(404, method, `/v3/jobs/${job.id}${path}`);
    expect((await town.expect(200, "GET", `/v3/vals/${val}/jobs`)).json.data).toEqual([]);
  }));

test("the operator sees how long the queue is", () =>
  withMail(async (town) => {
    const machine = async () => (await town.expect(200, "GET", "/v3/admin/town")).json.jobs;
    const queued = { queued: 1, running: 0, dead: 0 };
    const { vals, ...all } = await machine();
    expect(all).toEqual(queued);
    expect(vals).toEqual([{ ...queued, val: expect.objectContaining({ username: "ann" }) }]);
    await claim(town);
    expect(await machine()).toMatchObject({ queued: 0, running: 1, dead: 0, vals: [{ running: 1 }] });
  }));

test("whether one is told of failures is for each person to say", async () => {
  await using town = await makeTown();
  const say = async (json: object) => (await town.expect(200, "PATCH", "/v3/me", { json })).json.failureMails;
  expect([await say({}), await say({ failureMails: false }), await say({})]).toEqual([true, false, false]);
  expect(await say({ failureMails: true })).toBe(true);
});
