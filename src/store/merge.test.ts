import { expect, test } from "bun:test";
import { failureOf, makeStore, type TestStore } from "../../test/support/store.ts";

const script = (path: string, content = `// ${path}`) => ({ path, type: "script", content }) as const;

/** What a branch holds: `path content`. */
async function holds(t: TestStore, branchId: string): Promise<string[]> {
  const { files } = await t.store.files.sources({ valId: t.valId, branchId });
  return files.map(({ path, content }) => `${path} ${content}`);
}

/** A val of two files and its branch `dev`, with what merges them either way. */
async function makeFork() {
  const t = await makeStore();
  const { files, branches, merges } = t.store;
  await files.create(t, script("a.ts", "1\n2\n3\n4\n5\n"));
  await files.create(t, script("b.ts", "b"));
  const dev = await branches.fork({ valId: t.valId, name: "dev", authorId: t.userId });
  const here = { valId: t.valId, branchId: dev.id };
  const ask = { authorId: t.userId, conflicts: "refuse" } as const;
  return {
    ...t,
    dev: here,
    up: () => merges.merge({ ...ask, sourceId: dev.id, targetId: t.branchId }),
    down: () => merges.merge({ ...ask, conflicts: "mark", sourceId: t.branchId, targetId: dev.id }),
    [Symbol.asyncDispose]: () => t[Symbol.asyncDispose](),
  };
}

test("changes of both sides come together, one merge is one version, and another one changes nothing", async () => {
  await using t = await makeFork();
  const { files } = t.store;
  await files.update(t, "a.ts", { content: "one\n2\n3\n4\n5\n" });
  await files.update(t.dev, "a.ts", { content: "1\n2\n3\n4\nfive\n" });
  await files.update(t.dev, "b.ts", { name: "c.ts", parentPath: "d" });
  const { merged, changed, version, changes } = await t.up();
  expect({ merged, changed, version }).toEqual({ merged: true, changed: true, version: 4 });
  expect(changes.map(({ kind, path, oldPath }) => [kind, path, oldPath])).toEqual([
    ["modified", "a.ts", undefined],
    ["added", "d", undefined],
    ["renamed", "d/c.ts", "b.ts"],
  ]);
  expect(await holds(t, t.branchId)).toEqual(["a.ts one\n2\n3\n4\nfive\n", "d/c.ts b"]);
  expect(await t.up()).toMatchObject({ merged: true, changed: false, version: 4 });
  expect(await t.down()).toMatchObject({ changed: true, version: 5 });
  expect(await holds(t, t.dev.branchId)).toEqual(await holds(t, t.branchId));
  for (const again of [t.up, t.down, t.up]) expect((await again()).changed).toBeFalse();
});

test("files keep their ids through merges, and one that comes back has the id it had", async () => {
  await using t = await makeFork();
  const { files } = t.store;
  const id = (await files.at(t, "b.ts"))!.id;
  await files.update(t.dev, "b.ts", { name: "c.ts" });
  await t.up();
  expect((await files.at(t, "c.ts"))!.id).toBe(id);
  await files.remove(t, "c.ts", false);
  await files.update(t.dev, "c.ts", { content: "changed" });
  expect(await t.up()).toMatchObject({
    merged: false,
    conflicts: [{ kind: "deleted", path: "c.ts", ours: null, theirs: "c.ts" }],
  });
  expect((await t.down()).conflicts).toHaveLength(1);
  expect(await t.up()).toMatchObject({ merged: true, conflicts: [] });
  expect(await files.at(t, "c.ts")).toMatchObject({ id });
});

test("files that have changed places in a branch do so in its parent", async () => {
  await using t = await makeFork();
  const { files } = t.store;
  await files.update(t.dev, "a.ts", { name: "t.ts" });
  await files.update(t.dev, "b.ts", { name: "a.ts" });
  await files.update(t.dev, "t.ts", { name: "b.ts" });
  await t.up();
  expect(await holds(t, t.branchId)).toEqual(["a.ts b", "b.ts 1\n2\n3\n4\n5\n"]);
});

