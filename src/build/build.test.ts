import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSandbox } from "../sandbox/sandbox.ts";
import type { Sandbox } from "../sandbox/types.ts";
import { Artifacts } from "./artifact.ts";
import { type Builder, createBuilder } from "./build.ts";

const ROOT = join(import.meta.dir, "../..");
const data = mkdtempSync(join(tmpdir(), "build-"));
let sandbox: Sandbox;
let builder: Builder;

beforeAll(async () => {
  mkdirSync(join(data, "deno"));
  sandbox = await createSandbox({
    mode: "auto",
    denoPath: join(ROOT, "node_modules/deno/deno"),
    guestEntry: join(ROOT, "src/guest/main.ts"),
    guestFolders: [join(ROOT, "src/guest"), join(ROOT, "src/wire")],
    cacheDir: join(data, "deno"),
    limits: { memoryBytes: 256 << 20, tasks: 64, files: 1024, fileBytes: 64 << 20 },
    egressAllow: [],
    egressDeny: [],
  });
  builder = createBuilder({ sandbox, artifactsDir: join(data, "artifacts") });
});

afterAll(async () => {
  await sandbox.close();
  rmSync(data, { recursive: true, force: true });
});

const file = (path: string, content: string) => ({ path, content });
const diagnose = async (...files: { path: string; content: string }[]) => {
  const result = await builder.build({ files, entry: files[0]!.path });
  return result.ok ? [] : result.diagnostics;
};

test("a val becomes a folder of its files, the same one for the same content", async () => {
  const files = [
    file("main.ts", 'import "./lib/a.ts";\nexport default () => 1;\n'),
    file("lib/a.ts", "export const a = 1;\n"),
  ];
  const first = await builder.build({ files, entry: "main.ts" });
  if (!first.ok) throw new Error(JSON.stringify(first.diagnostics));
  expect(readFileSync(join(first.artifact, "lib/a.ts"), "utf8")).toBe("export const a = 1;\n");
  expect(await builder.build({ files: files.toReversed(), entry: "main.ts" })).toEqual(first);
  const other = await builder.build({
    files: [files[0]!, file("lib/a.ts", "export const a = 2;\n")],
    entry: "main.ts",
  });
  expect(other).toMatchObject({ ok: true });
  expect(other.ok && other.key).not.toBe(first.key);
});

test("all mistakes are told at once, each at its place in the val's own files", async () => {
  const found = await diagnose(
    file(
      "main.ts",
      'import { x } from "./nope.ts";\nimport "lodash";\nimport "./bad.ts";\nexport default () => x;\n',
    ),
    file("bad.ts", "const a = ;\n"),
  );
  expect(found).toContainEqual({
    file: "main.ts",
    line: 1,
    column: 19,
    message: 'There is no file "nope.ts" in this val.',
    hint: "Check the path; it needs its file extension.",
  });
  expect(found).toContainEqual(
    expect.objectContaining({ file: "main.ts", line: 2, hint: expect.stringContaining("npm:lodash") }),
  );
  expect(found).toContainEqual(
    expect.objectContaining({
      file: "bad.ts",
      line: 1,
      column: 11,
      message: expect.stringContaining("Expression expected"),
    }),
  );
  expect(JSON.stringify(found)).not.toContain(data);
});

test("a package is fetched into the shared cache while building, and one that does not exist is named", async () => {
  const hono = 'import { Hono } from "npm:hono@4.13.19";\nexport default new Hono().fetch;\n';
  expect(await diagnose(file("main.ts", hono))).toEqual([]);
  expect(existsSync(join(data, "deno/npm"))).toBe(true);
  const missing = await diagnose(
    file("main.ts", 'import "npm:no-such-package-hamlet-1@1.0.0";\nexport default 1;\n'),
  );
  expect(missing).toEqual([
    expect.objectContaining({ message: expect.stringContaining("no-such-package-hamlet-1") }),
  ]);
}, 60_000);

test("a dynamic import of a missing file is the val's own business at run time", async () => {
  expect(
    await diagnose(file("main.ts", 'export default () => import("./later.ts").catch(() => 1);\n')),
  ).toEqual([]);
});

