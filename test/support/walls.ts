/** Sandboxes of any level, and a val in them that does what it is told. */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GUEST } from "../../src/confinement.ts";
import { createSandbox, type SandboxOptions } from "../../src/sandbox/sandbox.ts";
import { type Guest, TestSandbox } from "./guest.ts";

const ROOT = join(import.meta.dir, "../..");

/** Answers with the JSON of what the posted code returns, or with the error it throws. */
const OBEDIENT = `export default async (request) => {
  try {
    return Response.json(await (0, eval)("(async () => {" + (await request.text()) + "})()") ?? null);
  } catch (error) {
    return Response.json({ error: error.name + ": " + error.message });
  }
};`;

export async function startWalls(options: Partial<SandboxOptions> = {}): Promise<TestSandbox> {
  const folder = mkdtempSync(join(tmpdir(), "walls-"));
  const cacheDir = join(folder, "deno");
  mkdirSync(cacheDir);
  const building = createSandbox({
    mode: "strict",
    denoPath: join(ROOT, "node_modules/deno/deno"),
    ...GUEST,
    cacheDir,
    limits: { memoryBytes: 256 * 2 ** 20, tasks: 32, files: 256, fileBytes: 16 * 2 ** 20 },
    egressAllow: [],
    egressDeny: [],
    ...options,
  });
  const sandbox = await building.catch((error) => {
    rmSync(folder, { recursive: true });
    throw error;
  });
  return new TestSandbox(sandbox, folder);
}

/** A worker with a val that runs what is posted to it. */
export async function startObedient(walls: TestSandbox): Promise<Obedient> {
  return new Obedient(await walls.startVal(OBEDIENT, { SECRET: "of-this-val" }));
}

export class Obedient {
  readonly guest: Guest;

  constructor(guest: Guest) {
    this.guest = guest;
  }

  /** Run a function body in the worker; resolves with what it returns, or `{ error }`. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the val says
  async run(code: string): Promise<any> {
    const unix = this.guest.confined.socketPath;
    const answer = await fetch("http://val.test/", { unix, method: "POST", body: code });
    return answer.json();
  }
}
