import { expect, test } from "bun:test";
import { makeStore, type TestStore } from "../../test/support/store.ts";

const http = (path: string) => ({ path, type: "http", content: "" }) as const;
const hex = (id: string) => id.replaceAll("-", "");

async function labelsOf({ store }: TestStore, fileId: string): Promise<readonly string[] | undefined> {
  return (await store.files.find(fileId))?.labels;
}

test("every HTTP file has its own label, and the val's first one the short one as well", async () => {
  await using t = await makeStore();
  const at = { valId: t.valId };
  const script = await t.store.files.create(at, { path: "lib.ts", type: "script", content: "" });
  const first = await t.store.files.create(at, http("b.ts"));
  const second = await t.store.files.create(at, http("a.ts"));
  expect(script.file.labels).toEqual([]);
  expect(first.file.labels).toEqual(["ann-hello", `ann--${hex(first.file.id)}`]);
  expect(second.file.labels).toEqual([`ann--${hex(second.file.id)}`]);
});

test("the short label passes on when its file goes or changes type, and waits when none is left", async () => {
  await using t = await makeStore();
  const at = { valId: t.valId };
  const first = await t.store.files.create(at, http("a.ts"));
  const second = await t.store.files.create(at, http("b.ts"));
  await t.store.files.update(at, "a.ts", { type: "script" });
  expect(await labelsOf(t, first.file.id)).toEqual([]);
  expect(await labelsOf(t, second.file.id)).toContain("ann-hello");
  await t.store.files.remove(at, "b.ts", false);
  expect(await t.store.deployments.resolve("ann-hello")).toMatchObject({ valId: t.valId, fileId: undefined });
  await t.store.files.update(at, "a.ts", { type: "http" });
  expect(await labelsOf(t, first.file.id)).toEqual(["ann-hello", `ann--${hex(first.file.id)}`]);
});

test("two vals whose names make the same label: the first keeps it, the later one has only its own", async () => {
  await using t = await makeStore();
  const other = await t.store.users.create({ username: "ann-x" });
  const mine = await t.store.vals.create({ userId: t.userId, name: "x-y", privacy: "public" });
  const theirs = await t.store.vals.create({ userId: other.id, name: "y", privacy: "public" });
  const first = await t.store.files.create({ valId: theirs.id }, http("main.ts"));
  const later = await t.store.files.create({ valId: mine.id }, http("main.ts"));
  expect(first.file.labels[0]).toBe("ann-x-y");
  expect(later.file.labels).toEqual([`ann--${hex(later.file.id)}`]);
  expect((await t.store.deployments.resolve("ann-x-y"))?.valId).toBe(theirs.id);
});

test("a build is served by all labels of its file, and a failed one leaves the last good one", async () => {
  await using t = await makeStore();
  const { deployments, files } = t.store;
  const { file } = await files.create({ valId: t.valId }, http("main.ts"));
  expect(await deployments.resolve("ann-hello")).toEqual({
    valId: t.valId,
    fileId: file.id,
    branchId: t.branchId,
    deployed: undefined,
    failed: false,
  });
  await deployments.succeeded([{ fileId: file.id, version: 1, artifact: "key1", entry: "main.ts" }]);
  await deployments.failed([file.id], 2, [{ message: "no", line: 3 }]);
  const deployed = {
    fileId: file.id,
    valId: t.valId,
    branchId: t.branchId,
    version: 1,
    branch: "main",
    userId: t.userId,
    username: "ann",
    valName: "hello",
    privacy: "public",
    secret: false,
    artifact: "key1",
    entry: "main.ts",
    level: 0,
    type: "http",
    labels: ["ann-hello", `ann--${hex(file.id)}`],
    domains: [],
  };
  expect(await deployments.all()).toEqual([deployed] as never);
  expect(await deployments.byVal(t.valId)).toEqual([deployed] as never);
  for (const label of deployed.labels)
    expect(await deployments.resolve(label)).toMatchObject({ failed: true, deployed: { version: 1 } });
  const failure = { fileId: file.id, version: 2, diagnostics: [{ message: "no", line: 3 }] };
  expect(await deployments.failures(t.valId)).toEqual([failure]);
  await deployments.succeeded([{ fileId: file.id, version: 3, artifact: "key3", entry: "main.ts" }]);
  expect(await deployments.failures(t.valId)).toEqual([]);
});

