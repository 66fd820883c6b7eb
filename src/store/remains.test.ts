import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { makeStore } from "../../test/support/store.ts";
import { openStore } from "./store.ts";

test("no table that refers to a val keeps a row of one that was removed", async () => {
  await using t = await makeStore();
  const { store, valId, userId } = t;
  await store.files.create({ valId }, { path: "main.ts", type: "http", content: "export default 1" });
  await store.likes.add(valId, userId);
  const { id: branchId } = await store.branches.fork({ valId, name: "fork", authorId: userId });
  await store.vals.change(valId, { name: "renamed" });
  await store.remixes.create({ sourceValId: valId, userId, authorId: userId, name: "copy" });
  await store.pulls.open({
    title: "x",
    sourceId: branchId,
    targetId: (await store.vals.branch(valId))!.id,
    authorId: userId,
  });
  await store.branches.remove(valId, branchId);
  expect((await store.vals.branchesOf(valId)).count).toBe(1);
  expect(await store.vals.remove(valId)).toBe(true);
  expect(await store.vals.find(valId)).toBeUndefined();
  await store.settled();
  using db = new Database(join(t.folder, "hamlet.db"), { readonly: true });
  const tables = db.query("select name from sqlite_master where type = 'table'").all() as { name: string }[];
  let looked = 0;
  for (const { name } of tables) {
    const keys = db.query(`pragma foreign_key_list(${name})`).all() as { table: string; from: string }[];
    for (const { table, from } of keys) {
      const lost = `select count(*) as n from ${name} where ${from} is not null and ${from} not in (select id from ${table})`;
      expect([name, from, db.query(lost).get()]).toEqual([name, from, { n: 0 }]);
      looked++;
    }
  }
  expect(looked).toBeGreaterThan(20);
});

test("what a removal has left is removed after the next start, and the texts that nobody else has", async () => {
  await using t = await makeStore();
  const { store, valId, userId } = t;
  await store.files.create({ valId }, { path: "a.ts", type: "script", content: "only here" });
  const { id: other } = await store.vals.create({
    userId,
    name: "other",
    privacy: "public",
    files: [{ path: "b.ts", type: "script", content: "both" }],
  });
  for (let i = 0; i < 300; i++)
    await store.files.update({ valId }, "a.ts", { content: i % 2 ? "both" : `text ${i}` });
  await store.vals.remove(valId);
  await store.close();
  const left = () => {
    using db = new Database(join(t.folder, "hamlet.db"), { readonly: true });
    const count = (table: string) =>
      (db.query(`select count(*) as n from ${table}`).get() as { n: number }).n;
    return [count("file_revisions"), count("texts"), count("branches")];
  };
  expect(left()[2]).toBe(2);
  const again = await openStore({ folder: t.folder });
  await again.settled();
  expect(left()).toEqual([1, 1, 1]);
  const { id: branchId } = (await again.vals.branch(other))!;
  expect((await again.files.content({ valId: other, branchId }, "b.ts")).content).toBe("both");
  await again.close();
});
