/** A store with jobs in it. */
import { join } from "node:path";
import type { Kysely } from "kysely";
import { enqueue, type Job, type Jobs, type NewJob } from "../../src/store/jobs.ts";
import type { TownSchema } from "../../src/store/schema.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import { makeStore } from "./store.ts";

/** How long a lease of `claim` lasts. */
export const LEASE_MS = 60_000;
/** The longest page. */
export const ALL = { limit: 100, offset: 0 };

/** What tests of the queue work with. */
export interface JobTools {
  readonly store: Store;
  readonly jobs: Jobs;
  readonly db: Kysely<TownSchema>;
  readonly clock: { at: number };
  /** Makes a file of the val and returns what its jobs are made of. */
  file(path: string, valId?: string): Promise<Pick<NewJob, "fileId" | "valId" | "userId">>;
  /** Another account with a val. */
  val(username: string, name?: string): Promise<string>;
  add(of: Pick<NewJob, "fileId" | "valId" | "userId">, more?: Partial<NewJob>): Promise<void>;
  claim(limit?: number, more?: object): Promise<Job[]>;
}

/** Makes a store with a fake clock, and what makes jobs in it; all of it goes with the call. */
export async function withJobs(use: (tools: JobTools) => Promise<void>): Promise<void> {
  const clock = { at: 1_800_000_000_000 };
  await using made = await makeStore({ now: () => clock.at });
  const { store } = made;
  const { db, close } = await openSqlite<TownSchema>({
    file: join(made.folder, "hamlet.db"),
    durability: "full",
  });
  let count = 0;
  const tools: JobTools = {
    ...{ store, jobs: store.jobs, db, clock },
    async file(path, valId = made.valId) {
      const { file } = await store.files.create({ valId }, { path, type: "script", content: "" });
      return { fileId: file.id, valId, userId: (await store.vals.find(valId))!.userId };
    },
    async val(username, name = "theirs") {
      const user = (await store.users.findByName(username)) ?? (await store.users.create({ username }));
      return (await store.vals.create({ userId: user.id, name, privacy: "public" })).id;
    },
    add: (of, more = {}) =>
      db.transaction().execute((trx) => {
        const plain = { kind: "interval", payload: { n: count }, runAt: clock.at, maxAttempts: 1 } as const;
        return enqueue(trx, [{ ...plain, key: `key:${count++}`, ...of, ...more }]);
      }),
    claim: (limit = 1, more = {}) =>
      store.jobs.claim({ owner: "p1", now: clock.at, leaseMs: LEASE_MS, limit, perVal: 100, ...more }),
  };
  try {
    await use(tools);
  } finally {
    await close();
  }
}

/** Their keys, in the same order. */
export const keys = (jobs: readonly Job[]) => jobs.map(({ key }) => key);
