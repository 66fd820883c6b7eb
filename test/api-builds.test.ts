/** What the API and the command line tell of builds. */

import { expect, test } from "bun:test";
import { runHamlet } from "./support/server.ts";
import { makeTown } from "./support/town.ts";

const MISSING = { message: 'There is no file "x.ts" in this val.', file: "lib/a.ts", line: 3, column: 8 };
const SLOW = { message: "It is large.", hint: "Import less." };

/** A val with three HTTP files: one served, one whose newest version failed, one that never could be built. */
async function makeBuilds() {
  const town = await makeTown({ now: () => Date.parse("2026-01-02T03:04:05.678Z") });
  const valId = await town.val("hello");
  const ids: Record<string, string> = {};
  for (const path of ["a.ts", "b.ts", "c.ts"]) ids[path] = (await town.file(valId, path, "", "http")).id;
  const { deployments } = town.store;
  const notes = { reasons: ["sharp has native code"], warnings: [SLOW] };
  await deployments.succeeded([
    { fileId: ids["a.ts"]!, version: 3, artifact: "k", entry: "a.ts", level: 1, notes },
    { fileId: ids["b.ts"]!, version: 2, artifact: "k", entry: "b.ts" },
  ]);
  await deployments.failed([ids["b.ts"]!, ids["c.ts"]!], 3, [MISSING, { message: "a\u001b[2Jb" }]);
  return { town, valId, ids, [Symbol.asyncDispose]: () => town[Symbol.asyncDispose]() };
}

test("each trigger file tells which version is served and what is wrong with a newer one", async () => {
  await using made = await makeBuilds();
  const { town, valId, ids } = made;
  const { json } = await town.expect(200, "GET", `/v3/vals/${valId}/builds`, { token: "" });
  const branch = (await town.expect(200, "GET", `/v2/vals/${valId}/branches`)).json.data[0];
  const at = "2026-01-02T03:04:05.678Z";
  const failed = { version: 3, failedAt: at, diagnostics: [MISSING, { message: "a\u001b[2Jb" }] };
  const of = (path: string) => ({
    file: { id: ids[path], path, type: "http" },
    branch: { id: branch.id, name: "main" },
  });
  const serving = { version: 3, builtAt: at, level: 1, reasons: ["sharp has native code"], warnings: [SLOW] };
  expect(json.data).toEqual([
    { ...of("a.ts"), serving, failed: null },
    { ...of("b.ts"), serving: { version: 2, builtAt: at, level: 0, reasons: [], warnings: [] }, failed },
    { ...of("c.ts"), serving: null, failed },
  ]);
  const second = await town.expect(200, "GET", `/v3/vals/${valId}/builds?limit=1&offset=1`);
  expect([second.json.data.length, second.json.data[0].file.path]).toEqual([1, "b.ts"]);
  expect(second.json.links.next).toContain("offset=2");
  const other = `/v3/vals/${valId}/builds?branch_id=${valId}`;
  expect((await town.expect(200, "GET", other)).json.data).toEqual([]);
});

test("a version tells what came of building it, as far as it is remembered", async () => {
  await using made = await makeBuilds();
  const { town, valId, ids } = made;
  const of = async (version: number) => {
    const { json } = await town.expect(200, "GET", `/v3/vals/${valId}/versions/${version}/builds`, {
      token: "",
    });
    const files = json.files.map((one: { file: { path: string }; status: string }) => [
      one.file.path,
      one.status,
    ]);
    return { ...json, files };
  };
  expect(await of(3)).toMatchObject({
    ...{ version: 3, branch: { name: "main" }, status: "failed", level: 1, warnings: [SLOW] },
    diagnostics: [MISSING, { message: "a\u001b[2Jb" }, MISSING, { message: "a\u001b[2Jb" }],
    files: [
      ["a.ts", "ok"],
      ["b.ts", "failed"],
      ["c.ts", "failed"],
    ],
  });
  expect((await of(2)).files).toEqual([
    ["a.ts", "superseded"],
    ["b.ts", "ok"],
  ]);
  expect(await of(0)).toMatchObject({ status: "none", files: [] });
  await town.expect(204, "DELETE", `/v2/vals/${valId}/files?path=a.ts`);
  expect(await of(4)).toMatchObject({
    status: "none",
    files: [
      ["b.ts", "none"],
      ["c.ts", "none"],
    ],
  });
  expect((await of(3)).status).toBe("failed");
  await town.expect(404, "GET", `/v3/vals/${valId}/versions/5/builds`);
  await town.expect(404, "GET", `/v3/vals/${valId}/versions/1/builds?branch_id=${valId}`);
  await town.expect(400, "GET", `/v3/vals/${valId}/versions/x/builds`);
  const { deployments } = town.store;
  for (let version = 4; version < 60; version++)
    await deployments.succeeded([{ fileId: ids["b.ts"]!, version, artifact: "k", entry: "b.ts" }]);
  expect((await of(2)).files[1]).toEqual(["b.ts", "superseded"]);
});

