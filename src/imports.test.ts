import { expect, test } from "bun:test";
import { makeStore } from "../test/support/store.ts";
import { createFindVal } from "./imports.ts";

const HELLO = { username: "ann", valName: "hello" };

test("an import without a version is the newest one, with a version that one, and none that is not there", async () => {
  await using t = await makeStore();
  await t.store.files.create({ valId: t.valId }, { path: "a.ts", type: "script", content: "1" });
  await t.store.files.update({ valId: t.valId }, "a.ts", { content: "2" });
  const find = createFindVal(t.store);
  const contentOf = async (more: object) => {
    const found = await find({ ...HELLO, ...more }, { userId: "anyone" });
    return typeof found === "object" ? [found.version, found.files[0]?.content] : found;
  };
  expect(await contentOf({})).toEqual([2, "2"]);
  expect(await contentOf({ version: 1 })).toEqual([1, "1"]);
  expect(await contentOf({ version: 3 })).toBeUndefined();
  expect(await contentOf({ branch: "draft" })).toBeUndefined();
  expect(await contentOf({ valName: "other" })).toBeUndefined();
  expect(await contentOf({ username: "bob" })).toBe("unknown_user");
});

test("a private val is there for vals of its owner only", async () => {
  await using t = await makeStore();
  await t.store.vals.create({ userId: t.userId, name: "secret", privacy: "private" });
  const find = createFindVal(t.store);
  const want = { username: "ann", valName: "secret" };
  expect(await find(want, { userId: t.userId })).toMatchObject({ valName: "secret" });
  expect(await find(want, { userId: "another" })).toBeUndefined();
});

test("a val's bare address means the same file as on the module host", async () => {
  await using t = await makeStore();
  const find = createFindVal(t.store);
  expect(await find(HELLO, { userId: t.userId })).not.toHaveProperty("entry");
  for (const [path, type] of [
    ["a.ts", "script"],
    ["z.ts", "http"],
  ] as const) {
    await t.store.files.create({ valId: t.valId }, { path, type, content: "" });
  }
  expect(await find(HELLO, { userId: t.userId })).toMatchObject({ entry: "z.ts" });
});

test("a val of an organization imports that organization's private vals, not those of whoever saves it", async () => {
  await using t = await makeStore();
  const org = await t.store.orgs.create({ username: "acme", ownerId: t.userId });
  await t.store.vals.create({ userId: t.userId, name: "secret", privacy: "private" });
  await t.store.vals.create({ userId: org.id, name: "shared", privacy: "private" });
  const find = createFindVal(t.store);
  const [secret, shared] = [
    { username: "ann", valName: "secret" },
    { username: "acme", valName: "shared" },
  ];
  expect(await find(shared, { userId: org.id })).toMatchObject({ valName: "shared" });
  expect(await find(secret, { userId: org.id })).toBeUndefined();
  expect(await find(shared, { userId: t.userId })).toBeUndefined();
});

test("a val is found by the name it had before, and calls itself by the one it has", async () => {
  await using t = await makeStore();
  await t.store.vals.change(t.valId, { name: "renamed" });
  const find = createFindVal(t.store);
  expect(await find(HELLO, { userId: "anyone" })).toMatchObject({ valId: t.valId, valName: "renamed" });
  const { id } = await t.store.vals.create({ userId: t.userId, name: "hello", privacy: "public" });
  expect(await find(HELLO, { userId: "anyone" })).toMatchObject({ valId: id, valName: "hello" });
});
