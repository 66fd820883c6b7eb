/** The queue as it lies in the data folder of a town that is not running, or that runs. */

import { Database } from "bun:sqlite";
import { join } from "node:path";

export interface RunRow {
  readonly id: string;
  readonly job_id: string;
  readonly key: string;
  readonly file_id: string;
  readonly kind: "interval" | "email";
  readonly due_at: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  readonly outcome: "ok" | "failed" | "interrupted" | "skipped" | null;
  readonly error: string | null;
}

export interface JobRow {
  readonly id: string;
  readonly key: string;
  readonly file_id: string;
  readonly state: "queued" | "running" | "dead";
  readonly begun: number;
  readonly run_at: number;
  readonly run_id: string | null;
}

export interface MailRow {
  readonly mail_id: string;
  readonly file_id: string;
  readonly subject: string;
}

export interface Queue {
  readonly runs: readonly RunRow[];
  readonly jobs: readonly JobRow[];
  readonly mails: readonly MailRow[];
  /** When each file comes next. */
  readonly next: ReadonlyMap<string, number>;
}

/** All that is known of jobs, runs, mails and schedules. */
export function readQueue(data: string): Queue {
  using db = open(data, { readonly: true });
  const all = (sql: string) => db.query(sql).all() as unknown[];
  // One moment, though others write.
  const read = db.transaction((): Queue => {
    const due = all("select file_id, next_at from schedules where next_at is not null");
    return {
      runs: all("select * from job_runs") as RunRow[],
      jobs: all("select * from jobs") as JobRow[],
      mails: all("select mail_id, file_id, subject from mails_in") as MailRow[],
      next: new Map((due as { file_id: string; next_at: number }[]).map((row) => [row.file_id, row.next_at])),
    };
  });
  return read();
}

/** Sets the next slots of files, as if their schedules named these moments; the town must not run. */
export function setSlots(data: string, slots: ReadonlyMap<string, number>): void {
  using db = open(data);
  const update = db.query("update schedules set next_at = ? where file_id = ?");
  db.transaction(() => {
    for (const [fileId, slot] of slots) update.run(slot, fileId);
  })();
}

/** What SQLite itself finds wrong. */
export function unsound(data: string): string[] {
  using db = open(data);
  const [[verdict]] = db.query("pragma integrity_check").values() as [[string]];
  const strays = db.query("pragma foreign_key_check").values();
  return [
    ...(verdict === "ok" ? [] : [`hamlet.db: ${verdict}`]),
    ...strays.map((row) => `hamlet.db: ${row} leads nowhere`),
  ];
}

function open(data: string, options?: { readonly: true }): Database {
  const db = new Database(join(data, "hamlet.db"), options);
  db.run("pragma busy_timeout = 10000");
  return db;
}

/** When a UUID of version 7 was made. */
export const timeOf = (id: string) => Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
