/** A real builder in a real sandbox, and workers that run what it built. */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Builder, createBuilder } from "../../src/build/build.ts";
import type { BuilderOptions, BuildRequest, BuildResult, FoundVal, Identity } from "../../src/build/types.ts";
import { GUEST } from "../../src/confinement.ts";
import { createSandbox, type SandboxOptions } from "../../src/sandbox/sandbox.ts";
import type { Sandbox } from "../../src/sandbox/types.ts";
import { versionedModuleUrl } from "../../src/val/address.ts";
import { TestSandbox } from "./guest.ts";

const ROOT = join(import.meta.dir, "../..");
export const ME: Identity = { username: "me", valName: "mine", version: 7, branch: "main" };
export const ORIGIN = "https://esm.town";

export type Built = Extract<BuildResult, { ok: true }>;
type Texts = Readonly<Record<string, string>>;

export class TestBuilder implements AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly builder: Builder;
  readonly folder: string;
  readonly artifacts: string;
  /** Other people's vals, as `findVal` finds them. */
  readonly vals: FoundVal[] = [];
  readonly #workers: TestSandbox;

  constructor(sandbox: Sandbox, folder: string, options: Partial<BuilderOptions>) {
    this.sandbox = sandbox;
    this.folder = folder;
    this.artifacts = join(folder, "artifacts");
    this.#workers = new TestSandbox(sandbox, join(folder, "vals"));
    this.builder = createBuilder({
      sandbox,
      artifactsDir: this.artifacts,
      moduleOrigin: ORIGIN,
      esmHosts: () => ["esm.localhost:3000"],
      findVal: async (want) => this.#find(want),
      ...options,
    });
  }

  /** Another val, whose newest version this is from now on. */
  publish(username: string, valName: string, files: Texts, version = 1): void {
    this.vals.push({
      valId: `${username}/${valName}`,
      username,
      valName,
      version,
      branch: "main",
      files: toFiles(files),
    });
  }

  build(files: Texts, more: Partial<BuildRequest> = {}): Promise<BuildResult> {
    const entry = Object.keys(files)[0] ?? "main.ts";
    return this.builder.build({ files: toFiles(files), entry, identity: ME, userId: "user", ...more });
  }

  /** One that must succeed. */
  async good(files: Texts, more: Partial<BuildRequest> = {}): Promise<Built> {
    const result = await this.build(files, more);
    if (!result.ok) throw new Error(JSON.stringify(result.diagnostics, null, 1));
    return result;
  }

  /** What is wrong with it. */
  async wrong(files: Texts, more: Partial<BuildRequest> = {}) {
    const result = await this.build(files, more);
    return result.ok ? [] : result.diagnostics;
  }

  /** A worker's answer to one request, and all it logged until then. */
  async visit(built: Built, path = "/", entry = "main.ts"): Promise<{ text: string; logs: string[] }> {
    const folder = await this.builder.assemble(built.key, { ...ME, entry });
    const isLocked = built.start === "locked";
    const guest = await (isLocked ? this.#workers.startLocked(folder) : this.#workers.startGuest());
    // Its socket folder is closed when it is placed.
    if (isLocked) await guest.report("ready");
    const placed = guest.confined.place(folder, built.entry);
    const env = { VALTOWN_ENTRYPOINT: versionedModuleUrl(ORIGIN, { ...ME, path: entry }) };
    guest.send({ kind: "claim", entry: placed, env });
    try {
      const told = await Promise.race([guest.report("loaded"), guest.report("failed")]);
      if (told.kind === "failed") return { text: told.message, logs: guest.logs.map(({ text }) => text) };
      const answer = await fetch(`http://val.test${path}`, { unix: guest.confined.socketPath });
      return { text: await answer.text(), logs: guest.logs.map(({ text }) => text) };
    } finally {
      guest.confined.kill();
    }
  }

  /** Build, and visit what was built. */
  async answer(files: Texts, path = "/"): Promise<string> {
    const built = await this.good(files);
    return (await this.visit(built, path, Object.keys(files)[0])).text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.builder.close();
    await this.sandbox.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #find(want: { username: string; valName: string; version?: number; branch?: string }) {
    const users = this.vals.filter((val) => val.username === want.username);
    if (users.length === 0) return "unknown_user" as const;
    const versions = users.filter(
      (val) => val.valName === want.valName && (want.branch ?? "main") === val.branch,
    );
    if (want.version !== undefined) return versions.find((val) => val.version === want.version);
    return versions.toSorted((a, b) => b.version - a.version)[0];
  }
}

export async function startBuilder(
  options: Partial<BuilderOptions> = {},
  mode: "auto" | "deno" = "auto",
  walls: Partial<SandboxOptions> = {},
): Promise<TestBuilder> {
  const folder = mkdtempSync(join(tmpdir(), "builder-"));
  const cacheDir = join(folder, "deno");
  for (const path of [cacheDir, join(folder, "vals")]) mkdirSync(path, { recursive: true });
  const sandbox = await createSandbox({
    mode,
    denoPath: join(ROOT, "node_modules/deno/deno"),
    ...GUEST,
    cacheDir,
    limits: { memoryBytes: 256 * 2 ** 20, tasks: 64, files: 1024, fileBytes: 64 * 2 ** 20 },
    egressAllow: [],
    egressDeny: [],
    ...walls,
  });
  return new TestBuilder(sandbox, folder, options);
}

function toFiles(texts: Texts) {
  return Object.entries(texts).map(([path, content]) => ({ path, content }));
}
