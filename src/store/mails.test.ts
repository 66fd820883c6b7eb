import { expect, test } from "bun:test";
import { makeStore } from "../../test/support/store.ts";
import type { Mails, NewMail } from "./mails.ts";

const DAY = 86_400_000;
const BOUNDS = { mails: 1000, bytes: 2 ** 30, ageMs: 30 * DAY };

async function withMails(use: (mails: Mails, add: Add, clock: { at: number }) => Promise<void>) {
  const clock = { at: Date.now() };
  await using made = await makeStore({ now: () => clock.at });
  const { mails } = made.store;
  let count = 0;
  await use(
    mails,
    async (more = {}) => {
      const id = `0000000${count++}`.slice(-8);
      const texts = { envelope: "{}", content: "x".repeat(100) };
      await mails.add({ id, userId: made.userId, state: "kept", ...texts, ...more });
      return id;
    },
    clock,
  );
}

type Add = (more?: Partial<NewMail>) => Promise<string>;

async function idsOf(mails: Mails, userId: string): Promise<string[]> {
  const { rows } = await mails.listByUser(userId, { limit: 100, offset: 0 });
  return rows.map(({ id }) => id);
}

test("mails are listed from the newest on, page by page, each user's own", () =>
  withMails(async (mails, add) => {
    const ids = [await add(), await add(), await add()];
    const { userId } = (await mails.find(ids[0]!))!;
    const page = await mails.listByUser(userId, { limit: 2, offset: 0 });
    expect([page.rows.map(({ id }) => id), page.more]).toEqual([[ids[2]!, ids[1]!], true]);
    const rest = await mails.listByUser(userId, { limit: 2, offset: 2 });
    expect([rest.rows.map(({ id }) => id), rest.more]).toEqual([[ids[0]!], false]);
    expect(await idsOf(mails, "somebody else")).toEqual([]);
  }));

test("a queued mail is due at its time, at once after a start, and never again once it is settled", () =>
  withMails(async (mails, add, clock) => {
    const late = await add({ state: "queued", nextAt: clock.at + 2000 });
    const soon = await add({ state: "queued", nextAt: clock.at + 1000 });
    await add();
    expect([await mails.due(10), await mails.nextAt()]).toEqual([[], clock.at + 1000]);
    clock.at += 1000;
    expect(await mails.due(10)).toEqual([soon]);
    await mails.hurry();
    expect((await mails.due(10)).sort()).toEqual([late, soon]);
    await mails.settle(soon, { state: "sent", attempts: 1 });
    await mails.settle(late, { state: "failed", attempts: 3, error: "no" });
    expect([await mails.due(10), await mails.nextAt()]).toEqual([[], undefined]);
    expect(await mails.find(late)).toMatchObject({ state: "failed", attempts: 3, error: "no" });
  }));

test("a mail that is sent loses its content, any other keeps it", () =>
  withMails(async (mails, add) => {
    const [sent, failed] = [await add({ state: "queued" }), await add({ state: "queued" })];
    await mails.settle(sent, { state: "sent", attempts: 1 });
    await mails.settle(failed, { state: "failed", attempts: 1 });
    expect(await mails.content(sent)).toBeUndefined();
    expect(await mails.content(failed)).toHaveLength(100);
  }));

test("only so many mails are kept of a user, and none that waits is removed", () =>
  withMails(async (mails, add) => {
    const waiting = await add({ state: "queued" });
    const ids = [await add(), await add(), await add(), await add()];
    const { userId } = (await mails.find(waiting))!;
    await mails.trim({ ...BOUNDS, mails: 2 }, userId);
    expect(await idsOf(mails, userId)).toEqual([ids[3]!, ids[2]!, waiting]);
    expect(await mails.queued(userId)).toEqual({ mails: 1, bytes: 100 });
  }));

test("only so much content is kept of a user: the oldest mails lose theirs", () =>
  withMails(async (mails, add) => {
    const ids = [await add(), await add(), await add()];
    const { userId } = (await mails.find(ids[0]!))!;
    await mails.trim({ ...BOUNDS, bytes: 250 }, userId);
    const contents = await Promise.all(ids.map((id) => mails.content(id)));
    expect(contents.map((content) => content?.length)).toEqual([undefined, 100, 100]);
    expect(await idsOf(mails, userId)).toHaveLength(3);
  }));

test("mails go when they are old", () =>
  withMails(async (mails, add, clock) => {
    const old = await add();
    const { userId } = (await mails.find(old))!;
    clock.at += 31 * DAY;
    const fresh = await add();
    await mails.trim(BOUNDS);
    expect(await idsOf(mails, userId)).toEqual([fresh]);
  }));
