/** What does a saved val become? A folder of files that a worker can import, checked, with its packages fetched. */

import type { RunResult, Sandbox } from "../sandbox/types.ts";
import { Artifacts, artifactKey, type Source } from "./artifact.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { fromMessage, parseScan } from "./scan.ts";

export type { Source } from "./artifact.ts";
export type { Diagnostic } from "./diagnostic.ts";

export type BuildResult =
  | { readonly ok: true; readonly key: string /** Absolute folder. */; readonly artifact: string }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export interface Builder {
  /**
   * Build these files with `entry` as the module to import. The same content is built once; nothing of it is run.
   * Resolves with what is wrong when it cannot be built.
   */
  build(source: { files: readonly Source[]; entry: string }): Promise<BuildResult>;
  /** Remove every artifact but these; to be called before the first build. */
  keepOnly(keys: ReadonlySet<string>): Promise<void>;
}

export interface BuilderOptions {
  readonly sandbox: Sandbox;
  /** Absolute folder of all artifacts, this builder's alone. */
  readonly artifactsDir: string;
  /** Builds at once. */
  readonly concurrency?: number;
}

const SCAN_MS = 20_000;
const FETCH_MS = 120_000;
const MAX_OUTPUT = 16 * 1024 * 1024;

export function createBuilder({ sandbox, artifactsDir, concurrency = 2 }: BuilderOptions): Builder {
  const artifacts = new Artifacts(artifactsDir);
  const running = new Map<string, Promise<BuildResult>>();
  const gate = new Gate(concurrency);
  return {
    keepOnly: (keys) => artifacts.keepOnly(keys),
    async build({ files, entry }) {
      if (!files.some(({ path }) => path === entry)) {
        return { ok: false, diagnostics: [{ message: `There is no file "${entry}" in this val.` }] };
      }
      const key = artifactKey(files, entry);
      const present = running.get(key);
      if (present !== undefined) return present;
      if (artifacts.has(key)) return { ok: true, key, artifact: artifacts.path(key) };
      const build = gate.pass(() => buildNew(sandbox, artifacts, { files, entry, key }));
      running.set(key, build);
      try {
        return await build;
      } finally {
        running.delete(key);
      }
    },
  };
}

async function buildNew(
  sandbox: Sandbox,
  artifacts: Artifacts,
  { files, entry, key }: { files: readonly Source[]; entry: string; key: string },
): Promise<BuildResult> {
  const folder = await artifacts.stage(files);
  try {
    const diagnostics = await check(sandbox, folder, entry);
    if (diagnostics.length > 0) return { ok: false, diagnostics };
    await artifacts.publish(folder, key);
    return { ok: true, key, artifact: artifacts.path(key) };
  } finally {
    await artifacts.discard(folder);
  }
}

/** First without network: most saves need none, and every mistake is found at once; then fetch what is missing. */
async function check(sandbox: Sandbox, folder: string, entry: string): Promise<readonly Diagnostic[]> {
  const common = { folder, maxOutputBytes: MAX_OUTPUT };
  const flags = ["--no-config", "--no-lock"];
  const target = `./${entry}`;
  const info = await sandbox.run({
    ...common,
    args: ["info", "--json", ...flags, "--no-npm", "--no-remote", target],
    writeCache: false,
    timeoutMs: SCAN_MS,
  });
  if (info.code !== 0) return [failure(info)];
  const scan = parseScan(info.stdout, info.folder);
  if (scan.diagnostics.length > 0 || !scan.remote) return scan.diagnostics;
  const fetched = await sandbox.run({
    ...common,
    args: ["cache", "--quiet", ...flags, target],
    writeCache: true,
    timeoutMs: FETCH_MS,
  });
  return fetched.code === 0 ? [] : [failure(fetched)];
}

function failure(result: RunResult): Diagnostic {
  if (result.timedOut) {
    return {
      message: "The packages could not be fetched in time.",
      hint: "Save again; if it goes on, import fewer or smaller packages.",
    };
  }
  const message = result.stderr.split("\nStack backtrace:")[0]!.trim();
  const start = message.indexOf("error: ");
  return fromMessage(message.slice(Math.max(0, start)), result.folder);
}

/** Lets `width` actions run at once; the others wait their turn. */
class Gate {
  #free: number;
  readonly #queue: (() => void)[] = [];

  constructor(width: number) {
    this.#free = width;
  }

  async pass<T>(action: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    try {
      return await action();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
