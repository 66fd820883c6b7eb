import { type Expression, type Kysely, type RawBuilder, sql } from "kysely";
import type { LogTable, RunTable, TelemetrySchema } from "./schema.ts";

/** What both queries filter by. Times in epoch nanoseconds. */
export interface TelemetryFilter {
  /** Whose vals: one person may ask for those of several accounts. */
  readonly usernames: readonly string[];
  readonly valId?: string;
  readonly fileId?: string;
  readonly branchIds?: readonly string[];
  /** Inclusive. */
  readonly from?: bigint;
  /** Exclusive. */
  readonly to?: bigint;
  readonly direction: "asc" | "desc";
  readonly limit: number;
}

export interface TraceFilter extends TelemetryFilter {
  readonly orderBy: "start_time" | "end_time";
}

export interface LogFilter extends TelemetryFilter {
  readonly traceIds?: readonly string[];
}

/** A stored run; times in epoch microseconds, `end_us` 0 while it lasts, headers as CRLF-separated lines. */
export interface Trace extends Readonly<RunTable> {}

/** A stored log line; its time in nanoseconds is `time_us * 1000 + tie`. */
export interface Log extends Readonly<LogTable> {}

/** One call and what was logged for it. */
export interface TracedCall {
  /** Undefined when it is not on record: it has just begun, or too many came at once. */
  readonly run: Trace | undefined;
  /** In the order of their time. */
  readonly logs: Log[];
  /** Whether there are earlier lines. */
  readonly more: boolean;
}

/** A page of telemetry: where the next one begins (`from`, ascending) or ends (`to`, descending), if there may be one. */
export interface TelemetryPage<T> {
  readonly rows: T[];
  readonly next: { readonly from: bigint } | { readonly to: bigint } | undefined;
}

/** No page holds as many. */
const ALL = 2 ** 31;

/** What rows of one account are found by, and their order. */
interface Each<Query extends Expression<unknown>> {
  readonly usernames: readonly string[];
  /** Gives at most `limit` ids in this order, with the columns that it is by. */
  readonly query: (username: string) => Query;
  readonly order: readonly string[];
  readonly direction: "asc" | "desc";
  readonly limit: number;
}

/** The first ids of all accounts together. Each account is read from its index, and no further than one page. */
function idsOf<Query extends Expression<unknown>>(each: Each<Query>): RawBuilder<number> {
  const { usernames, query, order, direction, limit } = each;
  const parts = usernames.map((username) => sql`select * from (${query(username)})`);
  if (parts.length === 0) return sql`(select 0 where 0)`;
  const columns = order.map((column) => sql`${sql.ref(column)} ${sql.raw(direction)}`);
  const all = sql.join(parts, sql` union all `);
  return sql`(select id from (${all}) order by ${sql.join(columns)} limit ${limit})`;
}

/** A plus keeps SQLite from the indexes of these columns: it would take them for their order, and read all lines of a user for those of a trace. */
const UNINDEXED = { username: sql<string>`+username`, valId: sql<string>`+val_id` };

/**
 * Pages of runs, by start or end. Clients follow an ascending list by the time alone, rounded to milliseconds, so an
 * ascending page never ends within a millisecond: it holds fewer than `limit` then, or more if one millisecond alone
 * exceeds it. `settled` (epoch microseconds) is the time before which no further run can end. Runs that last are in
 * the order of starts only.
 */
export async function listTraces(
  db: Kysely<TelemetrySchema>,
  filter: TraceFilter,
  settled: number,
): Promise<TelemetryPage<Trace>> {
  const column = filter.orderBy === "end_time" ? "end_us" : "start_us";
  const { usernames, direction } = filter;
  const ascending = direction === "asc";
  const grain = ascending ? 1000 : 1;
  const before = Math.min(toMicros(filter.to) ?? Infinity, ascending ? settled : Infinity);
  const window = (from: number, to: number, limit: number) => {
    const query = (username: string) => {
      const owner = filter.valId === undefined ? "username" : UNINDEXED.username;
      let runs = db.selectFrom("runs").select(["id", column]).where(owner, "=", username);
      if (filter.valId !== undefined) runs = runs.where("val_id", "=", filter.valId);
      runs = runs.where(column, ">=", from);
      if (to !== Infinity) runs = runs.where(column, "<", to);
      if (filter.fileId !== undefined) runs = runs.where("file_id", "=", filter.fileId);
      if (filter.branchIds !== undefined) runs = runs.where("branch_id", "in", filter.branchIds);
      return runs.orderBy(column, direction).orderBy("id", direction).limit(limit);
    };
    const ids = idsOf({ usernames, query, order: [column, "id"], direction, limit });
    const rows = db.selectFrom("runs").selectAll().where("id", "in", ids);
    return rows.orderBy(column, direction).orderBy("id", direction).limit(limit).execute();
  };
  const from = Math.max(toMicros(filter.from) ?? 0, 1);
  const found = await window(from, before, filter.limit + 1);
  let rows = found;
  if (found.length > filter.limit) {
    const cut = Math.floor(found[filter.limit]![column] / grain);
    rows = found.filter((row) => Math.floor(row[column] / grain) !== cut);
    if (rows.length === 0) {
      rows = await window(Math.max(from, cut * grain), Math.min(before, (cut + 1) * grain), ALL);
    }
  }
  const last = rows.at(-1)?.[column];
  if (last === undefined) return { rows, next: undefined };
  if (ascending) return { rows, next: { from: BigInt(Math.floor(last / 1000) + 1) * 1_000_000n } };
  return { rows, next: found.length > filter.limit ? { to: BigInt(last) * 1000n } : undefined };
}

