import { expect, test } from "bun:test";
import { failureOf, makeStore, type TestStore } from "../../test/support/store.ts";
import { idMailbox, MAILBOXES_PER_ACCOUNT } from "../val/mailbox.ts";
import { openStore } from "./store.ts";

const DAY = 24 * 3600 * 1000;
const email = (path: string) => ({ path, type: "email", content: "" }) as const;

async function makeFile(t: TestStore, path = "mail.ts", more: { valId?: string; branchId?: string } = {}) {
  const { valId = t.valId, branchId = t.branchId } = more;
  return (await t.store.files.create({ valId, branchId }, email(path))).file.id;
}

/** A val of somebody else's with an email file. */
async function makeBob(t: TestStore, name = "hello") {
  const bob = (await t.store.users.findByName("bob")) ?? (await t.store.users.create({ username: "bob" }));
  const val = await t.store.vals.create({ userId: bob.id, name, privacy: "public", files: [email("m.ts")] });
  const branch = await t.store.vals.branch(val.id);
  const file = await t.store.files.at({ valId: val.id, branchId: branch!.id }, "m.ts");
  return { userId: bob.id, valId: val.id, fileId: file!.id, file: { id: file!.id, valId: val.id } };
}

const resolve = async (t: TestStore, local: string) => (await t.store.mailAddresses.resolve(local))?.fileId;

test("an email file has the address of its id, and the first one of main that of its val", async () => {
  await using t = await makeStore();
  const first = await makeFile(t);
  const second = await makeFile(t, "b.ts");
  const id = idMailbox("ann", first);
  expect(await t.store.mailAddresses.all(first)).toEqual([id, "ann.hello"]);
  expect(await t.store.mailAddresses.all(second)).toEqual([idMailbox("ann", second)]);
  for (const local of [id, id.toUpperCase(), `${id}+tag`, "ann.hello", '"Ann.Hello"'])
    expect([local, await resolve(t, local)]).toEqual([local, first]);
  expect(await t.store.mailAddresses.resolve(id)).toEqual({
    ...{ fileId: first, valId: t.valId, userId: t.userId },
  });
  for (const local of ["ann", "bob.hello", `bob-${id.slice(4)}`, "ann.hello.x", ""])
    expect([local, await resolve(t, local)]).toEqual([local, undefined]);
});

test("of vals whose names differ in case alone the first to ask has the address", async () => {
  await using t = await makeStore();
  const { vals } = t.store;
  const make = (name: string) =>
    vals.create({ userId: t.userId, name, privacy: "public", files: [email("m.ts")] });
  const [one] = [await make("Shop"), await make("shop")];
  expect((await t.store.mailAddresses.resolve("ann.shop"))?.valId).toBe(one.id);
});

test("only a file that is there and of type email gets mail; one that comes back has its addresses again", async () => {
  await using t = await makeStore();
  const { files, versions } = t.store;
  const id = await makeFile(t);
  const local = idMailbox("ann", id);
  await files.update(t, "mail.ts", { type: "script" });
  expect([await resolve(t, local), await t.store.mailAddresses.all(id)]).toEqual([undefined, []]);
  await files.update(t, "mail.ts", { type: "email" });
  expect(await resolve(t, "ann.hello")).toBe(id);
  await files.remove(t, "mail.ts", false);
  expect([await resolve(t, local), await resolve(t, "ann.hello")]).toEqual([undefined, undefined]);
  const next = await makeFile(t, "next.ts");
  expect(await resolve(t, "ann.hello")).toBe(next);
  await versions.revert(t, 1);
  expect([await resolve(t, local), await resolve(t, "ann.hello")]).toEqual([id, id]);
});

test("a branch's email files have the addresses of their ids, which go with the branch", async () => {
  await using t = await makeStore();
  const main = await makeFile(t);
  const branch = await t.store.branches.fork({ valId: t.valId, name: "dev", authorId: t.userId });
  const copy = await t.store.files.at({ valId: t.valId, branchId: branch.id }, "mail.ts");
  const local = idMailbox("ann", copy!.id);
  expect([await resolve(t, local), await resolve(t, "ann.hello")]).toEqual([copy!.id, main]);
  await t.store.mailAddresses.set({ id: copy!.id, valId: t.valId }, "devs");
  expect(await resolve(t, "devs")).toBe(copy!.id);
  await t.store.branches.remove(t.valId, branch.id);
  await t.store.settled();
  for (const gone of [local, "devs"]) expect(await resolve(t, gone)).toBeUndefined();
  const bob = await makeBob(t);
  expect(await failureOf(t.store.mailAddresses.set(bob.file, "devs"))).toBe("label_taken");
});

