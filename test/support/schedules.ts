/** Schedules in a store whose clock goes as the test says. */

import { Database } from "bun:sqlite";
import { join } from "node:path";
import type { ScheduleChange } from "../../src/store/store.ts";
import { makeStore } from "./store.ts";

const MINUTE = 60_000;
const OWNER = "test";

/** A time of the day on which the tests begin. */
export const at = (text: string) => Date.parse(`2026-05-07T${text}:00Z`);

/** A store whose clock is set by the test, from 12:05 on. */
export async function makeTimed() {
  const time = { now: at("12:05") };
  const made = await makeStore({ now: () => time.now });
  const { store, valId, userId } = made;

  /** Everything that is queued is run; returns what it was. */
  async function doJobs() {
    const now = time.now;
    const jobs = await store.jobs.claim({ owner: OWNER, now, leaseMs: MINUTE, limit: 1000, perVal: 1000 });
    for (const job of jobs) {
      await store.jobs.begin(job, { trace: `trace-${job.id}`, at: now });
      await store.jobs.finish(job, { outcome: "ok", at: now });
    }
    return jobs;
  }

  return {
    ...made,
    time,
    doJobs,
    tick: (periodMs = 0) => store.schedules.tick(10, periodMs),
    next: (fileId: string, count = 1) => store.schedules.next(fileId, count, 0),
    set: (fileId: string, change: ScheduleChange, periodMs = 0) =>
      store.schedules.set(fileId, change, periodMs),
    /** An interval file, whose first run is done. */
    async file(schedule?: string, timeZone?: string, name = "cron.ts"): Promise<string> {
      const { file } = await store.files.create({ valId }, { path: name, type: "interval", content: "" });
      await doJobs();
      if (schedule !== undefined) await store.schedules.set(file.id, { schedule, timeZone }, 0);
      return file.id;
    },
    async val(name: string): Promise<string> {
      return (await store.vals.create({ userId, name, privacy: "public" })).id;
    },
    /** The slots of a file that have run, as times of day. */
    async ran(fileId: string): Promise<string[]> {
      const { rows } = await store.jobs.runsOf(fileId, { limit: 100, offset: 0 });
      return rows
        .filter(({ outcome }) => outcome === "ok")
        .map(({ dueAt }) => new Date(dueAt).toISOString().slice(11, 16))
        .reverse();
    },
    [Symbol.asyncDispose]: () => made[Symbol.asyncDispose](),
  };
}

/** So many copies of a file and its schedule, in the same branch. */
export function seedCopies(folder: string, fileId: string, count: number): void {
  using db = new Database(join(folder, "hamlet.db"));
  db.run("pragma busy_timeout = 10000");
  const copy = (table: string, id: string) => {
    const names = (db.query(`pragma table_info(${table})`).all() as { name: string }[]).map((c) => c.name);
    const values = names.map((name) => ([id, "path", "lineage"].includes(name) ? "$id" : `"${name}"`));
    return db.query(
      `insert into ${table} (${names.map((n) => `"${n}"`)}) select ${values} from ${table} where ${id} = $of`,
    );
  };
  const [file, schedule] = [copy("files", "id"), copy("schedules", "file_id")];
  db.transaction(() => {
    for (let i = 0; i < count; i++) {
      const of = { $id: Bun.randomUUIDv7(), $of: fileId };
      file.run(of);
      schedule.run(of);
    }
  })();
}
