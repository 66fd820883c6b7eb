import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { makeStore } from "../../test/support/store.ts";
import type { NewReceivedMail } from "./inbox.ts";
import { createInbox } from "./inbox.ts";
import type { Job, JobOutcome } from "./jobs.ts";
import { openMigrated, TOWN_MIGRATIONS } from "./migrate.ts";
import type { TownSchema } from "./schema.ts";

const DAY = 24 * 3600 * 1000;
const OWNER = "test";

async function makeInbox() {
  const clock = { at: Date.now() };
  const made = await makeStore({ now: () => clock.at });
  const { store, valId, userId } = made;
  const make = async (path: string) =>
    (await store.files.create(made, { path, type: "email", content: "" })).file.id;
  const target = { valId, userId, address: "ann.hello@town.example", fileId: await make("a.ts") };
  const other = { ...target, address: "shop@town.example", fileId: await make("b.ts") };
  const about = { sender: "eve@example.org", size: 100, subject: "Hi", messageId: "<1@example.org>" };
  return {
    ...{ ...made, clock, inbox: store.inbox, target, other },
    async add(more: Partial<NewReceivedMail> = {}): Promise<string> {
      const id = more.id ?? Bun.randomUUIDv7();
      const head = "Received: by town.example\r\n";
      await store.inbox.add({ id, ...about, head, hops: 1, to: [target], ...more });
      return id;
    },
    claim: () => store.jobs.claim({ owner: OWNER, now: clock.at, leaseMs: 60_000, limit: 100, perVal: 100 }),
    /** As the loop does it. */
    async run(job: Job, outcome: Omit<JobOutcome, "at">, trace = "trace-1") {
      expect(await store.jobs.begin(job, { trace, at: clock.at })).toBe(true);
      await store.jobs.finish(job, { at: clock.at, ...outcome });
    },
  };
}

test("a mail is remembered for each file it is for, with one job each, however many addresses lead to it", async () => {
  await using t = await makeInbox();
  const id = await t.add({ to: [t.target, t.other, { ...t.target, address: "letters@town.example" }] });
  const found = await t.inbox.find(id);
  expect([found?.sender, found?.head]).toEqual(["eve@example.org", "Received: by town.example\r\n"]);
  expect(found!.to).toEqual([
    expect.objectContaining({ id, ...t.target, state: "waiting", attempts: 0, size: 100, error: undefined }),
    expect.objectContaining({ id, ...t.other, sender: "eve@example.org", messageId: "<1@example.org>" }),
  ]);
  const jobs = await t.claim();
  expect(
    jobs.map(({ kind, fileId, key, payload, maxAttempts }) => [kind, fileId, key, payload, maxAttempts]),
  ).toEqual(
    [t.target, t.other].map(({ fileId, address }) => [
      ...["email", fileId, `mail:${id}:${fileId}`, { mailId: id, address }, 5],
    ]),
  );
});

test("a mail whose jobs cannot be made is not remembered either", async () => {
  await using t = await makeInbox();
  const file = join(t.folder, "hamlet.db");
  const town = await openMigrated<TownSchema>({ file, durability: "full" }, TOWN_MIGRATIONS);
  const enqueue = () => Promise.reject(new Error("no queue"));
  const inbox = createInbox(town.db, Date.now, { resolve: t.inbox.resolve, enqueue });
  const mail = { id: "m", sender: "", size: 1, subject: "", messageId: undefined, head: "", hops: 0 };
  const refused = inbox.add({ ...mail, to: [t.target] }).catch((error: Error) => error.message);
  expect([await refused, await t.inbox.find("m")]).toEqual(["no queue", undefined]);
  await town.close();
});

test("the spool file is needed until the last job is over, dead ones included", async () => {
  await using t = await makeInbox();
  const id = await t.add({ to: [t.target, t.other] });
  const more = await t.add();
  expect(await t.inbox.needed([id, "gone", more])).toEqual(new Set([id, more]));
  expect((await t.inbox.spooled({ valId: t.valId })).sort()).toEqual([id, more].sort());
  expect((await t.inbox.spooled({ userId: t.userId })).sort()).toEqual([id, more].sort());
  expect(await t.inbox.spooled({ userId: "somebody else" })).toEqual([]);
  expect(await t.inbox.usage(t.userId)).toEqual({ mails: 3, bytes: 300 });
  const jobs = await t.claim();
  const jobOf = (mailId: string, { fileId }: { fileId: string }) =>
    jobs.find(({ key }) => key === `mail:${mailId}:${fileId}`)!;
  await t.run(jobOf(id, t.target), { outcome: "ok" });
  expect(await t.inbox.settled(id)).toBe(false);
  await t.run(jobOf(id, t.other), { outcome: "failed", error: "Threw.", dead: true });
  expect(await t.inbox.settled(id)).toBe(false);
  await t.inbox.expire(t.clock.at);
  expect(await t.inbox.settled(id)).toBe(false);
  await t.inbox.expire(t.clock.at + 1);
  expect(await t.inbox.settled(id)).toBe(true);
  expect(await t.inbox.needed([id, more])).toEqual(new Set([more]));
  expect(await t.inbox.usage(t.userId)).toEqual({ mails: 1, bytes: 100 });
});