test("a build that ends late does not replace a newer one, and one of a deleted file is dropped", async () => {
  await using t = await makeStore();
  const { deployments, files, vals } = t.store;
  const { file } = await files.create({ valId: t.valId }, http("main.ts"));
  const built = (version: number) => ({
    fileId: file.id,
    version,
    artifact: `key${version}`,
    entry: "main.ts",
  });
  await deployments.succeeded([built(5)]);
  await deployments.succeeded([built(4)]);
  await deployments.failed([file.id], 3, []);
  expect((await deployments.all())[0]?.version).toBe(5);
  expect(await deployments.failures(t.valId)).toEqual([]);
  await files.remove({ valId: t.valId }, "main.ts", false);
  await deployments.succeeded([built(6)]);
  expect(await deployments.all()).toEqual([]);
  await vals.remove(t.valId);
  await deployments.succeeded([built(7)]);
  expect(await deployments.resolve("ann-hello")).toBeUndefined();
});

test("a branch is unbuilt until every HTTP file of it has a build, good or failed, of its newest version", async () => {
  await using t = await makeStore();
  const { deployments, files } = t.store;
  const at = { valId: t.valId };
  const unbuilt = [{ valId: t.valId, branchId: t.branchId }];
  await files.create(at, { path: "lib.ts", type: "script", content: "" });
  expect(await deployments.unbuilt()).toEqual([]);
  const a = await files.create(at, http("a.ts"));
  const b = await files.create(at, http("b.ts"));
  await deployments.succeeded([{ fileId: a.file.id, version: 3, artifact: "key", entry: "a.ts" }]);
  expect(await deployments.unbuilt()).toEqual(unbuilt);
  await deployments.failed([b.file.id], 3, []);
  expect(await deployments.unbuilt()).toEqual([]);
  await files.update(at, "lib.ts", { content: "new" });
  expect(await deployments.unbuilt()).toEqual(unbuilt);
  await files.remove(at, "", true);
  expect(await deployments.unbuilt()).toEqual([]);
});

test("what is not an HTTP file any more is not served", async () => {
  await using t = await makeStore();
  const { deployments, files } = t.store;
  const { file } = await files.create({ valId: t.valId }, http("main.ts"));
  await deployments.succeeded([{ fileId: file.id, version: 1, artifact: "key", entry: "main.ts" }]);
  await files.update({ valId: t.valId }, "main.ts", { type: "script" });
  expect(await deployments.all()).toEqual([]);
  expect(await deployments.resolve(`ann--${hex(file.id)}`)).toMatchObject({ deployed: undefined });
});

test("a thousand vals are loaded at once", async () => {
  await using t = await makeStore();
  for (let i = 0; i < 1000; i++)
    await t.store.vals.create({ userId: t.userId, name: `v${i}`, privacy: "public", files: [http("m.ts")] });
  const { rows } = await t.store.vals.listByUser(t.userId, { limit: 2000, offset: 0 });
  const builds = [];
  for (const val of rows) {
    const branch = await t.store.vals.branch(val.id);
    const { files } = await t.store.files.sources({ valId: val.id, branchId: branch!.id });
    builds.push(...files.map((file) => ({ fileId: file.id, version: 1, artifact: val.id, entry: "m.ts" })));
  }
  await t.store.deployments.succeeded(builds);
  const start = performance.now();
  const all = await t.store.deployments.all();
  expect(performance.now() - start).toBeLessThan(1000);
  expect(all).toHaveLength(1000);
  expect(all.every((one) => one.labels.length === 2 && one.artifact === one.valId)).toBe(true);
}, 60_000);

test("whoever took in a branch without naming a version is behind a newer one, if the owner is the same", async () => {
  await using t = await makeStore();
  const { deployments, files, users, vals } = t.store;
  await files.create({ valId: t.valId }, { path: "lib.ts", type: "script", content: "" });
  const stranger = await users.create({ username: "bob" });
  const pin = { valId: t.valId, branch: "main", version: 1 };
  const importer = async (userId: string, name: string, floating: boolean) => {
    const val = await vals.create({ userId, name, privacy: "public" });
    const { file } = await files.create({ valId: val.id }, http("main.ts"));
    const pins = [{ ...pin, floating }];
    await deployments.succeeded([{ fileId: file.id, version: 1, artifact: "k", entry: "main.ts", pins }]);
    return { valId: val.id, branchId: file.branchId, fileId: file.id };
  };
  const { fileId, ...mine } = await importer(t.userId, "mine", true);
  expect(await deployments.byVal(mine.valId)).toMatchObject([{ privacy: "public", secret: false }]);
  await importer(t.userId, "pinned", false);
  await importer(stranger.id, "theirs", true);
  const of = { valId: t.valId, branch: "main" };
  expect(await deployments.behind(of)).toEqual([]);
  await files.update({ valId: t.valId }, "lib.ts", { content: "export {}" });
  expect(await deployments.behind(of)).toEqual([mine]);
  expect(await deployments.behind()).toEqual([mine]);
  expect(await deployments.behind({ ...of, branch: "other" })).toEqual([]);
  // A build that failed with the newest version is not behind it.
  await deployments.failed([fileId], 1, [], [{ ...pin, version: 2, floating: true }]);
  expect(await deployments.behind(of)).toEqual([]);
  await files.update({ valId: t.valId }, "lib.ts", { content: "export const a = 1" });
  expect(await deployments.behind(of)).toEqual([mine]);
  await deployments.succeeded([{ fileId, version: 2, artifact: "k2", entry: "main.ts" }]);
  expect(await deployments.behind()).toEqual([]);
});

