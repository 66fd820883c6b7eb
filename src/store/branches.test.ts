import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { failureOf, makeStore, type TestStore } from "../../test/support/store.ts";

const script = (path: string, content = `// ${path}`) => ({ path, type: "script", content }) as const;
const http = (path: string, content = `// ${path}`) => ({ path, type: "http", content }) as const;

/** What a branch holds: `path type content`. */
async function holds(t: TestStore, branchId: string): Promise<string[]> {
  const { files } = await t.store.files.sources({ valId: t.valId, branchId });
  return files.map(({ path, type, content }) => `${path} ${type} ${content}`);
}

function rows(t: TestStore, sql: string): unknown[] {
  using db = new Database(join(t.folder, "hamlet.db"), { readonly: true });
  return db.prepare(sql).values();
}

const fork = (t: TestStore, name: string, from?: string) =>
  t.store.branches.fork({ valId: t.valId, name, from, authorId: t.userId });

test("a fork begins with the newest state and the version of its source, and goes its own way", async () => {
  await using t = await makeStore();
  const { files } = t.store;
  await files.create(t, script("a/b.ts"));
  await files.create(t, http("main.ts"));
  const branch = await fork(t, "dev");
  expect(branch).toMatchObject({ name: "dev", version: 2, forkedBranchId: t.branchId });
  expect(await holds(t, branch.id)).toEqual(await holds(t, t.branchId));
  const [own, source] = await Promise.all([
    files.at({ valId: t.valId, branchId: branch.id }, "main.ts"),
    files.at(t, "main.ts"),
  ]);
  expect(own!.id).not.toBe(source!.id);
  expect(own!.updatedAt).toBe(source!.updatedAt);
  expect(own!.labels).toEqual([`ann--${own!.id.replaceAll("-", "")}`]);
  expect(source!.labels[0]).toBe("ann-hello");
  const there = { valId: t.valId, branchId: branch.id };
  const saved = await files.update(there, "main.ts", { content: "// changed" });
  expect(saved.version).toBe(3);
  expect(await holds(t, t.branchId)).toContain("main.ts http // main.ts");
  expect((await t.store.vals.branch(t.valId))?.version).toBe(2);
  // A state of before it was forked has never been.
  expect((await files.sources({ ...there, version: 1 })).files).toEqual([]);
});

test("a fork of a fork has the files of the first one's newest state", async () => {
  await using t = await makeStore();
  await t.store.files.create(t, script("a.ts"));
  const first = await fork(t, "first");
  await t.store.files.create({ valId: t.valId, branchId: first.id }, script("b.ts"));
  const second = await fork(t, "second", first.id);
  expect(second).toMatchObject({ forkedBranchId: first.id, version: 2 });
  expect(await holds(t, second.id)).toEqual(["a.ts script // a.ts", "b.ts script // b.ts"]);
});

test("names of branches are checked, and of many who ask for one only the first gets it", async () => {
  await using t = await makeStore();
  for (const name of ["", ".", "..", "a b", "a/b", "x".repeat(49)]) {
    expect([name, await failureOf(fork(t, name))]).toEqual([name, "bad_branch_name"]);
  }
  expect(await failureOf(fork(t, "main"))).toBe("branch_taken");
  const asked = await Promise.all([1, 2, 3, 4, 5].map(() => failureOf(fork(t, "same"))));
  expect(asked.sort()).toEqual([...Array(4).fill("branch_taken"), "none"].sort());
  expect(await failureOf(fork(t, "other", "no-branch"))).toBe("no_branch");
});

test("a val has at most 100 branches and a branch at most 1000 files, however they come", async () => {
  await using t = await makeStore();
  const all = await Promise.all(Array.from({ length: 102 }, (_, i) => failureOf(fork(t, `b${i}`))));
  expect(all.filter((one) => one === "none")).toHaveLength(99);
  expect(all.slice(99)).toEqual(Array(3).fill("too_many_branches"));
  const files = Array.from({ length: 999 }, (_, i) => script(`${i}.ts`, ""));
  const val = await t.store.vals.create({ userId: t.userId, name: "full", privacy: "public", files });
  const add = (path: string) => failureOf(t.store.files.create({ valId: val.id }, script(path, "")));
  expect(await add("directory/file.ts")).toBe("too_many_files");
  expect(await Promise.all([add("last.ts"), add("more.ts")])).toEqual(["none", "too_many_files"]);
  expect((await t.store.branches.fork({ valId: val.id, name: "dev", authorId: t.userId })).version).toBe(2);
});

test("of a deleted branch nothing is left but what others share, and its forks live on", async () => {
  await using t = await makeStore();
  await t.store.files.create(t, http("main.ts", "// shared"));
  const dev = await fork(t, "dev");
  const there = { valId: t.valId, branchId: dev.id };
  await t.store.files.update(there, "main.ts", { content: "// shared by dev and its fork" });
  const child = await fork(t, "child", dev.id);
  await t.store.files.update(there, "main.ts", { content: "// of dev alone" });
  const file = await t.store.files.at(there, "main.ts");
  await t.store.deployments.succeeded([{ fileId: file!.id, version: 3, artifact: "k", entry: "main.ts" }]);
  await t.store.branches.remove(t.valId, dev.id);
  await t.store.settled();
  expect(await t.store.vals.branch(t.valId, dev.id)).toBeUndefined();
  expect(await t.store.deployments.resolve(file!.labels[0]!)).toBeUndefined();
  expect(rows(t, "select content from texts order by content")).toEqual([
    ["// shared"],
    ["// shared by dev and its fork"],
  ]);
  for (const table of ["files", "file_revisions", "versions"]) {
    const branches = rows(t, `select distinct branch_id from ${table} order by branch_id`).flat();
    expect([table, branches]).toEqual([table, [t.branchId, child.id].sort()]);
  }
  expect(rows(t, "select * from deployments")).toEqual([]);
  expect(await t.store.vals.branch(t.valId, child.id)).toMatchObject({ forkedBranchId: t.branchId });
  expect(await holds(t, child.id)).toEqual(["main.ts http // shared by dev and its fork"]);
  expect(await failureOf(t.store.branches.remove(t.valId, dev.id))).toBe("no_branch");
  expect(await failureOf(t.store.branches.remove(t.valId, t.branchId))).toBe("main_branch");
});

test("the val's own host is for main: when it has no HTTP file, no other branch takes its place", async () => {
  await using t = await makeStore();
  await t.store.files.create(t, http("main.ts"));
  await fork(t, "dev");
  await t.store.files.remove(t, "main.ts", false);
  expect(await t.store.deployments.resolve("ann-hello")).toMatchObject({ fileId: undefined });
  const { file } = await t.store.files.create(t, http("other.ts"));
  expect(file.labels[0]).toBe("ann-hello");
});

test("every version is on record with its author", async () => {
  await using t = await makeStore();
  const bob = await t.store.users.create({ username: "bob" });
  await t.store.files.create(t, script("a/b.ts"));
  await t.store.files.update({ ...t, authorId: bob.id }, "a", { name: "c" });
  await t.store.files.update({ ...t, authorId: bob.id }, "c", { name: "c" });
  await t.store.branches.fork({ valId: t.valId, name: "dev", authorId: bob.id });
  expect(
    rows(t, "select version, author_id, kind, changes, source_version from versions order by rowid"),
  ).toEqual([
    [0, t.userId, "create", 0, null],
    [1, t.userId, "edit", 2, null],
    [2, bob.id, "edit", 2, null],
    [2, bob.id, "fork", 0, 2],
  ]);
});
