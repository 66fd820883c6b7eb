import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import { makeTempFolder, runHamlet } from "./support/server.ts";

const ROOT = join(import.meta.dir, "..");

test("--version prints the version, help prints the commands, each command its flags", async () => {
  expect(await runHamlet(["--version"])).toEqual({ code: 0, out: `${packageJson.version}\n`, err: "" });
  const help = await runHamlet(["help"]);
  for (const name of ["serve", "user add", "token create", "logs", "doctor"])
    expect(help.out).toContain(`hamlet ${name}`);
  expect(help.code).toBe(0);
  expect((await runHamlet(["--help"])).out).toBe(help.out);
  const serve = await runHamlet(["serve", "--help"]);
  expect([serve.code, serve.out.includes("--egress-allow …")]).toEqual([0, true]);
  expect((await runHamlet(["help", "serve"])).out).toBe(serve.out);
  expect((await runHamlet(["user", "add", "--help"])).out).toContain("hamlet user add NAME");
  const user = (await runHamlet(["user", "--help"])).out;
  expect([user.includes("user password NAME"), user.includes("hamlet serve")]).toEqual([true, false]);
});

test("no command at all prints the help as a complaint", async () => {
  const { code, out, err } = await runHamlet([]);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain("hamlet serve");
});

test("a mistake is one sentence on stderr and exit code 2", async () => {
  const cases: [string[], string][] = [
    [["serv"], 'hamlet: there is no command "serv": did you mean "hamlet serve"?'],
    [["user"], 'hamlet: there is no command "user": did you mean "hamlet user add"?'],
    [["user", "ad", "ann"], 'hamlet: there is no command "user ad": did you mean "hamlet user add"?'],
    [["xyzzy"], 'hamlet: there is no command "xyzzy": "hamlet help" lists what there is.'],
    [["serve", "--prot", "80"], "hamlet: hamlet serve does not know the flag --prot: did you mean --port?"],
    [
      ["serve", "--port", "web"],
      "hamlet: --port web is not usable: --port takes a whole number from 0 to 65535.",
    ],
    [
      ["serve", "--grace", "5"],
      "hamlet: --grace 5 is not usable: --grace takes a length of time with its unit, such as 500ms, 10s, 5m, 2h or 7d.",
    ],
    [
      ["doctor", "--xyzzy"],
      'hamlet: hamlet doctor does not know the flag --xyzzy: "hamlet doctor --help" lists what it takes.',
    ],
  ];
  for (const [args, message] of cases) {
    expect([args, await runHamlet(args)]).toEqual([args, { code: 2, out: "", err: `${message}\n` }]);
  }
});

test("a bad variable is told like a bad flag", async () => {
  const { code, err } = await runHamlet(["serve"], { HAMLET_POOL: "many" });
  expect([code, err]).toEqual([
    2,
    "hamlet: HAMLET_POOL=many is not usable: --pool takes a whole number from 0 to 64.\n",
  ]);
});

test("the launcher works through symbolic links, as npx and global installs make them", async () => {
  using folder = makeTempFolder();
  symlinkSync(join(ROOT, "bin/hamlet"), join(folder.path, "first"));
  symlinkSync("first", join(folder.path, "second"));
  const child = Bun.spawn([join(folder.path, "second"), "--version"], { cwd: folder.path, stdout: "pipe" });
  expect(await child.stdout.text()).toBe(`${packageJson.version}\n`);
});

/** A package as npm lays it: `node_modules/hamlet` beside `node_modules/bun`, whose install script has not run. */
function makeInstallation(folder: string) {
  const own = join(folder, "node_modules/hamlet");
  for (const path of [
    own,
    join(folder, "node_modules/bun/bin"),
    join(folder, "node_modules/@oven/bun-x/bin"),
  ]) {
    mkdirSync(path, { recursive: true });
  }
  for (const name of ["src", "package.json"]) symlinkSync(join(ROOT, name), join(own, name));
  Bun.spawnSync(["cp", "-r", join(ROOT, "bin"), own]);
  writeFileSync(join(folder, "node_modules/bun/bin/bun.exe"), "echo Error >&2; exit 1\n");
  chmodSync(join(folder, "node_modules/bun/bin/bun.exe"), 0o755);
  return join(own, "bin/hamlet");
}

test("installed with --ignore-scripts, the launcher finds Bun where npm left it", async () => {
  using folder = makeTempFolder();
  const launcher = makeInstallation(folder.path);
  symlinkSync(process.execPath, join(folder.path, "node_modules/@oven/bun-x/bin/bun"));
  const child = Bun.spawn([launcher, "--version"], { stdout: "pipe" });
  expect(await child.stdout.text()).toBe(`${packageJson.version}\n`);
});

test("without any Bun, the launcher says what to do", async () => {
  using folder = makeTempFolder();
  const child = Bun.spawn([makeInstallation(folder.path), "--version"], { stderr: "pipe" });
  expect(await child.stderr.text()).toContain('Run "npm ci" in');
  expect(await child.exited).toBe(2);
});
