import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failureOf, makeStore } from "../../test/support/store.ts";
import { openStore } from "./store.ts";

test("usernames are unique without regard to case", async () => {
  await using t = await makeStore();
  expect(await failureOf(t.store.users.create({ username: "ANN" }))).toBe("username_taken");
  expect(await failureOf(t.store.users.create({ username: "no-" }))).toBe("bad_username");
  expect((await t.store.users.findByName("aNN"))?.id).toBe(t.userId);
  expect(await t.store.users.findByName("nobody")).toBeUndefined();
  expect((await t.store.users.list()).map((user) => user.username)).toEqual(["ann"]);
});

test("val names are unique per owner, and case counts", async () => {
  await using t = await makeStore();
  const { vals, users } = t.store;
  const make = (userId: string, name: string) => vals.create({ userId, name, privacy: "public" });
  expect(await failureOf(make(t.userId, "hello"))).toBe("val_taken");
  expect(await failureOf(make(t.userId, "9lives"))).toBe("bad_val_name");
  await make(t.userId, "Hello");
  const bob = await users.create({ username: "bob" });
  await make(bob.id, "hello");
  expect((await vals.findByName("ANN", "Hello"))?.username).toBe("ann");
  expect(await vals.findByName("ann", "HELLO")).toBeUndefined();
});

test("a val made with files is made at version 1 with all of them, or not at all", async () => {
  await using t = await makeStore();
  const file = (path: string) => ({ path, type: "script", content: "" }) as const;
  const make = (name: string, ...paths: string[]) =>
    t.store.vals.create({ userId: t.userId, name, privacy: "public", files: paths.map(file) });
  const val = await make("two", "a.ts", "d/b.ts");
  const branch = await t.store.vals.branch(val.id);
  expect(branch).toMatchObject({ name: "main", version: 1, forkedBranchId: null });
  expect((await t.store.files.sources({ valId: val.id, branchId: branch!.id })).files).toHaveLength(2);
  expect(await failureOf(make("bad", "a.ts", "a.ts"))).toBe("path_taken");
  expect(await failureOf(make("bad", "../a.ts"))).toBe("bad_path");
  expect(await t.store.vals.findByName("ann", "bad")).toBeUndefined();
});

test("vals made in the same millisecond still have an order, so that a list by time misses none", async () => {
  await using t = await makeStore({ now: () => 1_700_000_000_000 });
  for (let i = 0; i < 7; i++)
    await t.store.vals.create({ userId: t.userId, name: `v${i}`, privacy: "public" });
  const seen: string[] = [];
  for (let before: number | undefined; ; ) {
    const page = await t.store.vals.listFor(new Set(), { limit: 3, before });
    seen.push(...page.rows.map((val) => val.name));
    before = page.rows.at(-1)?.createdAt;
    if (!page.more) break;
  }
  expect(seen).toEqual(["v6", "v5", "v4", "v3", "v2", "v1", "v0", "hello"]);
});

test("a list shows public vals and one's own, never another's unlisted or private ones", async () => {
  await using t = await makeStore();
  const bob = await t.store.users.create({ username: "bob" });
  for (const privacy of ["public", "unlisted", "private"] as const)
    await t.store.vals.create({ userId: t.userId, name: privacy, privacy });
  const names = async (viewer: string | undefined, filter = {}) =>
    (await t.store.vals.listFor(new Set(viewer && [viewer]), { limit: 100, ...filter })).rows
      .map((val) => val.name)
      .sort();
  expect(await names(undefined)).toEqual(["hello", "public"]);
  expect(await names(bob.id)).toEqual(["hello", "public"]);
  expect(await names(bob.id, { privacy: "private", userId: t.userId })).toEqual([]);
  expect(await names(t.userId)).toEqual(["hello", "private", "public", "unlisted"]);
});

test("a removed val takes its texts along, unless another val has the same ones", async () => {
  await using t = await makeStore();
  const other = await t.store.vals.create({ userId: t.userId, name: "other", privacy: "public" });
  for (const [valId, content] of [
    [t.valId, "shared"],
    [other.id, "shared"],
    [t.valId, "own"],
  ] as const)
    await t.store.files.create({ valId }, { path: `${content}.ts`, type: "http", content });
  expect(await t.store.vals.remove(t.valId)).toBe(true);
  expect(await t.store.vals.remove(t.valId)).toBe(false);
  using raw = new Database(join(t.folder, "hamlet.db"), { readonly: true });
  expect(raw.query("select content from texts").values()).toEqual([["shared"]]);
  expect(raw.query("select count(*) from file_revisions").values()).toEqual([[1]]);
  expect(raw.query("select val_id from endpoints").values()).toEqual([[other.id], [other.id]]);
});

test("a token is told once and kept as a hash only", async () => {
  await using t = await makeStore();
  const { id, token } = await t.store.tokens.create({ userId: t.userId, label: "ci", scopes: ["val:read"] });
  expect(token).toMatch(/^vtwn_[0-9A-Za-z]{28}$/);
  expect(await t.store.tokens.find(token)).toMatchObject({ id, username: "ann", scopes: ["val:read"] });
  expect(await t.store.tokens.find(`${token}x`)).toBeUndefined();
  await t.store.tokens.touch(id, 123);
  expect(await t.store.tokens.listByUser(t.userId)).toMatchObject([{ id, label: "ci", usedAt: 123 }]);
  using raw = new Database(join(t.folder, "hamlet.db"), { readonly: true });
  expect(JSON.stringify(raw.query("select * from tokens").values())).not.toContain(token);
  expect(await t.store.tokens.remove(id)).toBe(true);
  expect(await t.store.tokens.find(token)).toBeUndefined();
});

test("what was acknowledged is there after reopening, and nothing is migrated twice", async () => {
  const folder = mkdtempSync(join(tmpdir(), "store-"));
  try {
    const first = await openStore({ folder });
    const { id } = await first.users.create({ username: "ann" });
    await first.close();
    const second = await openStore({ folder });
    expect(await second.users.find(id)).toMatchObject({ username: "ann" });
    await second.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
