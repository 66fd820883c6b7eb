/** What a killed server leaves: nothing that runs, and no folder, whenever it was killed. */

import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { GUEST } from "../src/confinement.ts";

const ROOT = join(import.meta.dir, "..");
const root = process.platform === "linux" && process.getuid?.() === 0;

/** Starts two workers, then some more and dies at once, or says so and waits to be killed. */
const SERVER = `
import { createSandbox } from ${JSON.stringify(join(ROOT, "src/sandbox/sandbox.ts"))};
const { options, burst } = JSON.parse(process.argv[2]);
const sandbox = await createSandbox(options);
for (const worker of [sandbox.spawn(), sandbox.spawn()]) {
  const hello = { kind: "hello", nonce: "n".repeat(32), socket: worker.guestSocketPath, logLines: 9, logBytes: 999 };
  worker.write(JSON.stringify(hello) + "\\n");
  await worker.stdout.getReader().read();
}
console.log("up");
if (burst) {
  for (let i = 0; i < 5; i++) sandbox.spawn();
  setTimeout(() => process.kill(process.pid, "SIGKILL"), Math.random() * 10);
}`;

for (const mode of ["deno", ...(root ? (["strict"] as const) : [])] as const) {
  test.each([
    ["while its workers are up", false],
    ["while it starts more workers", true],
  ])(
    `kill -9 at level ${mode} %s leaves no process and no folder`,
    async (_, burst) => {
      const temp = mkdtempSync(join(tmpdir(), "crash-"));
      mkdirSync(join(temp, "deno"));
      writeFileSync(join(temp, "server.ts"), SERVER);
      const options = {
        mode,
        denoPath: join(ROOT, "node_modules/deno/deno"),
        ...GUEST,
        cacheDir: join(temp, "deno"),
        limits: { memoryBytes: 2 ** 28, tasks: 32, files: 256, fileBytes: 2 ** 24 },
        egressAllow: [],
        egressDeny: [],
      };
      const server = Bun.spawn(
        [process.execPath, join(temp, "server.ts"), JSON.stringify({ options, burst })],
        { env: { ...process.env, TMPDIR: temp }, stdin: "ignore", stdout: "pipe" },
      );
      expect(new TextDecoder().decode((await server.stdout.getReader().read()).value)).toBe("up\n");
      // In a burst it ends itself, perhaps before this line is reached.
      if (!burst) {
        expect(processesAround(temp).length).toBeGreaterThanOrEqual(3);
        server.kill("SIGKILL");
      }
      await server.exited;
      const left = () => readdirSync(temp).filter((name) => name.startsWith("hamlet-run-"));
      const deadline = performance.now() + 20_000;
      while ((processesAround(temp).length > 0 || left().length > 0) && performance.now() < deadline) {
        await Bun.sleep(20);
      }
      expect([processesAround(temp), left()]).toEqual([[], []]);
      rmSync(temp, { recursive: true });
    },
    40_000,
  );
}

/** Command lines of all that has something below `folder` mounted or named. */
function processesAround(folder: string): string[] {
  return readdirSync("/proc")
    .filter((name) => Number(name) > 0)
    .flatMap((pid) => {
      const command = read(`/proc/${pid}/cmdline`);
      const near = [command, read(`/proc/${pid}/mountinfo`)].some((text) => text.includes(basename(folder)));
      return near && !/^State:\s+[ZX]/m.test(read(`/proc/${pid}/status`))
        ? [command.replaceAll("\0", " ")]
        : [];
    });
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
