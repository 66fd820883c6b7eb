import { expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTempFolder } from "./support/server.ts";

const RUNNER = join(import.meta.dir, "../scripts/test.ts");

/** Runs the runner over made-up test files and returns its last line, its whole output and its exit code. */
async function runOn(files: Readonly<Record<string, string>>) {
  using folder = makeTempFolder();
  for (const part of ["test", "src/guest"]) mkdirSync(join(folder.path, part), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder.path, name.includes("/") ? name : `test/${name}`), text);
  }
  const child = Bun.spawn([process.execPath, RUNNER], {
    cwd: folder.path,
    stdout: "pipe",
    stderr: "inherit",
  });
  const output = await child.stdout.text();
  return { output, last: output.trimEnd().split("\n").at(-1), code: await child.exited };
}

const PASS = 'import { test } from "bun:test"; test("a", () => {}); test("b", () => {});';
const FAIL = 'import { test } from "bun:test"; test("a", () => { throw new Error("seen"); });';

test("the counts of all files are summed in the last line", async () => {
  const { last, code } = await runOn({ "a.test.ts": PASS, "b.test.ts": `// @alone\n${PASS}` });
  expect([last, code]).toEqual(["4 passed, 0 failed", 0]);
});

test("a failure is shown in full and fails the run", async () => {
  const { last, output, code } = await runOn({ "a.test.ts": PASS, "b.test.ts": FAIL });
  expect([last, code]).toEqual(["2 passed, 1 failed", 1]);
  expect(output).toContain("seen");
});

test("a file that crashes, or fails outside its tests, counts as one failure", async () => {
  const crash = `${PASS} process.kill(process.pid, "SIGKILL");`;
  expect((await runOn({ "a.test.ts": crash })).last).toBe("0 passed, 1 failed");
  expect((await runOn({ "a.test.ts": `${PASS} throw new Error("at load");` })).last).toEndWith(" 1 failed");
});

test("the guest's tests run on Deno, and count the same", async () => {
  const guest =
    'Deno.test("a", () => {}); Deno.test("b", () => { throw new Error("seen"); }); Deno.test.ignore("c", () => {});';
  const { last, output, code } = await runOn({
    "src/guest/a.test.ts": guest,
    "src/guest/deno.json": "{}",
    "b.test.ts": PASS,
  });
  expect([last, code]).toEqual(["3 passed, 1 failed", 1]);
  expect(output).toContain("1 skipped");
  expect(output).toContain("seen");
});

test("a run without any test fails", async () => {
  expect((await runOn({})).last).toBe("0 passed, 1 failed");
});

test("a process left behind fails the run and is ended, even when it has left its session", async () => {
  const orphan = `import { test } from "bun:test"; test("a", async () => {
    await Bun.spawn(["sh", "-c", "setsid sleep 600 & exit 0"], { stdout: "inherit" }).exited; });`;
  const { last, output } = await runOn({ "a.test.ts": orphan });
  expect(last).toBe("1 passed, 1 failed");
  const pid = /left a process behind: (\d+) sleep 600/.exec(output)?.[1];
  // It may still be in the table, for a parent to notice, but then it runs nothing.
  const commandLine = await Bun.file(`/proc/${pid}/cmdline`)
    .text()
    .catch(() => "");
  expect([pid, commandLine]).toEqual([expect.stringMatching(/^\d+$/), ""]);
});

test("a temp folder left behind fails the run", async () => {
  const messy = `import { test } from "bun:test"; import { mkdtempSync } from "node:fs"; import { tmpdir } from "node:os";
    test("a", () => void mkdtempSync(tmpdir() + "/left-"));`;
  const { last, output } = await runOn({ "a.test.ts": messy });
  expect(last).toBe("1 passed, 1 failed");
  expect(output).toContain("test/a.test.ts left behind in its temp folder: left-");
});

test("setup.sh is silent where nothing is missing, and says what to install where it cannot", async () => {
  using folder = makeTempFolder();
  const run = (path: string) =>
    Bun.spawnSync(["/bin/sh", join(import.meta.dir, "../scripts/setup.sh")], {
      env: { PATH: path },
      timeout: 5000,
    });
  const tools = [
    "bwrap",
    "pasta",
    "nft",
    "ip",
    "nsenter",
    "ps",
    "curl",
    "wrk",
    "chromium",
    "openssl",
    "memcached",
  ];
  tools.push(...["proxy", "account", "container", "object"].map((part) => `swift-${part}-server`), "chmod");
  for (const tool of tools) symlinkSync("/bin/true", join(folder.path, tool));
  for (const tool of ["uname", "id"]) symlinkSync(`/usr/bin/${tool}`, join(folder.path, tool));
  const complete = run(folder.path);
  expect([complete.exitCode, `${complete.stdout}${complete.stderr}`]).toEqual([0, ""]);

  using bare = makeTempFolder();
  for (const tool of ["uname", "id"]) symlinkSync(`/usr/bin/${tool}`, join(bare.path, tool));
  const missing = run(bare.path);
  expect(missing.exitCode).toBe(0);
  expect(missing.stderr.toString()).toMatch(
    /^Missing: bubblewrap passt .*openssl\. On Debian or Ubuntu: sudo apt-get install bubblewrap/,
  );
});
