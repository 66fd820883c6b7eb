import { expect, test } from "bun:test";
import { failureOf, makeRandom, makeStore, type TestStore } from "../../test/support/store.ts";
import { isInside, nameOf, parentOf } from "../val/path.ts";

const ALL = { path: "", recursive: true, limit: 1000, offset: 0 };

async function paths({ store, valId, branchId }: TestStore, version?: number): Promise<string[]> {
  return (await store.files.list({ valId, branchId, version }, ALL)).rows.map((file) => file.path);
}

async function version({ store, valId }: TestStore): Promise<number> {
  return (await store.vals.branch(valId))!.version;
}

test("each change is one version, however many directories it makes", async () => {
  await using t = await makeStore();
  const at = { valId: t.valId };
  expect(await version(t)).toBe(0);
  const dir = await t.store.files.create(at, { path: "a/b/c", type: "directory" });
  expect([dir.version, dir.file.path, dir.file.type]).toEqual([1, "a/b/c", "directory"]);
  expect(await paths(t)).toEqual(["a", "a/b", "a/b/c"]);
  const file = await t.store.files.create(at, { path: "a/b/d/e.ts", type: "script", content: "1" });
  expect([file.version, await version(t)]).toEqual([2, 2]);
  await t.store.files.update(at, "a/b", { name: "z", parentPath: "new/place" });
  expect(await version(t)).toBe(3);
  expect(await paths(t)).toEqual([
    "a",
    "new",
    "new/place",
    "new/place/z",
    "new/place/z/c",
    "new/place/z/d",
    "new/place/z/d/e.ts",
  ]);
  await t.store.files.remove(at, "", true);
  expect(await version(t)).toBe(4);
  expect(await paths(t)).toEqual([]);
});

test("a write that changes nothing makes no version", async () => {
  await using t = await makeStore();
  const at = { valId: t.valId };
  const made = await t.store.files.create(at, { path: "a.ts", type: "script", content: "1" });
  const changes = [{}, { content: "1" }, { name: "a.ts", parentPath: "" }, { type: "script" }] as const;
  for (const change of changes) {
    const same = await t.store.files.update(at, "a.ts", change);
    expect([same.changed, same.version, same.file]).toEqual([false, 1, made.file]);
  }
  expect((await t.store.files.remove(at, "a.ts", false)).version).toBe(2);
  expect(await t.store.files.remove(at, "", true)).toMatchObject({ changed: false, version: 2 });
});

test("renaming and moving keep id, type and content; delete and create make another id", async () => {
  await using t = await makeStore();
  const at = { valId: t.valId };
  const { file } = await t.store.files.create(at, { path: "a.ts", type: "http", content: "1" });
  const moved = await t.store.files.update(at, "a.ts", { name: "b.ts", parentPath: "x/y" });
  expect(moved.file).toMatchObject({ id: file.id, path: "x/y/b.ts", type: "http", hash: file.hash });
  expect(await t.store.files.find(file.id)).toEqual(moved.file);
  const back = await t.store.files.update(at, "x/y/b.ts", { parentPath: "" });
  expect(back.file.path).toBe("b.ts");
  await t.store.files.remove(at, "b.ts", false);
  expect(await t.store.files.find(file.id)).toBeUndefined();
  const again = await t.store.files.create(at, { path: "b.ts", type: "http", content: "1" });
  expect(again.file.id).not.toBe(file.id);
});