test("after a new name and after a new owner the old addresses still lead to the file, the new ones first", async () => {
  await using t = await makeStore();
  const id = await makeFile(t);
  const { vals, users, mailAddresses } = t.store;
  await mailAddresses.set({ id, valId: t.valId }, "letters");
  await vals.change(t.valId, { name: "Post" });
  const [own] = [idMailbox("ann", id)];
  expect(await mailAddresses.all(id)).toEqual([own, "letters", "ann.post", "ann.hello"]);
  const bob = await users.create({ username: "Bob" });
  await vals.transfer(t.valId, bob.id);
  const all = await mailAddresses.all(id);
  expect(all.slice(0, 3)).toEqual([idMailbox("bob", id), "letters", "bob.post"]);
  expect(all.slice(3).sort()).toEqual([own, "ann.hello", "ann.post"].sort());
  for (const local of all) expect((await mailAddresses.resolve(local))?.userId).toBe(bob.id);
});

test("nobody gets mail for a suspended owner, nor for a val that is gone", async () => {
  await using t = await makeStore();
  const bob = await makeBob(t);
  const local = idMailbox("bob", bob.fileId);
  await t.store.accounts.change(bob.userId, { suspended: true });
  expect(await resolve(t, local)).toBeUndefined();
  await t.store.accounts.change(bob.userId, { suspended: false });
  expect(await resolve(t, local)).toBe(bob.fileId);
  await t.store.vals.remove(bob.valId);
  for (const gone of [local, "bob.hello"]) expect(await resolve(t, gone)).toBeUndefined();
  const again = await makeBob(t);
  expect(await resolve(t, "bob.hello")).toBe(again.fileId);
});

test("an owner chooses an address, another one in its place, and none; what was given up waits 90 days for him", async () => {
  const clock = { at: Date.now() };
  await using t = await makeStore({ now: () => clock.at });
  const id = await makeFile(t);
  const file = { id, valId: t.valId };
  const bob = await makeBob(t);
  const { mailAddresses } = t.store;
  await mailAddresses.set(file, "Shop");
  expect([await mailAddresses.of(id), await resolve(t, "SHOP+1")]).toEqual(["shop", id]);
  expect(await failureOf(mailAddresses.set(bob.file, "shop"))).toBe("label_taken");
  await mailAddresses.set(file, "store-1");
  expect([await resolve(t, "shop"), await resolve(t, "store-1")]).toEqual([undefined, id]);
  expect(await failureOf(mailAddresses.set(bob.file, "shop"))).toBe("label_taken");
  await mailAddresses.set(file, "shop");
  await mailAddresses.set(file, null);
  expect(await mailAddresses.of(id)).toBeUndefined();
  clock.at += 91 * DAY;
  await mailAddresses.set(bob.file, "shop");
  expect(await resolve(t, "shop")).toBe(bob.fileId);
});

test("an address that is no address, that is somebody's name, or one too many is refused with a sentence", async () => {
  await using t = await makeStore();
  const id = await makeFile(t);
  const file = { id, valId: t.valId };
  const { mailAddresses } = t.store;
  await makeBob(t);
  expect(await failureOf(mailAddresses.set(file, "a.b"))).toBe("bad_label");
  expect(await failureOf(mailAddresses.set(file, "postmaster"))).toBe("bad_label");
  const refused = await mailAddresses.set(file, "bob").catch((error: Error) => error.message);
  expect(refused).toContain("An address that is called bob could be taken for one of that user's vals");
  await mailAddresses.set(file, "ann");
  for (let n = 1; n < MAILBOXES_PER_ACCOUNT; n++)
    await mailAddresses.set({ id: await makeFile(t, `m${n}.ts`), valId: t.valId }, `n${n}`);
  const more = { id: await makeFile(t, "more.ts"), valId: t.valId };
  const message = await mailAddresses.set(more, "more").catch((error: Error) => error.message);
  expect(message).toBe("An account has at most 20 addresses of its own choice. Give one up first.");
});

test("of two accounts that ask for one address at the same moment, in two processes' stores, one gets it", async () => {
  await using t = await makeStore();
  const file = { id: await makeFile(t), valId: t.valId };
  const bob = await makeBob(t);
  const other = await openStore({ folder: t.folder });
  for (let round = 0; round < 10; round++) {
    const name = `race-${round}`;
    const ends = await Promise.all([
      failureOf(t.store.mailAddresses.set(file, name)),
      failureOf(other.mailAddresses.set(bob.file, name)),
    ]);
    expect(ends.sort()).toEqual(["label_taken", "none"]);
    expect([file.id, bob.fileId]).toContain((await resolve(t, name))!);
  }
  await other.close();
});
