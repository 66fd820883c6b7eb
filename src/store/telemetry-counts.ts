import type { Kysely } from "kysely";
import type { TelemetrySchema } from "./schema.ts";
import type { RunRecord } from "./telemetry-rows.ts";

const DAY_MS = 24 * 3600 * 1000;
const FLUSH_MS = 1000;
/** The days that are asked for, and as many again. */
const KEPT_DAYS = 60;

/** How often the vals of an account ran. Days are those of UTC. */
export interface RunCounts {
  readonly today: number;
  /** Today and the 29 days before. */
  readonly last30Days: number;
}

/**
 * Counts runs by account and day, so that asking for it costs the same however many there were. Counting is an addition
 * in memory; once a second the sums are stored.
 */
export class RunCounter {
  readonly #db: Kysely<TelemetrySchema>;
  readonly #now: () => number;
  readonly #onError: (error: unknown) => void;
  #pending = new Map<string, number>();
  /** Traces of runs that were announced: they are counted, and their end is none more. */
  readonly #lasting = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #written: Promise<void> = Promise.resolve();
  #prunedDay = 0;

  constructor(db: Kysely<TelemetrySchema>, now: () => number, onError: (error: unknown) => void) {
    this.#db = db;
    this.#now = now;
    this.#onError = onError;
  }

  count(runs: readonly RunRecord[]): void {
    for (const { trace, end, deployment } of runs) {
      if (end !== 0 && this.#lasting.delete(trace)) continue;
      if (end === 0) this.#lasting.add(trace);
      const { userId } = deployment;
      this.#pending.set(userId, (this.#pending.get(userId) ?? 0) + 1);
    }
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS);
  }

  /** Resolves when everything counted before the call is stored. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#written = this.#written.then(() => this.#write()).catch(this.#onError);
    return this.#written;
  }

  async of(userId: string): Promise<RunCounts> {
    await this.flush();
    const today = this.#today();
    const rows = await this.#db
      .selectFrom("run_counts")
      .select(["day", "runs"])
      .where("user_id", "=", userId)
      .where("day", ">", today - 30)
      .execute();
    const sum = (counts: readonly { runs: number }[]) => counts.reduce((total, { runs }) => total + runs, 0);
    return { today: sum(rows.filter(({ day }) => day === today)), last30Days: sum(rows) };
  }

  #today(): number {
    return Math.floor(this.#now() / DAY_MS);
  }

  async #write(): Promise<void> {
    const counted = this.#pending;
    if (counted.size === 0) return;
    this.#pending = new Map();
    const day = this.#today();
    await this.#db.transaction().execute(async (trx) => {
      for (const [user_id, runs] of counted) {
        await trx
          .insertInto("run_counts")
          .values({ user_id, day, runs })
          .onConflict((conflict) =>
            conflict
              .columns(["user_id", "day"])
              .doUpdateSet((f) => ({ runs: f("run_counts.runs", "+", runs) })),
          )
          .execute();
      }
    });
    if (this.#prunedDay === day) return;
    this.#prunedDay = day;
    await this.#db
      .deleteFrom("run_counts")
      .where("day", "<=", day - KEPT_DAYS)
      .execute();
  }
}
