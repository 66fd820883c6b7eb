/**
 * A process that makes jobs and runs them, and writes a line for each that was made and each that a val got:
 * `job-runner.ts FOLDER ROUND [drain]`. With `drain` it makes none, and ends when none is left.
 */

import { join } from "node:path";
import { enqueue } from "../../src/store/jobs.ts";
import type { TownSchema } from "../../src/store/schema.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { openStore } from "../../src/store/store.ts";
import { createTriggers } from "../../src/triggers/triggers.ts";
import type { StartRequest } from "../../src/triggers/types.ts";

/** So many that each keeps all of its runs. */
const FILES = 20;
const PORTION = 5;
/** Made and not run yet; more would only take longer to drain. */
const MOST_WAITING = 20;

const [folder = "", round = "", mode = ""] = process.argv.slice(2);
// A write to a pipe that is not full is in the kernel's hands when it returns: the parent gets it, whatever comes.
const say = (line: string) => process.stdout.write(`${line}\n`);
const store = await openStore({ folder });
const user = (await store.users.findByName("ann")) ?? (await store.users.create({ username: "ann" }));
const { id: valId } =
  (await store.vals.findByName("ann", "hello")) ??
  (await store.vals.create({ userId: user.id, name: "hello", privacy: "public" }));
const { id: branchId } = (await store.vals.branch(valId))!;
const files: string[] = [];
for (let n = 0; n < FILES; n++) {
  const path = `f${n}.ts`;
  const found = await store.files.at({ valId, branchId }, path);
  files.push((found ?? (await store.files.create({ valId }, { path, type: "script", content: "" })).file).id);
}

let waiting = 0;
let oneRan = Promise.withResolvers<void>();

async function start(of: StartRequest) {
  await Bun.sleep(Math.random() * 3);
  if (!(await of.begun("trace"))) return { kind: "refused" } as const;
  say(`ran ${of.key}`);
  waiting--;
  oneRan.resolve();
  await Bun.sleep(Math.random() * 5);
  return { kind: "ran", finished: { trace: "trace", outcome: { ok: true }, error: undefined } } as const;
}

const spec = { contentType: "text/plain", body: () => "", backoffMs: [0] };
const loop = await createTriggers({
  ...{ jobs: store.jobs, starter: { start }, kinds: { interval: spec, email: spec } },
  ...{ maxRuns: 8, maxStarting: 8, maxRunsPerVal: 8, alone: true },
});

async function make(): Promise<never> {
  const raw = await openSqlite<TownSchema>({ file: join(folder, "hamlet.db"), durability: "full" });
  for (let n = 0; ; n++) {
    const jobs = Array.from({ length: PORTION }, (_, i) => {
      const kind = i % 2 === 0 ? ("interval" as const) : ("email" as const);
      const of = { fileId: files[(n * PORTION + i) % FILES]!, valId, userId: user.id, payload: 0 };
      return {
        ...of,
        kind,
        key: `${kind}:${round}:${n}:${i}`,
        runAt: Date.now(),
        maxAttempts: i % 2 ? 9 : 1,
      };
    });
    await raw.db.transaction().execute((trx) => enqueue(trx, jobs));
    say(`made ${jobs.map(({ key }) => key).join(" ")}`);
    store.jobs.made();
    waiting += PORTION;
    while (waiting > MOST_WAITING) {
      oneRan = Promise.withResolvers();
      await oneRan.promise;
    }
  }
}

if (mode !== "drain") await make();
while (Object.values(await store.jobs.counts()).some((count) => count > 0)) await Bun.sleep(1);
await loop.close(1000);
await store.close();