test("settings files of a val change nothing: they neither redirect packages nor loosen rules", async () => {
  const found = await diagnose(
    file(
      "main.ts",
      'import { Hono } from "npm:hono@4.13.19";\nexport default () => new Response(String(Hono));\n',
    ),
    file(".npmrc", "registry=http://127.0.0.1:9/\n"),
    file(
      "deno.json",
      '{ "imports": { "npm:hono@4.13.19": "http://127.0.0.1:9/x.ts" }, "lock": true, "vendor": true }',
    ),
    file(
      "package.json",
      '{ "dependencies": { "hono": "0.0.1" }, "scripts": { "postinstall": "touch pwned" } }',
    ),
    file(".env", "NPM_CONFIG_REGISTRY=http://127.0.0.1:9/\nDENO_DIR=/tmp/x\n"),
  );
  expect(found).toEqual([]);
}, 60_000);

test("files of the host and addresses that are not public are no modules, and nothing of them is told", async () => {
  for (const specifier of ["/etc/passwd", "../../../../../../etc/passwd", "file:///etc/passwd"]) {
    expect(await diagnose(file("main.ts", `import "${specifier}";\n`))).toEqual([
      expect.objectContaining({ file: "main.ts", line: 1, message: "A val can import its own files only." }),
    ]);
  }
  expect(
    await diagnose(
      file("main.ts", 'import t from "/etc/passwd" with { type: "text" };\nexport default t;\n'),
    ),
  ).toHaveLength(1);
  for (const host of ["127.0.0.1:9", "169.254.169.254", "10.0.0.1"]) {
    const [only] = await diagnose(file("main.ts", `import "http://${host}/x.ts";\n`));
    expect(only).toMatchObject({
      file: "main.ts",
      line: 1,
      message: expect.stringContaining("not a public one"),
    });
  }
});

test("an entry that is not there is told", async () => {
  const result = await builder.build({ files: [file("other.ts", "")], entry: "main.ts" });
  expect(result).toMatchObject({
    ok: false,
    diagnostics: [{ message: 'There is no file "main.ts" in this val.' }],
  });
});

test("many builds of one content are one build, and all are told of it", async () => {
  const files = [file("main.ts", "export default 'once';\n")];
  const all = await Promise.all(Array.from({ length: 20 }, () => builder.build({ files, entry: "main.ts" })));
  expect(new Set(all).size).toBe(1);
  expect(all[0]).toMatchObject({ ok: true });
});

test("a half-written artifact of a process that was killed is never used", async () => {
  const folder = join(data, "other");
  const staged = join(folder, ".staging/1/main.ts");
  await Bun.write(staged, "half");
  createBuilder({ sandbox, artifactsDir: folder });
  expect(existsSync(staged)).toBe(false);
});

test("the event loop turns while a large val goes to the disk: no stream waits for a save", async () => {
  const folder = mkdtempSync(join(tmpdir(), "artifacts-"));
  const artifacts = new Artifacts(folder);
  const files = Array.from({ length: 100 }, (_, n) => ({
    path: `lib/${n}.ts`,
    content: `export const n = ${n}`,
  }));
  let turns = 0;
  const turn = () => {
    turns++;
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  await artifacts.publish(await artifacts.stage(files), "key");
  clearImmediate(next);
  expect(readFileSync(join(artifacts.path("key"), "lib/99.ts"), "utf8")).toBe("export const n = 99");
  expect(turns).toBeGreaterThan(files.length);
  rmSync(folder, { recursive: true });
});

test("artifacts that nothing needs any more are removed, the others stay", async () => {
  const one = await builder.build({ files: [file("main.ts", "export default 1;\n")], entry: "main.ts" });
  const two = await builder.build({ files: [file("main.ts", "export default 2;\n")], entry: "main.ts" });
  if (!one.ok || !two.ok) throw new Error("a build failed");
  await builder.keepOnly(new Set([two.key]));
  expect([existsSync(one.artifact), existsSync(two.artifact)]).toEqual([false, true]);
  const again = await builder.build({ files: [file("main.ts", "export default 1;\n")], entry: "main.ts" });
  expect(again).toEqual(one);
  expect(existsSync(one.artifact)).toBe(true);
});