test("an older version stays readable: content, type, place, and what was deleted since", async () => {
  await using t = await makeStore();
  const at = { valId: t.valId };
  await t.store.files.create(at, { path: "a.ts", type: "script", content: "one" });
  await t.store.files.update(at, "a.ts", { content: "two", type: "http" });
  await t.store.files.update(at, "a.ts", { name: "b.ts" });
  await t.store.files.remove(at, "b.ts", false);
  const read = async (v: number, path: string) => {
    const state = { valId: t.valId, branchId: t.branchId, version: v };
    const { entry, content } = await t.store.files.content(state, path);
    return [entry.version, entry.type, content];
  };
  expect(await read(1, "a.ts")).toEqual([1, "script", "one"]);
  expect(await read(2, "a.ts")).toEqual([2, "http", "two"]);
  expect(await read(3, "b.ts")).toEqual([3, "http", "two"]);
  expect(await failureOf(read(3, "a.ts"))).toBe("no_file");
  expect(await failureOf(read(4, "b.ts"))).toBe("no_file");
  expect(await paths(t, 0)).toEqual([]);
});

type Attempt = (files: TestStore["store"]["files"], at: { valId: string }) => Promise<unknown>;
const REFUSED: readonly [title: string, failure: string, attempt: Attempt][] = [
  ["create over a file", "path_taken", (f, at) => f.create(at, { path: "a.ts", type: "file", content: "" })],
  ["create over a directory", "path_taken", (f, at) => f.create(at, { path: "d", type: "directory" })],
  ["create below a file", "not_a_directory", (f, at) => f.create(at, { path: "a.ts/b", type: "directory" })],
  ["create at the root", "bad_path", (f, at) => f.create(at, { path: "", type: "directory" })],
  ["create outside", "bad_path", (f, at) => f.create(at, { path: "../a", type: "directory" })],
  ["update what is not there", "no_file", (f, at) => f.update(at, "nothing", {})],
  ["rename over another", "path_taken", (f, at) => f.update(at, "a.ts", { name: "d" })],
  ["rename with a slash", "bad_path", (f, at) => f.update(at, "a.ts", { name: "d/x" })],
  ["move outside", "bad_path", (f, at) => f.update(at, "a.ts", { parentPath: "../.." })],
  ["move below a file", "not_a_directory", (f, at) => f.update(at, "d", { parentPath: "a.ts" })],
  ["move into itself", "into_itself", (f, at) => f.update(at, "d", { parentPath: "d/e" })],
  ["fill a directory with text", "is_a_directory", (f, at) => f.update(at, "d", { content: "" })],
  ["make a file of a directory", "is_a_directory", (f, at) => f.update(at, "d", { type: "script" })],
  ["make a directory of a file", "is_a_directory", (f, at) => f.update(at, "a.ts", { type: "directory" })],
  ["delete a full directory", "not_empty", (f, at) => f.remove(at, "d", false)],
  ["delete a full root", "not_empty", (f, at) => f.remove(at, "", false)],
  ["delete what is not there", "no_file", (f, at) => f.remove(at, "nothing", true)],
  [
    "write to a branch of another val",
    "no_branch",
    (f, at) => f.create({ ...at, branchId: crypto.randomUUID() }, { path: "x", type: "directory" }),
  ],
];

test.each(REFUSED)("%s is refused as %s and changes nothing", async (_, failure, attempt) => {
  await using t = await makeStore();
  const at = { valId: t.valId };
  await t.store.files.create(at, { path: "a.ts", type: "script", content: "1" });
  await t.store.files.create(at, { path: "d/e/f.ts", type: "script", content: "2" });
  const before = [await paths(t), await version(t)];
  expect(await failureOf(attempt(t.store.files, at))).toBe(failure);
  expect([await paths(t), await version(t)]).toEqual(before);
});

test("a name with signs that mean something to LIKE matches only itself", async () => {
  await using t = await makeStore();
  const at = { valId: t.valId };
  for (const path of ["a_b/x", "acb/y", "a_b2/z"])
    await t.store.files.create(at, { path, type: "script", content: "" });
  const state = { valId: t.valId, branchId: t.branchId };
  const below = await t.store.files.list(state, { ...ALL, path: "a_b" });
  expect(below.rows.map((file) => file.path)).toEqual(["a_b/x"]);
  await t.store.files.remove(at, "a_b", true);
  expect(await paths(t)).toEqual(["a_b2", "a_b2/z", "acb", "acb/y"]);
});