/** Pages of log lines by time; no two lines have the same. `settled` as in `listTraces`, unless traces are named. */
export async function listLogs(
  db: Kysely<TelemetrySchema>,
  filter: LogFilter,
  settled: number,
): Promise<TelemetryPage<Log>> {
  const { usernames, direction } = filter;
  const ascending = direction === "asc";
  const limit = filter.limit + 1;
  const query = (username: string) =>
    linesOf(db, username, filter, settled)
      .orderBy("time_us", direction)
      .orderBy("tie", direction)
      .limit(limit);
  const ids = idsOf({ usernames, query, order: ["time_us", "tie"], direction, limit });
  const lines = db.selectFrom("logs").selectAll().where("id", "in", ids);
  const found = await lines.orderBy("time_us", direction).orderBy("tie", direction).limit(limit).execute();
  const rows = found.slice(0, filter.limit);
  const last = rows.at(-1);
  if (last === undefined) return { rows, next: undefined };
  if (ascending) return { rows, next: { from: logNanos(last) + 1n } };
  return { rows, next: found.length > filter.limit ? { to: logNanos(last) } : undefined };
}

function linesOf(db: Kysely<TelemetrySchema>, username: string, filter: LogFilter, settled: number) {
  const byOwner = filter.traceIds === undefined && filter.valId === undefined;
  const owner = byOwner ? "username" : UNINDEXED.username;
  let query = db.selectFrom("logs").select(["id", "time_us", "tie"]).where(owner, "=", username);
  if (filter.valId !== undefined) {
    const val = filter.traceIds === undefined ? "val_id" : UNINDEXED.valId;
    query = query.where(val, "=", filter.valId);
  }
  if (filter.fileId !== undefined) query = query.where("file_id", "=", filter.fileId);
  if (filter.branchIds !== undefined) query = query.where("branch_id", "in", filter.branchIds);
  if (filter.traceIds !== undefined) query = query.where("trace", "in", filter.traceIds);
  if (filter.direction === "asc" && filter.traceIds === undefined)
    query = query.where("time_us", "<", settled);
  if (filter.from !== undefined) {
    const { us, tie } = split(filter.from);
    query = query.where((where) =>
      where.or([where("time_us", ">", us), where.and([where("time_us", "=", us), where("tie", ">=", tie)])]),
    );
  }
  if (filter.to !== undefined) {
    const { us, tie } = split(filter.to);
    query = query.where((where) =>
      where.or([where("time_us", "<", us), where.and([where("time_us", "=", us), where("tie", "<", tie)])]),
    );
  }
  return query;
}

/**
 * One call, by its trace, with what was logged for it: the last `limit` lines in the order of their time. Only what is
 * of vals of these accounts, if any are given. Undefined when nothing is known of it.
 */
export async function findCall(
  db: Kysely<TelemetrySchema>,
  trace: string,
  { usernames, limit }: { usernames: readonly string[] | undefined; limit: number },
): Promise<TracedCall | undefined> {
  let runs = db.selectFrom("runs").selectAll().where("trace", "=", trace);
  if (usernames !== undefined) runs = runs.where(UNINDEXED.username, "in", usernames);
  const run = await runs.limit(1).executeTakeFirst();
  let logs = db.selectFrom("logs").selectAll().where("trace", "=", trace);
  if (usernames !== undefined) logs = logs.where(UNINDEXED.username, "in", usernames);
  // Which trace a line is of is the val's own word.
  if (run !== undefined) logs = logs.where(UNINDEXED.valId, "=", run.val_id);
  const found = await logs
    .orderBy("time_us", "desc")
    .orderBy("tie", "desc")
    .limit(limit + 1)
    .execute();
  if (run === undefined && found.length === 0) return undefined;
  return { run, logs: found.slice(0, limit).reverse(), more: found.length > limit };
}

/** A log line's time in epoch nanoseconds. */
export function logNanos(log: Pick<Log, "time_us" | "tie">): bigint {
  return BigInt(log.time_us) * 1000n + BigInt(log.tie);
}

/** The lines of a val that were stored after the one with id `after`, in the order of their arrival. */
export async function logsAfter(
  db: Kysely<TelemetrySchema>,
  valId: string,
  { after, limit }: { after: number; limit: number },
): Promise<Log[]> {
  return db
    .selectFrom("logs")
    .selectAll()
    .where("val_id", "=", valId)
    .where("id", ">", after)
    .orderBy("id")
    .limit(limit)
    .execute();
}

/** The last lines of a val in the order of their arrival. */
export async function lastLogs(db: Kysely<TelemetrySchema>, valId: string, limit: number): Promise<Log[]> {
  const rows = await db
    .selectFrom("logs")
    .selectAll()
    .where("val_id", "=", valId)
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  return rows.reverse();
}

/** Rounded up: a bound within a microsecond excludes what began before it. */
function toMicros(nanos: bigint | undefined): number | undefined {
  return nanos === undefined ? undefined : Number((nanos + 999n) / 1000n);
}

function split(nanos: bigint): { us: number; tie: number } {
  return { us: Number(nanos / 1000n), tie: Number(nanos % 1000n) };
}
