/** What is to be done later, and once: the rows behind cron, mails and whatever else starts a val by itself. */
import type { Transaction } from "kysely";
import type { TownSchema } from "./schema.ts";

/** What kind of file it starts. */
export type JobKind = "interval" | "email";

/** Something to do for one file. */
export interface NewJob {
  readonly kind: JobKind;
  readonly fileId: string;
  readonly valId: string;
  /** The val's owner. */
  readonly userId: string;
  /** Must survive JSON. */
  readonly payload: unknown;
  /** Epoch ms. */
  readonly runAt: number;
  /** While a job with this key is there, or has been, no second one is made: `cron:{file}:{slot}`. */
  readonly key: string;
  /** After so many attempts that failed it is dead: its owner sees it, and may revive it. */
  readonly maxAttempts: number;
}

/**
 * Makes jobs as part of a greater transaction; those whose key is known are passed over. The one place where jobs come to
 * be: with PostgreSQL it will call `graphile_worker.add_job`.
 */
export type Enqueue = (trx: Transaction<TownSchema>, jobs: readonly NewJob[]) => Promise<void>;
