/** What a killed server leaves: nothing that runs, and a folder that the next one removes. */

import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSandbox } from "../src/sandbox/sandbox.ts";

const ROOT = join(import.meta.dir, "..");
const root = process.platform === "linux" && process.getuid?.() === 0;

for (const mode of ["deno", ...(root ? (["strict"] as const) : [])] as const) {
  test(`kill -9 of the server at level ${mode} leaves no process, and the next start removes its folder`, async () => {
    const temp = mkdtempSync(join(tmpdir(), "crash-"));
    mkdirSync(join(temp, "deno"));
    const script = `
    import { createSandbox } from ${JSON.stringify(join(ROOT, "src/sandbox/sandbox.ts"))};
    const options = JSON.parse(process.argv[2]);
    const sandbox = await createSandbox(options);
    const workers = [sandbox.spawn(), sandbox.spawn()];
    for (const worker of workers) {
      worker.write(JSON.stringify({ kind: "hello", nonce: "n".repeat(32), socket: worker.guestSocketPath, logLines: 9, logBytes: 999 }) + "\\n");
      await worker.stdout.getReader().read();
    }
    console.log("up");`;
    writeFileSync(join(temp, "server.ts"), script);
    const options = {
      mode,
      denoPath: join(ROOT, "node_modules/deno/deno"),
      guestEntry: join(ROOT, "src/guest/main.ts"),
      guestFolders: [join(ROOT, "src/guest"), join(ROOT, "src/wire")],
      cacheDir: join(temp, "deno"),
      limits: { memoryBytes: 2 ** 28, tasks: 32, files: 256, fileBytes: 2 ** 24 },
      egressAllow: [],
      egressDeny: [],
    };
    const server = Bun.spawn([process.execPath, join(temp, "server.ts"), JSON.stringify(options)], {
      env: { ...process.env, TMPDIR: temp },
      stdin: "ignore",
      stdout: "pipe",
    });
    expect(new TextDecoder().decode((await server.stdout.getReader().read()).value)).toBe("up\n");
    const family = descendants(server.pid);
    expect(family.length).toBeGreaterThanOrEqual(mode === "deno" ? 2 : 8);
    server.kill("SIGKILL");
    await server.exited;
    const deadline = performance.now() + 10_000;
    while (family.some(isRunning) && performance.now() < deadline) await Bun.sleep(5);
    expect(family.filter(isRunning).map(commandOf)).toEqual([]);

    const folders = () => [...new Bun.Glob("hamlet-run-*").scanSync({ cwd: temp, onlyFiles: false })];
    const left = folders();
    expect(left).toHaveLength(1);
    const tmp = process.env.TMPDIR;
    process.env.TMPDIR = temp;
    const next = await createSandbox({ ...options });
    if (tmp === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = tmp;
    expect(folders()).not.toContain(left[0]!);
    await next.close();
    expect(folders()).toEqual([]);
    rmSync(temp, { recursive: true });
  }, 30_000);
}

function descendants(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter(Boolean)
    .map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
}
