/** All that Hamlet knows about SQLite: a Kysely dialect over a thread (`sqlite-worker.ts`) that owns the file. */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { Call, Reply } from "./sqlite-worker.ts";

type Answer = Exclude<Reply, { error: unknown }>;
type Unnumbered<T> = T extends { id: number } ? Omit<T, "id"> : never;

export interface SqliteOptions {
  /** Path of the database file; made when missing. */
  readonly file: string;
  /** `full`: a commit is acknowledged after fsync. `normal`: the last commits may be lost with the machine's power. */
  readonly durability: "full" | "normal";
}

/** One open database file. */
export interface SqliteDatabase<Schema> {
  readonly db: Kysely<Schema>;
  /**
   * Insert rows (values in the order of `columns`) and remove those with the ids `gone`, in one transaction, at the
   * least cost to the calling thread.
   */
  insertMany(
    table: keyof Schema & string,
    columns: readonly string[],
    rows: readonly unknown[][],
    gone?: readonly number[],
  ): Promise<void>;
  /** Bytes in use, without the pages that are free. */
  usedBytes(): Promise<number>;
  /** Give at most this many free pages back to the file system; returns how many stay free. */
  shrink(pages: number): Promise<number>;
  close(): Promise<void>;
}

/** A failed statement; `code` is SQLite's extended result code by name. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** Whether a unique index or primary key refused the row. */
export function isUniqueViolation(error: unknown): boolean {
  return (
    error instanceof DatabaseError &&
    (error.code === "SQLITE_CONSTRAINT_UNIQUE" || error.code === "SQLITE_CONSTRAINT_PRIMARYKEY")
  );
}

/** Open a database file in a thread of its own. */
export async function openSqlite<Schema>(options: SqliteOptions): Promise<SqliteDatabase<Schema>> {
  const thread = new Thread();
  try {
    await thread.call({ kind: "open", file: options.file, pragmas: pragmasFor(options) });
  } catch (error) {
    thread.end();
    throw error;
  }
  const driver = new ThreadDriver(thread);
  const db = new Kysely<Schema>({
    dialect: {
      createAdapter: () => new TransactionalAdapter(),
      createDriver: () => driver,
      createIntrospector: (kysely) => new SqliteIntrospector(kysely),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
  const number = async (pragma: string) => {
    const { rows } = await driver.alone(() =>
      thread.call({ kind: "query", sql: `pragma ${pragma}`, parameters: [] }),
    );
    return Object.values(rows[0] as Record<string, number>)[0]!;
  };
  return {
    db,
    async insertMany(table, columns, rows, gone = []) {
      const marks = columns.map(() => "?").join(", ");
      const names = columns.map((column) => `"${column}"`).join(", ");
      const steps = [{ sql: `insert into "${table}" (${names}) values (${marks})`, rows }];
      const ids = gone.map((id) => [id]);
      if (ids.length > 0) steps.push({ sql: `delete from "${table}" where id = ?`, rows: ids });
      await driver.alone(() => thread.call({ kind: "many", steps }));
    },
    async usedBytes() {
      return ((await number("page_count")) - (await number("freelist_count"))) * (await number("page_size"));
    },
    async shrink(pages) {
      await driver.alone(() =>
        thread.call({
          kind: "query",
          sql: `pragma incremental_vacuum(${Math.trunc(pages)})`,
          parameters: [],
        }),
      );
      return number("freelist_count");
    },
    close: () => db.destroy(),
  };
}

function pragmasFor(options: SqliteOptions): string[] {
  return [
    "busy_timeout = 10000",
    // Has an effect only while the file is still empty.
    "auto_vacuum = incremental",
    "journal_mode = wal",
    `synchronous = ${options.durability}`,
    "foreign_keys = on",
    "temp_store = memory",
    "journal_size_limit = 16777216",
  ];
}

/**
 * SQLite rolls back changes of the schema as any others; Kysely's adapter does not rely on it. With it a migration
 * happens as a whole, and once, though two processes may open a new file together or one may be killed meanwhile.
 */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** The calling side of one worker thread. */
class Thread {
  readonly #worker = new Worker(new URL("./sqlite-worker.ts", import.meta.url).href);
  readonly #pending = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  #nextId = 1;
  #ended: Error | undefined;

  constructor() {
    this.#worker.onmessage = (event: MessageEvent<Reply>) => {
      const reply = event.data;
      const waiting = this.#pending.get(reply.id);
      this.#pending.delete(reply.id);
      if ("error" in reply) waiting?.reject(new DatabaseError(reply.error.message, reply.error.code));
      else waiting?.resolve(reply);
    };
    this.#worker.onerror = (event) => this.#fail(`The database thread failed: ${event.message}`);
    this.#worker.addEventListener("close", () => this.#fail("The database is closed."));
  }

  call(call: Unnumbered<Call>): Promise<Answer> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ ...call, id });
    });
  }

  end(): void {
    this.#fail("The database is closed.");
    this.#worker.terminate();
  }

  #fail(message: string): void {
    this.#ended ??= new DatabaseError(message, "CLOSED");
    for (const waiting of this.#pending.values()) waiting.reject(this.#ended);
    this.#pending.clear();
  }
}

/** One connection, lent to one user at a time in the order of asking. */
class ThreadDriver implements Driver {
  readonly #thread: Thread;
  readonly #connection: DatabaseConnection;
  readonly #queue: (() => void)[] = [];
  #taken = false;

  constructor(thread: Thread) {
    this.#thread = thread;
    this.#connection = {
      async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
        const { sql, parameters } = query;
        const answer = await thread.call({ kind: "query", sql, parameters });
        return {
          rows: answer.rows as R[],
          numAffectedRows: BigInt(answer.changes),
          insertId: BigInt(answer.lastId),
        };
      },
      // biome-ignore lint/correctness/useYield: the interface asks for a generator; nothing here streams rows
      async *streamQuery() {
        throw new Error("Streaming of rows is not supported by this driver.");
      },
    };
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    await this.#take();
    try {
      return await work();
    } finally {
      this.#give();
    }
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    await this.#take();
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    this.#give();
  }

  // Immediate: a transaction that begins by reading could otherwise fail with SQLITE_BUSY when it comes to writing.
  async beginTransaction(): Promise<void> {
    await this.#thread.call({ kind: "query", sql: "begin immediate", parameters: [] });
  }

  async commitTransaction(): Promise<void> {
    await this.#thread.call({ kind: "query", sql: "commit", parameters: [] });
  }

  async rollbackTransaction(): Promise<void> {
    await this.#thread.call({ kind: "query", sql: "rollback", parameters: [] });
  }

  async destroy(): Promise<void> {
    await this.alone(() => this.#thread.call({ kind: "close" }));
    this.#thread.end();
  }

  async #take(): Promise<void> {
    if (!this.#taken) {
      this.#taken = true;
      return;
    }
    await new Promise<void>((resolve) => this.#queue.push(resolve));
  }

  #give(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#taken = false;
    else next();
  }
}
