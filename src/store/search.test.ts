import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMigrated, TOWN_MIGRATIONS } from "./migrate.ts";
import type { TownSchema } from "./schema.ts";
import { openSqlite } from "./sqlite.ts";
import { openStore, type Store } from "./store.ts";

function makeFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "data-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** An older folder: without what came with search or later. */
async function makeOldFolder(folder: string): Promise<void> {
  const old = Object.entries(TOWN_MIGRATIONS).filter(([name]) => name < "0011");
  const file = join(folder, "hamlet.db");
  const { db, close } = await openMigrated<TownSchema>({ file, durability: "full" }, Object.fromEntries(old));
  const at = Date.now();
  const user = { id: "u", username: "ann", username_key: "ann", type: "user", created_at: at } as const;
  await db
    .insertInto("users")
    .values({ ...user, email: null, bio: null, image_url: null, tier: null, role: null })
    .execute();
  const val = { id: "v", user_id: "u", name: "aged", description: "was here", privacy: "public" } as const;
  await db
    .insertInto("vals")
    .values({ ...val, image_url: null, created_at: at })
    .execute();
  const branch = { id: "b", val_id: "v", name: "main", version: 1, forked_branch_id: null } as const;
  await db
    .insertInto("branches")
    .values({ ...branch, created_at: at, updated_at: at })
    .execute();
  await db.insertInto("texts").values({ hash: "h", content: "const okapi = 1;" }).execute();
  const file1 = { id: "f", val_id: "v", branch_id: "b", path: "a.ts", parent: "", type: "script" } as const;
  const state = { lineage: "f", text_hash: "h", version: 1, deleted: 0, created_at: at, updated_at: at };
  await db
    .insertInto("files")
    .values({ ...file1, ...state })
    .execute();
  await close();
}

async function countsOf({ search }: Store, text: string): Promise<number[]> {
  await search.settled();
  const query = { text, accounts: new Set<string>(), limit: 10, offset: 0 };
  const pages = await Promise.all([search.vals(query), search.code(query), search.users(query)]);
  return pages.map(({ rows }) => rows.length);
}

test("what was saved before there was a search is found", async () => {
  using folder = makeFolder();
  await makeOldFolder(folder.path);
  const store = await openStore({ folder: folder.path });
  expect(await countsOf(store, "aged")).toEqual([1, 0, 0]);
  expect(await countsOf(store, "okapi")).toEqual([0, 1, 0]);
  expect(await countsOf(store, "ann")).toEqual([1, 0, 1]);
  await store.close();
});

test("renames, another owner, another name of the owner and the owner's end are followed", async () => {
  using folder = makeFolder();
  await makeOldFolder(folder.path);
  await (await openStore({ folder: folder.path })).close();
  // No call of the store does all of it yet: what must hold does so whoever changes the rows.
  const file = join(folder.path, "hamlet.db");
  const { db, close } = await openSqlite<TownSchema>({ file, durability: "full" });
  await db.updateTable("vals").set({ name: "renamed", description: "moved on" }).execute();
  await db.updateTable("users").set({ username: "eve", username_key: "eve" }).execute();
  await close();
  const store = await openStore({ folder: folder.path });
  const other = await store.users.create({ username: "zoe" });
  expect(await countsOf(store, "aged")).toEqual([0, 0, 0]);
  expect(await countsOf(store, "ann")).toEqual([0, 0, 0]);
  expect(await countsOf(store, "eve/renamed")).toEqual([1, 0, 0]);
  await store.close();
  const again = await openSqlite<TownSchema>({ file, durability: "full" });
  await again.db.updateTable("vals").set({ user_id: other.id }).execute();
  await again.db.deleteFrom("users").where("username", "=", "eve").execute();
  await again.close();
  const after = await openStore({ folder: folder.path });
  expect(await countsOf(after, "zoe/renamed")).toEqual([1, 0, 0]);
  expect(await countsOf(after, "eve")).toEqual([0, 0, 0]);
  expect(await after.vals.remove("v")).toBe(true);
  expect(await countsOf(after, "okapi")).toEqual([0, 0, 0]);
  await after.close();
});

test("code is found a moment after it was saved, without being asked for, and a folder that was left early is caught up with", async () => {
  using folder = makeFolder();
  const first = await openStore({ folder: folder.path });
  const { id: userId } = await first.users.create({ username: "ann" });
  const save = async (store: Store, name: string, content: string) => {
    const { id: valId } = await store.vals.create({ userId, name, privacy: "public" });
    await store.files.create({ valId }, { path: "a.ts", type: "script", content });
    return valId;
  };
  const query = { text: "okapi", accounts: new Set<string>(), limit: 10, offset: 0 };
  const names = async (store: Store) =>
    (await store.search.code(query)).rows.map(({ val }) => val.name).sort();
  await save(first, "one", "okapi");
  while ((await names(first)).length === 0) await Bun.sleep(20);
  const gone = await save(first, "two", "okapi");
  await first.search.settled();
  await first.vals.remove(gone);
  // At once, though the index still has it.
  expect(await names(first)).toEqual(["one"]);
  await save(first, "three", "okapi");
  await first.close();
  const second = await openStore({ folder: folder.path });
  while ((await names(second)).length < 2) await Bun.sleep(20);
  expect(await names(second)).toEqual(["one", "three"]);
  await second.close();
});
