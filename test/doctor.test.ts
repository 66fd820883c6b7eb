/** What `hamlet doctor` says of a machine, and of installations that lack a part. */

import { expect, test } from "bun:test";
import { chmodSync, cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeAuthority } from "./support/authority.ts";
import { startOrigin } from "./support/origin.ts";
import { makeTempFolder, runHamlet } from "./support/server.ts";

const ROOT = join(import.meta.dir, "..");
const PROGRAM = `@esbuild/${process.platform}-${process.arch}`;

test("a machine that runs these tests is able; a port in use and a folder that cannot be are told", async () => {
  using folder = makeTempFolder();
  const good = await runHamlet(["doctor", "--port", "0", "--data", folder.path]);
  expect([good.code, good.err]).toEqual([0, ""]);
  expect(good.out).toMatch(/^ok +Bun 1\.\d+\.\d+$/m);
  expect(good.out).toMatch(/^ok +Deno 2\.\d+\.\d+$/m);
  expect(good.out).toMatch(/^ok +esbuild 0\.\d+\.\d+ builds/m);
  expect(good.out).toEndWith("Hamlet can start here.\n");

  await using origin = startOrigin(() => new Response("taken"));
  mkdirSync(join(folder.path, "folder"));
  const bad = await runHamlet(["doctor", "--port", String(origin.port), "--data", "/proc/none"]);
  expect(bad.code).toBe(1);
  expect(bad.out).toMatch(/^NO +port \d+ on 127\.0\.0\.1 is in use\n +→ .*--port/m);
  expect(bad.out).toEndWith("mend what is marked NO.\n");
});

test("where mail comes in is looked at too, and the certificate for it", async () => {
  using folder = makeTempFolder();
  using authority = makeAuthority();
  const [cert, key] = [join(folder.path, "cert.pem"), join(folder.path, "key.pem")];
  writeFileSync(cert, authority.tls.cert);
  writeFileSync(key, authority.tls.key);
  await using origin = startOrigin(() => new Response("taken"));
  const args = ["doctor", "--port", "0", "--data", folder.path, "--sandbox", "deno", "--smtp-port"];
  const good = await runHamlet([...args, "0", "--smtp-cert", cert, "--smtp-key", key]);
  expect(good.out).toMatch(/^ok +certificate for mail: CN=localhost, until .* GMT$/m);
  const bad = await runHamlet([...args, String(origin.port)]);
  expect(bad.out).toMatch(/^NO +port \d+ on 127\.0\.0\.1 is in use\n +→ .*--smtp-port/m);
  expect(bad.out).toMatch(/^weak +mail comes in unencrypted\n +→ .*--smtp-cert/m);
  const broken = await runHamlet([...args, "0", "--smtp-cert", key, "--smtp-key", key]);
  expect([broken.code, broken.out]).toEqual([1, expect.stringContaining("cannot be used")]);
});

/** Hamlet in a folder of its own, with all packages but those named. */
function install(folder: string, without: readonly string[]): string {
  for (const name of ["src", "bin", "package.json"])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  const modules = join(ROOT, "node_modules");
  mkdirSync(join(folder, "node_modules"));
  for (const name of readdirSync(modules)) {
    if (!without.includes(name)) symlinkSync(join(modules, name), join(folder, "node_modules", name));
  }
  return folder;
}

async function askDoctor(installation: string): Promise<string> {
  const args = ["doctor", "--port", "0", "--data", join(installation, "data"), "--sandbox", "deno"];
  const child = Bun.spawn([process.execPath, join(installation, "bin/hamlet.ts"), ...args], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const out = await child.stdout.text();
  expect([await child.exited, out]).toEqual([1, expect.stringContaining("Hamlet cannot start here")]);
  return out;
}

test("without esbuild's program it says what to install", async () => {
  using folder = makeTempFolder();
  expect(await askDoctor(install(folder.path, ["@esbuild"]))).toMatch(
    /^NO +builder: esbuild, which builds the vals, is not installed\. Run "npm ci"/m,
  );
});

test("with a program of esbuild's that does not run here, it says that the builder ends", async () => {
  using folder = makeTempFolder();
  install(folder.path, ["@esbuild", "esbuild"]);
  for (const name of ["esbuild", PROGRAM])
    cpSync(join(ROOT, "node_modules", name), join(folder.path, "node_modules", name), { recursive: true });
  const own = join(folder.path, "node_modules", PROGRAM);
  writeFileSync(join(own, "bin/esbuild"), "#!/bin/sh\necho wrong machine >&2\nexit 1\n");
  chmodSync(join(own, "bin/esbuild"), 0o755);
  expect(await askDoctor(folder.path)).toMatch(
    /^NO +builder: the builder process ended.*\n +→ Run "npm ci"/m,
  );
}, 30_000);