test("a private val tells its owner alone", async () => {
  await using town = await makeTown();
  const valId = await town.val("hidden", { privacy: "private" });
  await town.expect(200, "GET", `/v3/vals/${valId}/builds`);
  await town.expect(404, "GET", `/v3/vals/${valId}/builds`, { token: "" });
});

test("a file whose newest version failed says so when it is listed and asked for, but not in an older version", async () => {
  await using made = await makeBuilds();
  const { town, valId, ids } = made;
  const list = async (more = "") =>
    (await town.expect(200, "GET", `/v2/vals/${valId}/files?path=${more}`)).json.data.map(
      (file: { path: string; diagnostics?: unknown[] }) => [file.path, file.diagnostics?.length],
    );
  expect(await list()).toEqual([
    ["a.ts", undefined],
    ["b.ts", 2],
    ["c.ts", 2],
  ]);
  expect(await list("&version=2")).toEqual([
    ["a.ts", undefined],
    ["b.ts", undefined],
  ]);
  const file = await town.expect(200, "GET", `/v2/files/${ids["b.ts"]}`);
  expect(file.json.diagnostics[0]).toEqual(MISSING);
});

test("a file that is no trigger any more has no build", async () => {
  await using made = await makeBuilds();
  const { town, valId } = made;
  await town.expect(200, "PUT", `/v2/vals/${valId}/files?path=b.ts`, { json: { type: "script" } });
  await town.expect(204, "DELETE", `/v2/vals/${valId}/files?path=c.ts`);
  const { json } = await town.expect(200, "GET", `/v3/vals/${valId}/builds`);
  expect(json.data.map((one: { file: { path: string } }) => one.file.path)).toEqual(["a.ts"]);
});

test("a save's answer tells the level of its build with the reasons, and the warnings", async () => {
  await using town = await makeTown();
  const valId = await town.val("hello");
  const save = (content: string) =>
    town.expect(200, "PUT", `/v2/vals/${valId}/files?path=a.ts`, { json: { content } });
  const plain = await town.file(valId, "a.ts", "", "http");
  expect(Object.keys(plain)).not.toContain("build");
  town.report = async () => ({
    version: 2,
    diagnostics: [],
    level: 2,
    reasons: ["import(x) is computed"],
    warnings: [SLOW],
  });
  const saved = await save("1");
  expect(saved.json.build).toEqual({ level: 2, reasons: ["import(x) is computed"], warnings: [SLOW] });
  expect(saved.headers.get("x-hamlet-build")).toBe("ok");
  town.report = async () => ({ version: 3, diagnostics: [MISSING], level: 0 });
  const failed = await save("2");
  expect([failed.json.build, failed.json.diagnostics]).toEqual([{ level: 0 }, [MISSING]]);
});

test("hamlet builds prints it for people, and ends with 1 when something could not be built", async () => {
  await using made = await makeBuilds();
  const { folder } = made.town;
  const { out, code } = await runHamlet(["builds", "ann/hello", "--data", folder]);
  expect(out.split("\n")).toEqual([
    "a.ts: version 3 is served, bundled but for some packages",
    "  note: sharp has native code",
    "  warning: It is large.",
    "    → Import less.",
    "b.ts: version 3 could not be built",
    '  lib/a.ts:3:8 error: There is no file "x.ts" in this val.',
    "  error: a\\u001b[2Jb",
    "b.ts: version 2 is served, bundled",
    "c.ts: version 3 could not be built",
    '  lib/a.ts:3:8 error: There is no file "x.ts" in this val.',
    "  error: a\\u001b[2Jb",
    "c.ts: nothing is served",
    "",
  ]);
  expect(code).toBe(1);
  await made.town.val("empty");
  const empty = await runHamlet(["builds", "ann/empty", "--data", folder]);
  expect([empty.code, empty.out]).toEqual([0, "ann/empty has no file that something starts.\n"]);
  const wrong = await runHamlet(["builds", "ann", "--data", folder]);
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining("hamlet builds takes one val")]);
});
