/** Resolving imports in a sandbox of the test's own, whose runs are counted. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Lock, type Problem, resolveLock } from "../../src/build/lock.ts";
import type { SandboxOptions } from "../../src/sandbox/sandbox.ts";
import type { RunOptions, Sandbox } from "../../src/sandbox/types.ts";
import type { TestSandbox } from "./guest.ts";
import { startWalls } from "./walls.ts";

export interface Locking extends AsyncDisposable {
  readonly sandbox: Sandbox;
  /** What Deno was asked to do, in order: `install`, `info`, `cache`. */
  readonly runs: string[];
  /** Throws with the problems when there are any. */
  lock(specifiers: readonly string[], previous?: Lock): Promise<Lock>;
  /** Throws when there are none. */
  problems(
    specifiers: readonly string[],
    options?: { previous?: Lock; timeoutMs?: number },
  ): Promise<readonly Problem[]>;
  /** What `code` prints, run by plain Deno with this lock and nothing that is not in the cache. */
  print(code: string, lock: Lock): Promise<string>;
  /** Forget everything that was fetched. */
  wipeCache(): void;
}

const LOCKED = ["--quiet", "--no-config", "--lock=deno.lock", "--frozen", "--cached-only", "--allow-import"];
// Of what a worker may, all that does not depend on where it is.
const AS_A_WORKER = ["--no-prompt", "--allow-env", "--allow-sys", "--allow-read"];

export async function startLocking(options: Partial<SandboxOptions> = {}): Promise<Locking> {
  const walls = await startWalls({ mode: "auto", ...options });
  const runs: string[] = [];
  const sandbox = count(walls, runs);
  return {
    sandbox,
    runs,
    async lock(specifiers, previous) {
      const result = await resolveLock({ sandbox, specifiers, previous });
      if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 2));
      return result.lock;
    },
    async problems(specifiers, more = {}) {
      const result = await resolveLock({ sandbox, specifiers, ...more });
      if (result.ok) throw new Error(`There was no problem: ${result.lock.text}`);
      return result.problems;
    },
    async print(code, { text }) {
      const folder = { "main.ts": code, "deno.lock": text };
      const args = ["run", ...LOCKED, ...AS_A_WORKER, "main.ts"];
      const limits = { writeCache: false, timeoutMs: 30_000, maxOutputBytes: 2 ** 20 };
      const { code: exit, stdout, stderr } = await sandbox.run({ args, folder, ...limits });
      if (exit !== 0) throw new Error(stderr);
      return stdout.trimEnd();
    },
    wipeCache: () => rmSync(join(sandbox.cacheDir, "npm"), { recursive: true }),
    [Symbol.asyncDispose]: () => walls[Symbol.asyncDispose](),
  };
}

function count({ sandbox }: TestSandbox, runs: string[]): Sandbox {
  return {
    level: sandbox.level,
    description: sandbox.description,
    cache: sandbox.cache,
    cacheDir: sandbox.cacheDir,
    door: sandbox.door,
    program: (options) => sandbox.program(options),
    spawn: () => sandbox.spawn(),
    seed: (artifact, entry) => sandbox.seed(artifact, entry),
    close: () => sandbox.close(),
    run(options: RunOptions) {
      runs.push(options.args[0]!);
      return sandbox.run(options);
    },
  };
}