test("the list of a val's mails has the newest first, and says what came of the last attempt", async () => {
  await using t = await makeInbox();
  const [first, second] = [await t.add({ subject: "one" }), await t.add({ subject: "two" })];
  const page = await t.inbox.listByVal(t.valId, { limit: 1, offset: 0 });
  expect([page.rows.map(({ id }) => id), page.more]).toEqual([[second], true]);
  const state = async () => {
    const { rows } = await t.inbox.listByVal(t.valId, { limit: 5, offset: 1, fileId: t.target.fileId });
    return rows.map(({ id, state, attempts, error, trace }) => [id, state, attempts, error, trace]);
  };
  const [job] = (await t.claim()).filter(({ key }) => key.includes(first));
  await t.run(job!, { outcome: "failed", error: "Threw.", retryAt: t.clock.at });
  expect(await state()).toEqual([[first, "waiting", 1, "Threw.", "trace-1"]]);
  await t.run((await t.claim())[0]!, { outcome: "failed", error: "Again.", dead: true }, "trace-2");
  expect(await state()).toEqual([[first, "dead", 2, "Again.", "trace-2"]]);
  await t.store.jobs.remove(job!.id);
  expect(await state()).toEqual([[first, "failed", 2, "Again.", "trace-2"]]);
  expect((await t.inbox.listByVal(t.valId, { limit: 5, offset: 0, fileId: "f2" })).rows).toEqual([]);
});

test("a mail that is delivered is so for good, and one whose process died is waiting again", async () => {
  await using t = await makeInbox();
  const [first, second] = [await t.add(), await t.add()];
  const jobs = await t.claim();
  await t.run(jobs.find(({ key }) => key.includes(first))!, { outcome: "ok" });
  const left = jobs.find(({ key }) => key.includes(second))!;
  await t.store.jobs.begin(left, { trace: "trace-2", at: t.clock.at });
  await t.store.jobs.recover("another process", t.clock.at, true);
  const { rows } = await t.inbox.listByVal(t.valId, { limit: 5, offset: 0 });
  expect(rows.map(({ id, state, trace }) => [id, state, trace])).toEqual([
    [second, "waiting", "trace-2"],
    [first, "delivered", "trace-1"],
  ]);
});

test("what is done with is forgotten after 30 days, and beyond the newest 1000; what waits stays", async () => {
  await using t = await makeInbox();
  const [waiting, done] = [await t.add(), await t.add()];
  const finish = async (id: string) => {
    const job = (await t.claim()).find(({ key }) => key.includes(id))!;
    await t.run(job, { outcome: "ok" });
  };
  await finish(done);
  t.clock.at += 31 * DAY;
  await t.store.jobs.recover(OWNER, t.clock.at, true);
  const recent = await t.add();
  expect(await t.inbox.find(done)).toBeUndefined();
  expect((await t.inbox.find(waiting))?.to).toHaveLength(1);
  await finish(recent);
  using db = new Database(join(t.folder, "hamlet.db"));
  const columns = db.prepare("select name from pragma_table_info('mails_in')").values().flat().slice(1);
  const copy = db.prepare(
    `insert into mails_in (mail_id, ${columns}) select ?, ${columns} from mails_in where mail_id = ?`,
  );
  db.transaction(() => {
    for (let n = 0; n < 1000; n++) copy.run(Bun.randomUUIDv7(), recent);
  })();
  await t.add();
  expect(await t.inbox.find(recent)).toBeUndefined();
  expect((await t.inbox.find(waiting))?.to).toHaveLength(1);
});

test("mails go along with a val to its new owner, and away with it", async () => {
  await using t = await makeInbox();
  const id = await t.add();
  const bob = await t.store.users.create({ username: "bob" });
  await t.store.vals.transfer(t.valId, bob.id);
  expect([await t.inbox.usage(t.userId), await t.inbox.usage(bob.id)]).toEqual([
    { mails: 0, bytes: 0 },
    { mails: 1, bytes: 100 },
  ]);
  await t.store.vals.remove(t.valId);
  expect([await t.inbox.find(id), await t.inbox.needed([id])]).toEqual([undefined, new Set()]);
});

test("what waits for a file of a branch that is deleted is not needed any more", async () => {
  await using t = await makeInbox();
  const branch = await t.store.branches.fork({ valId: t.valId, name: "dev", authorId: t.userId });
  const copy = await t.store.files.at({ valId: t.valId, branchId: branch.id }, "a.ts");
  const id = await t.add({ to: [{ ...t.target, fileId: copy!.id }] });
  await t.store.branches.remove(t.valId, branch.id);
  expect(await t.inbox.needed([id])).toEqual(new Set());
  expect((await t.inbox.listByVal(t.valId, { limit: 5, offset: 0 })).rows[0]?.state).toBe("failed");
});