test("fifty writes at once are fifty versions, and none is lost", async () => {
  await using t = await makeStore();
  const at = { valId: t.valId };
  const saved = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      t.store.files.create(at, { path: `d${i % 3}/f${i}.ts`, type: "script", content: `${i}` }),
    ),
  );
  expect(new Set(saved.map((one) => one.version)).size).toBe(50);
  const { version: latest, files } = await t.store.files.sources({ valId: t.valId, branchId: t.branchId });
  expect(latest).toBe(50);
  expect(files.map((file) => file.content).sort()).toEqual(
    Array.from({ length: 50 }, (_, i) => `${i}`).sort(),
  );
});

test("what a build takes is the files of one version with their texts, without directories", async () => {
  await using t = await makeStore();
  const at = { valId: t.valId };
  await t.store.files.create(at, { path: "lib/a.ts", type: "script", content: "1\0\u{1F600}\ud800" });
  await t.store.files.create(at, { path: "main.ts", type: "http", content: "" });
  const state = { valId: t.valId, branchId: t.branchId };
  const { version: latest, files } = await t.store.files.sources(state);
  expect(latest).toBe(2);
  expect(files.map(({ path, type, content }) => [path, type, content])).toEqual([
    ["lib/a.ts", "script", "1\0\u{1F600}\ufffd"],
    ["main.ts", "http", ""],
  ]);
  expect(await t.store.files.sources({ ...state, version: 1 })).toMatchObject({ version: 1, files: [{}] });
  expect((await t.store.files.sources({ ...state, version: 0 })).files).toEqual([]);
  expect(await failureOf(t.store.files.sources({ ...state, branchId: "none" }))).toBe("no_branch");
});

/** The simplest thing that could be right: what each file is, by path. */
type Model = Map<string, string>;

/** What an edit makes of the model; undefined when it must be refused. */
function edit(model: Model, path: string, target: string, text: string): Model | undefined {
  const inTheWay = (p: string) => [...model.keys()].some((file) => isInside(p, file));
  const isDirectory = (p: string) => [...model.keys()].some((file) => isInside(file, p));
  const next = new Map(model);
  if (!model.has(path)) {
    if (inTheWay(path) || isDirectory(path)) return undefined;
    return next.set(path, text);
  }
  if (target === path) return next.set(path, text);
  next.delete(path);
  const others = new Map(next);
  const blocked =
    model.has(target) || isInside(target, path) || [...others.keys()].some((file) => isInside(target, file));
  if (blocked || isDirectory(target)) return undefined;
  return next.set(target, text);
}

test.each([1, 2, 3])("after 60 random edits every version reads as it was made (seed %i)", async (seed) => {
  await using t = await makeStore();
  const at = { valId: t.valId };
  const random = makeRandom(seed);
  const somePath = () =>
    Array.from({ length: 1 + random(2) }, () => "abc"[random(3)])
      .join("/")
      .concat(".ts");
  const history: Model[] = [new Map()];
  for (let step = 0; step < 60; step++) {
    const model = history.at(-1)!;
    const [path, target, text] = [somePath(), somePath(), String(random(3))];
    const next = edit(model, path, target, text);
    const change = { content: text, name: nameOf(target), parentPath: parentOf(target) };
    const write = model.has(path)
      ? t.store.files.update(at, path, change)
      : t.store.files.create(at, { path, type: "script", content: text });
    const result = await write.catch(() => undefined);
    expect([path, target, result !== undefined]).toEqual([path, target, next !== undefined]);
    if (result?.changed) history.push(next!);
  }
  expect(await version(t)).toBe(history.length - 1);
  for (const [v, model] of history.entries()) {
    const { files } = await t.store.files.sources({ valId: t.valId, branchId: t.branchId, version: v });
    expect(Object.fromEntries(files.map((file) => [file.path, file.content]))).toEqual(
      Object.fromEntries(model),
    );
  }
});
