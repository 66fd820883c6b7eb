/** Telemetry as it comes in: rows in the order of their arrival, for readers who go on where they were. */

import { type Kysely, sql } from "kysely";
import type { TelemetrySchema } from "./schema.ts";
import type { Log, Trace } from "./telemetry-queries.ts";

/** Which rows a reader wants to see. */
export interface FollowFilter {
  /** Whose vals. */
  readonly usernames: readonly string[];
  readonly valId?: string | undefined;
  readonly fileId?: string | undefined;
  readonly branchIds?: readonly string[] | undefined;
  readonly traceIds?: readonly string[] | undefined;
}

/** What came after a place, and the place from which to go on. */
export interface Followed<T> {
  readonly rows: T[];
  readonly next: number;
  /** There is more already. */
  readonly more: boolean;
  /** Rows between the place and these were removed before they could be read. */
  readonly lost: boolean;
}

/** The kinds of rows that can be followed. */
export interface Followable {
  runs: Trace;
  logs: Log;
}

const ROWS = 200;
/** So many rows are looked at for one answer, whosever they are: no reader keeps the database for longer. */
const WINDOW = 5000;

/**
 * Rows with a number above `after`, up to `newest`, the number of the last one that was stored. A run that has ended is a
 * new row, so that it is seen again.
 */
export async function follow<K extends keyof Followable>(
  db: Kysely<TelemetrySchema>,
  kind: K,
  filter: FollowFilter,
  { after, newest }: { after: number; newest: number },
): Promise<Followed<Followable[K]>> {
  // Numbers that were never given: of a database that is no more.
  if (after > newest) return { rows: [], next: newest, more: false, lost: true };
  if (after === newest) return { rows: [], next: after, more: false, lost: false };
  const oldest = await db
    .selectFrom(kind as "runs")
    .select("id")
    .orderBy("id")
    .limit(1)
    .executeTakeFirst();
  const from = Math.max(after, (oldest?.id ?? newest + 1) - 1);
  const to = Math.min(newest, from + WINDOW);
  const found = await rowsBetween(db, kind, filter, { from, to });
  const rows = found.slice(0, ROWS);
  const next = found.length > ROWS ? rows.at(-1)!.id : to;
  return { rows: rows as Followable[K][], next, more: next < newest, lost: kind === "logs" && from > after };
}

function rowsBetween(
  db: Kysely<TelemetrySchema>,
  kind: keyof Followable,
  { usernames, valId, fileId, branchIds, traceIds }: FollowFilter,
  { from, to }: { from: number; to: number },
): Promise<(Trace | Log)[]> {
  // With a plus, by number only: the indexes of these columns are for other orders.
  const plain = (column: string) => sql<string>`+${sql.ref(column)}`;
  return db
    .selectFrom(kind as "runs")
    .selectAll()
    .where("id", ">", from)
    .where("id", "<=", to)
    .where(plain("username"), "in", usernames)
    .$if(valId !== undefined, (query) => query.where(plain("val_id"), "=", valId!))
    .$if(fileId !== undefined, (query) => query.where(plain("file_id"), "=", fileId!))
    .$if(branchIds !== undefined, (query) => query.where(plain("branch_id"), "in", branchIds!))
    .$if(traceIds !== undefined, (query) => query.where(plain("trace"), "in", traceIds!))
    .orderBy("id")
    .limit(ROWS + 1)
    .execute();
}
