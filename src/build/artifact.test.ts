import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Artifacts } from "./artifact.ts";

const folder = mkdtempSync(join(tmpdir(), "artifacts-"));
afterAll(async () => {
  // What is needed no more is put aside and removed while nobody waits.
  while (readdirSync(join(folder, ".staging")).length > 0) await Bun.sleep(1);
  rmSync(folder, { recursive: true, force: true });
});

test("a half-written artifact of a process that was killed is never used", async () => {
  const staged = join(folder, ".staging/1/main.ts");
  await Bun.write(staged, "half");
  new Artifacts(folder);
  expect(existsSync(staged)).toBe(false);
});

test("an artifact is there whole, and whoever comes second with the same one is content", async () => {
  const artifacts = new Artifacts(folder);
  const [one, two] = [await artifacts.stage({ "a/b.txt": "x" }), await artifacts.stage({ "a/b.txt": "x" })];
  expect(artifacts.has("key")).toBe(false);
  await artifacts.publish(one, artifacts.path("key"));
  await artifacts.publish(two, artifacts.path("key"));
  await artifacts.discard(two);
  expect(readFileSync(join(artifacts.path("key"), "a/b.txt"), "utf8")).toBe("x");
});

test("the event loop turns while much goes to the disk: no stream waits for a save", async () => {
  const artifacts = new Artifacts(folder);
  const files = Object.fromEntries(
    Array.from({ length: 100 }, (_, n) => [`lib/${n}.ts`, `export const n = ${n}`]),
  );
  let turns = 0;
  const turn = () => {
    turns++;
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  await artifacts.publish(await artifacts.stage(files), artifacts.path("many"));
  clearImmediate(next);
  expect(readFileSync(join(artifacts.path("many"), "lib/99.ts"), "utf8")).toBe("export const n = 99");
  expect(turns).toBeGreaterThan(100);
});

test("what nothing needs any more is removed, assembled for older versions too; the rest stays", async () => {
  const artifacts = new Artifacts(folder);
  const all = [
    artifacts.path("one"),
    artifacts.path("two"),
    artifacts.livePath("one-a"),
    artifacts.livePath("two-a"),
    artifacts.livePath("two-b"),
  ];
  for (const path of all) mkdirSync(path);
  await artifacts.keepOnly(new Set(["two"]), new Set([artifacts.livePath("two-b")]));
  expect(all.map((path) => existsSync(path))).toEqual([false, true, false, false, true]);
});
