import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { makeStore } from "../../test/support/store.ts";
import { createInbox, type Inbox, type NewMailIn } from "./inbox.ts";
import type { NewJob } from "./jobs.ts";
import { openMigrated, TOWN_MIGRATIONS } from "./migrate.ts";
import type { TownSchema } from "./schema.ts";

const DAY = 24 * 3600 * 1000;

/** An inbox that tells what jobs it makes. */
async function makeInbox() {
  const clock = { at: Date.now() };
  const made = await makeStore();
  const file = join(made.folder, "hamlet.db");
  const town = await openMigrated<TownSchema>({ file, durability: "full" }, TOWN_MIGRATIONS);
  const jobs: NewJob[] = [];
  let failing = false;
  const inbox = createInbox(town.db, () => clock.at, {
    resolve: made.store.mailAddresses.resolve,
    enqueue: async (_, more) => {
      if (failing) throw new Error("no queue");
      jobs.push(...more);
    },
  });
  const target = { fileId: "f1", valId: made.valId, userId: made.userId, address: "ann.hello" };
  return {
    ...{ ...made, clock, inbox, jobs, target, fail: () => (failing = true) },
    add: (more: Partial<NewMailIn> = {}) => add(inbox, target, more),
    async [Symbol.asyncDispose]() {
      await town.close();
      await made[Symbol.asyncDispose]();
    },
  };
}

async function add(inbox: Inbox, to: NewMailIn["to"][number], more: Partial<NewMailIn>): Promise<string> {
  const id = more.id ?? Bun.randomUUIDv7();
  const about = { sender: "eve@example.org", size: 100, subject: "Hi", messageId: "<1@example.org>" };
  await inbox.add({ id, ...about, head: "Delivered-To: x\r\n", hops: 1, to: [to], ...more });
  return id;
}

test("a mail is remembered for each file it is for, with one job each, however many addresses lead to it", async () => {
  await using t = await makeInbox();
  const other = { ...t.target, fileId: "f2", address: "shop" };
  const id = await t.add({ to: [t.target, other, { ...t.target, address: "letters" }] });
  expect(await t.inbox.find(id)).toEqual([
    expect.objectContaining({ id, fileId: "f1", address: "ann.hello", open: true, outcome: undefined }),
    expect.objectContaining({ id, fileId: "f2", address: "shop", sender: "eve@example.org", size: 100 }),
  ]);
  expect(t.jobs).toEqual(
    [t.target, other].map(({ address, ...target }) => ({
      ...{ kind: "email", ...target, payload: { mailId: id, address }, runAt: t.clock.at },
      ...{ key: `mail:${id}:${target.fileId}`, maxAttempts: 5 },
    })),
  );
});

test("a mail whose jobs cannot be made is not remembered either", async () => {
  await using t = await makeInbox();
  t.fail();
  const id = Bun.randomUUIDv7();
  expect(await t.add({ id }).catch((error: Error) => error.message)).toBe("no queue");
  expect(await t.inbox.find(id)).toEqual([]);
});

test("the spool file is needed until the last file has settled", async () => {
  await using t = await makeInbox();
  const id = await t.add({ to: [t.target, { ...t.target, fileId: "f2" }] });
  const more = await t.add();
  expect(await t.inbox.needed([id, "gone", more])).toEqual(new Set([id, more]));
  expect((await t.inbox.spooled(t.valId)).sort()).toEqual([id, more].sort());
  expect(await t.inbox.usage(t.userId)).toEqual({ mails: 3, bytes: 300 });
  expect(await t.inbox.settled(id, "f1")).toBe(false);
  expect(await t.inbox.settled(id, "f2")).toBe(true);
  expect(await t.inbox.needed([id, more])).toEqual(new Set([more]));
  expect(await t.inbox.usage(t.userId)).toEqual({ mails: 1, bytes: 100 });
});

test("the list of a val's mails has the newest first, and says what came of the last attempt", async () => {
  await using t = await makeInbox();
  const [first, second] = [await t.add({ subject: "one" }), await t.add({ subject: "two" })];
  await t.inbox.attempted(first, "f1", { outcome: "failed", error: "Threw.", trace: "t1" });
  const page = await t.inbox.listByVal(t.valId, { limit: 1, offset: 0 });
  expect([page.rows.map(({ id }) => id), page.more]).toEqual([[second], true]);
  const rest = await t.inbox.listByVal(t.valId, { limit: 5, offset: 1, fileId: "f1" });
  expect(rest.rows).toEqual([
    expect.objectContaining({ id: first, open: true, outcome: "failed", error: "Threw.", trace: "t1" }),
  ]);
  expect((await t.inbox.listByVal(t.valId, { limit: 5, offset: 0, fileId: "f2" })).rows).toEqual([]);
});

test("what is done with is forgotten after 30 days, and beyond the newest 1000; what is open stays", async () => {
  await using t = await makeInbox();
  const [open, done] = [await t.add(), await t.add()];
  await t.inbox.settled(done, "f1");
  t.clock.at += 31 * DAY;
  const recent = await t.add();
  expect(await t.inbox.find(done)).toEqual([]);
  expect(await t.inbox.find(open)).toHaveLength(1);
  await t.inbox.settled(recent, "f1");
  using db = new Database(join(t.folder, "hamlet.db"));
  const copy = db.prepare(
    "insert into mails_in select ?, file_id, val_id, user_id, address, sender, subject, size, message_id, hops, created_at, outcome, error, trace, 0, head from mails_in where mail_id = ?",
  );
  db.transaction(() => {
    for (let n = 0; n < 1000; n++) copy.run(Bun.randomUUIDv7(), recent);
  })();
  await t.add();
  expect(await t.inbox.find(recent)).toEqual([]);
  expect(await t.inbox.find(open)).toHaveLength(1);
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
  expect([await t.inbox.find(id), await t.inbox.needed([id])]).toEqual([[], new Set()]);
});