test("a public val with modules of a private one is as secret as that", async () => {
  await using t = await makeStore();
  const { deployments, files, vals } = t.store;
  const hidden = await vals.create({ userId: t.userId, name: "hidden", privacy: "private" });
  const { file } = await files.create({ valId: t.valId }, http("main.ts"));
  const built = { fileId: file.id, artifact: "k", entry: "main.ts" };
  const pins = [{ valId: hidden.id, branch: "main", version: 0, floating: true }];
  await deployments.succeeded([{ ...built, version: 1, pins }]);
  expect(await deployments.byVal(t.valId)).toMatchObject([{ privacy: "public", secret: true }]);
  await deployments.succeeded([{ ...built, version: 2 }]);
  expect(await deployments.byVal(t.valId)).toMatchObject([{ secret: false }]);
  const { file: own } = await files.create({ valId: hidden.id }, http("main.ts"));
  await deployments.succeeded([{ ...built, fileId: own.id, version: 1 }]);
  expect(await deployments.byVal(hidden.id)).toMatchObject([{ privacy: "private", secret: true }]);
});

test("what the clock or a mail starts is built as what is served, and leads nowhere", async () => {
  await using t = await makeStore();
  const { deployments, files } = t.store;
  const at = { valId: t.valId };
  const cron = (await files.create(at, { path: "cron.ts", type: "interval", content: "" })).file;
  const mail = (await files.create(at, { path: "mail.ts", type: "email", content: "" })).file;
  await files.create(at, { path: "lib.ts", type: "script", content: "" });
  expect(await deployments.unbuilt()).toEqual([{ valId: t.valId, branchId: t.branchId }]);
  const build = (fileId: string, version: number) => ({ fileId, version, artifact: "k", entry: "x.ts" });
  await deployments.succeeded([build(cron.id, 3), build(mail.id, 3)]);
  expect(await deployments.unbuilt()).toEqual([]);
  const shown = (await deployments.all()).map(({ type, labels, domains }) => ({ type, labels, domains }));
  const nowhere = { labels: [], domains: [] };
  expect(shown.toSorted((a, b) => a.type.localeCompare(b.type))).toEqual([
    { type: "email", ...nowhere },
    { type: "interval", ...nowhere },
  ]);
  expect((await deployments.ofVersion({ branchId: t.branchId, version: 3 })).map(({ path }) => path)).toEqual(
    ["cron.ts", "mail.ts"],
  );
});

test("a file is found by its id, with its last good build and what was wrong with a newer one", async () => {
  await using t = await makeStore();
  const { deployments, files, vals } = t.store;
  const { file } = await files.create({ valId: t.valId }, { path: "a.ts", type: "interval", content: "" });
  const found = { fileId: file.id, valId: t.valId, branchId: t.branchId, type: "interval" };
  expect(await deployments.find(file.id)).toEqual({
    ...found,
    deployed: undefined,
    failed: undefined,
  } as never);
  await deployments.succeeded([{ fileId: file.id, version: 1, artifact: "k", entry: "a.ts" }]);
  await deployments.failed([file.id], 2, [{ message: "no" }]);
  expect(await deployments.find(file.id)).toMatchObject({
    ...found,
    deployed: { version: 1, artifact: "k", type: "interval" },
    failed: { version: 2, diagnostics: [{ message: "no" }] },
  });
  expect(await deployments.find(t.valId)).toBeUndefined();
  await vals.remove(t.valId);
  expect(await deployments.find(file.id)).toBeUndefined();
});

test("an HTTP file that becomes an interval file keeps its build, and its hosts lead there no more", async () => {
  await using t = await makeStore();
  const { deployments, files } = t.store;
  const { file } = await files.create({ valId: t.valId }, http("main.ts"));
  await deployments.succeeded([{ fileId: file.id, version: 1, artifact: "k", entry: "main.ts" }]);
  await files.update({ valId: t.valId }, "main.ts", { type: "interval" });
  expect(await deployments.all()).toMatchObject([{ type: "interval", artifact: "k", labels: [] }]);
  expect(await deployments.resolve(`ann--${hex(file.id)}`)).toMatchObject({ deployed: undefined });
});
