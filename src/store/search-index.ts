/** Brings the index of code up to what was saved, in the background: no save, and no start, waits for it. */

import { sql } from "kysely";
import type { TownSchema } from "./schema.ts";
import type { SqliteDatabase } from "./sqlite.ts";

/** Files changed within it are indexed together, and what is saved again meanwhile only once. */
const DELAY_MS = 200;
/** A step has the writing thread for itself: of so much code, 10 to 20 ms. */
const STEP_CHARACTERS = 64 * 1024;
const STEP_FILES = 64;

type Town = Pick<SqliteDatabase<TownSchema>, "db" | "runAll">;

/** The index of code, as seen by those who may make it old. */
export class SearchIndex {
  readonly #town: Town;
  readonly #onError: (error: unknown) => void;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(town: Town, onError: (error: unknown) => void) {
    this.#town = town;
    this.#onError = onError;
  }

  /** Something was written: look for changes soon. */
  wake(): void {
    if (this.#running !== undefined) this.#again = true;
    if (this.#timer !== undefined || this.#running !== undefined || this.#closed) return;
    this.#timer = setTimeout(() => this.settled().catch(this.#onError), DELAY_MS);
    this.#timer.unref();
  }

  /** Resolves when all that was saved before the call can be found. */
  async settled(): Promise<void> {
    // A round that has begun may have looked before the last save.
    await this.#running?.catch(() => {});
    this.#running ??= this.#drain();
    await this.#running;
  }

  /** No step begins any more; resolves when the last has ended. What is left is done after the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running?.catch(() => {});
  }

  /** What is saved meanwhile waits for the next round: two who save without a pause would keep this one going. */
  async #drain(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#again = false;
    try {
      const { newest } = await this.#town.db
        .selectFrom("search_pending")
        .select((f) => f.fn.max<number | null>("seq").as("newest"))
        .executeTakeFirstOrThrow();
      let last = newest === null ? undefined : await this.#next(newest);
      while (last !== undefined && newest !== null && !this.#closed) {
        await this.#step(last);
        last = await this.#next(newest);
      }
    } finally {
      this.#running = undefined;
      if (this.#again) this.wake();
    }
  }

  /** The number of the last change that goes into the next step. */
  async #next(newest: number): Promise<number | undefined> {
    const rows = await this.#town.db
      .selectFrom("search_pending")
      .leftJoin("files", "files.id", "search_pending.file_id")
      .leftJoin("texts", "texts.hash", "files.text_hash")
      .select(["seq", sql<number>`coalesce(length(texts.content), 0)`.as("length")])
      .where("seq", "<=", newest)
      .orderBy("seq")
      .limit(STEP_FILES)
      .execute();
    let sum = 0;
    let last: number | undefined;
    for (const { seq, length } of rows) {
      sum += length;
      if (last !== undefined && sum > STEP_CHARACTERS) break;
      last = seq;
    }
    return last;
  }

  // By number, not by file: who saves a file meanwhile gives it another number, and it stays to be done.
  async #step(last: number): Promise<void> {
    await this.#town.runAll(STEP.map((sql) => ({ sql, parameters: [last] })));
  }
}

const CHANGED = "select file_id from search_pending where seq <= ?";
const DOCUMENTS = `kind = 'file' and ref in (${CHANGED})`;

/** Each with the number of the last change of the step. */
const STEP = [
  `delete from search_code where rowid in (select doc from search_docs where ${DOCUMENTS})`,
  `delete from search_docs where ${DOCUMENTS}`,
  `insert into search_docs (kind, ref)
    select 'file', files.id from search_pending join files on files.id = file_id
    where seq <= ? and deleted = 0 and text_hash is not null order by seq`,
  `insert into search_code (rowid, text)
    select doc, texts.content from search_docs join files on files.id = ref
    join texts on texts.hash = files.text_hash where ${DOCUMENTS}`,
  "delete from search_pending where seq <= ?",
];