test("a conflict is refused on the way up, marked on the way down, and to be resolved before anything else", async () => {
  await using t = await makeFork();
  const { files } = t.store;
  await files.update(t, "b.ts", { content: "of main" });
  await files.update(t.dev, "b.ts", { content: "of dev" });
  expect(await t.up()).toMatchObject({
    merged: false,
    changed: false,
    version: 3,
    conflicts: [{ kind: "content", path: "b.ts" }],
  });
  expect(await holds(t, t.branchId)).toContain("b.ts of main");
  expect(await t.down()).toMatchObject({ merged: true, changed: true, conflicts: [{ path: "b.ts" }] });
  const marked = "<<<<<<< main\nof main\n=======\nof dev\n>>>>>>> dev";
  expect(await holds(t, t.dev.branchId)).toContain(`b.ts ${marked}`);
  // Half of it is no resolution; and what is not resolved does not get away in a fork of the fork.
  await files.update(t.dev, "b.ts", { content: marked.replace("<<<<<<< main\n", "") });
  for (const blocked of [await t.up(), await t.down()]) expect(blocked.merged).toBeFalse();
  const { id } = await t.store.branches.fork({
    ...t.dev,
    name: "x",
    from: t.dev.branchId,
    authorId: t.userId,
  });
  const { unresolved } = await t.store.merges.preview(id, t.branchId);
  expect(unresolved).toEqual({ source: ["b.ts"], target: [] });
  await files.update(t.dev, "b.ts", { content: "of both" });
  expect(await t.up()).toMatchObject({ merged: true, conflicts: [], unresolved: { source: [], target: [] } });
  expect(await holds(t, t.branchId)).toContain("b.ts of both");
});

test("of two branches each may take from the other, and from what they have in common later", async () => {
  await using t = await makeFork();
  const { files, branches, merges } = t.store;
  const other = await branches.fork({ valId: t.valId, name: "other", authorId: t.userId });
  const there = { valId: t.valId, branchId: other.id };
  await files.create(there, script("new.ts"));
  await files.update(t.dev, "b.ts", { content: "changed" });
  const ask = { authorId: t.userId, conflicts: "mark" } as const;
  await merges.merge({ ...ask, sourceId: other.id, targetId: t.dev.branchId });
  expect(await holds(t, t.dev.branchId)).toContain("new.ts // new.ts");
  await t.up();
  const { conflicts } = await merges.merge({ ...ask, sourceId: t.branchId, targetId: other.id });
  expect(conflicts).toEqual([]);
  expect(await holds(t, other.id)).toEqual(await holds(t, t.branchId));
  const stranger = await t.store.vals.create({ userId: t.userId, name: "stranger", privacy: "public" });
  const main = await t.store.vals.branch(stranger.id);
  expect(await failureOf(merges.preview(t.branchId, main!.id))).toBe("unrelated");
  expect(await failureOf(merges.preview(t.branchId, t.branchId))).toBe("unrelated");
});

test("a branch whose parent is gone merges with what that came from", async () => {
  await using t = await makeFork();
  const { files, branches, merges } = t.store;
  await files.create(t.dev, script("of-dev.ts"));
  const child = await branches.fork({ ...t.dev, name: "child", from: t.dev.branchId, authorId: t.userId });
  await files.update(t, "b.ts", { content: "of main" });
  await t.up();
  await files.create({ valId: t.valId, branchId: child.id }, script("of-child.ts"));
  await branches.remove(t.valId, t.dev.branchId);
  const ask = { authorId: t.userId, conflicts: "refuse" } as const;
  const done = await merges.merge({ ...ask, sourceId: child.id, targetId: t.branchId });
  expect(done).toMatchObject({ merged: true, conflicts: [] });
  expect((await holds(t, t.branchId)).map((one) => one.split(" ")[0])).toEqual([
    "a.ts",
    "b.ts",
    "of-child.ts",
    "of-dev.ts",
  ]);
  expect(await holds(t, t.branchId)).toContain("b.ts of main");
});

test("a merge that would break a limit changes nothing", async () => {
  await using t = await makeFork();
  const { files } = t.store;
  const half = "x\n".repeat(20_000);
  await files.create(t, script("long.ts", "middle\n"));
  await t.down();
  await files.update(t, "long.ts", { content: `${half}middle\n` });
  await files.update(t.dev, "long.ts", { content: `middle\n${half}` });
  await files.update(t.dev, "b.ts", { content: "changed" });
  expect(await failureOf(t.up())).toBe("too_long");
  expect(await holds(t, t.branchId)).toContain("b.ts b");
});

test("who means a certain version of what is merged is told when there is another", async () => {
  await using t = await makeFork();
  await t.store.files.update(t.dev, "b.ts", { content: "unseen" });
  const request = { sourceId: t.dev.branchId, targetId: t.branchId, authorId: t.userId } as const;
  const seen = { ...request, conflicts: "refuse", sourceVersion: 2 } as const;
  expect(await failureOf(t.store.merges.merge(seen))).toBe("stale");
  expect(await t.store.merges.merge({ ...seen, sourceVersion: 3 })).toMatchObject({ changed: true });
});
