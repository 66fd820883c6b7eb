/**
 * All that Hamlet knows about SQLite: a Kysely dialect over two threads (`sqlite-worker.ts`), each with a connection of
 * its own. One writes; the other answers what is read outside a transaction, so that nothing which is only read waits
 * for an fsync. In WAL mode a reader sees what was committed before it begins: all writes that were acknowledged.
 */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  InsertQueryNode,
  Kysely,
  type QueryResult,
  RawNode,
  SelectQueryNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { DatabaseError, Thread } from "./sqlite-thread.ts";
import type { Call } from "./sqlite-worker.ts";

export { DatabaseError } from "./sqlite-thread.ts";

type OnWrite = (into: ReadonlySet<string>) => void;

export interface SqliteOptions {
  /** Path of the database file; made when missing. */
  readonly file: string;
  /** `full`: a commit is acknowledged after fsync. `normal`: the last commits may be lost with the machine's power. */
  readonly durability: "full" | "normal";
  /** Told after each write or transaction by itself, whatever it changed; with the tables that got new rows. */
  readonly onWrite?: OnWrite;
}

/** A statement, and the parameters with which it is run. */
export type Step = Extract<Call, { kind: "many" }>["steps"][number];

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
  /**
   * Each statement once per row, all in one transaction in which removing a row leaves those that refer to it: whoever
   * does this removes them afterwards.
   */
  unlinked(steps: readonly Step[]): Promise<void>;
  /** Statements in one transaction that waits for nothing, the calling thread included; none of them tells `onWrite`. */
  runAll(
    statements: readonly { readonly sql: string; readonly parameters: readonly unknown[] }[],
  ): Promise<void>;
  /** Bytes in use, without the pages that are free. */
  usedBytes(): Promise<number>;
  /** Give at most this many free pages back to the file system; returns how many stay free. */
  shrink(pages: number): Promise<number>;
  close(): Promise<void>;
}

/** Whether a unique index or primary key refused the row. */
export function isUniqueViolation(error: unknown): boolean {
  return (
    error instanceof DatabaseError &&
    (error.code === "SQLITE_CONSTRAINT_UNIQUE" || error.code === "SQLITE_CONSTRAINT_PRIMARYKEY")
  );
}

/** Whether a row refers to one that is not there: what the write was about was removed while it was being prepared. */
export function refersToNothing(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === "SQLITE_CONSTRAINT_FOREIGNKEY";
}

/** Open a database file; ends with `close`. */
export async function openSqlite<Schema>(options: SqliteOptions): Promise<SqliteDatabase<Schema>> {
  const writer = new Thread();
  const reader = new Thread();
  try {
    await writer.call({ kind: "open", file: options.file, pragmas: pragmasFor(options) });
    await reader.call({ kind: "open", file: options.file, pragmas: READER_PRAGMAS });
  } catch (error) {
    writer.end();
    reader.end();
    throw error;
  }
  const driver = new ThreadDriver(writer, reader, options.onWrite);
  const db = new Kysely<Schema>({
    dialect: {
      createAdapter: () => new ThreadAdapter(),
      createDriver: () => driver,
      createIntrospector: (kysely) => new SqliteIntrospector(kysely),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
  const number = async (pragma: string) => {
    const { rows } = await driver.alone(() =>
      writer.call({ kind: "query", sql: `pragma ${pragma}`, parameters: [] }),
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
      await driver.alone(() => writer.call({ kind: "many", steps }));
    },
    async unlinked(steps) {
      await driver.alone(() => writer.call({ kind: "many", steps, unlinked: true }));
    },
    async runAll(statements) {
      const steps = statements.map(({ sql, parameters }) => ({ sql, rows: [parameters] }));
      await driver.alone(() => writer.call({ kind: "many", steps }));
    },
    async usedBytes() {
      return ((await number("page_count")) - (await number("freelist_count"))) * (await number("page_size"));
    },
    async shrink(pages) {
      await driver.alone(() =>
        writer.call({
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

const WAIT = "busy_timeout = 10000";
const READER_PRAGMAS = [WAIT, "query_only = on", "temp_store = memory"];

function pragmasFor(options: SqliteOptions): string[] {
  return [
    WAIT,
    // Has an effect only while the file is still empty.
    "auto_vacuum = incremental",
    "journal_mode = wal",
    `synchronous = ${options.durability}`,
    "foreign_keys = on",
    "temp_store = memory",
    "journal_size_limit = 16777216",
  ];
}

/** What Kysely does not rely on by itself. */
class ThreadAdapter extends SqliteAdapter {
  /**
   * SQLite rolls back changes of the schema as any others. With it a migration happens as a whole, and once, though
   * two processes may open a new file together or one may be killed meanwhile.
   */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }

  /** The driver itself lets one writer in at a time, and readers beside it. */
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

/** One user's hold on the database. Within a transaction it has the writing thread for itself. */
interface Loan extends DatabaseConnection {
  writing: boolean;
  /** Tables that got rows in the transaction. */
  readonly into: Set<string>;
}

/** The writing thread is lent to one user at a time, in the order of asking; the reading one has its own queue. */
class ThreadDriver implements Driver {
  readonly #writer: Thread;
  readonly #reader: Thread;
  readonly #queue: (() => void)[] = [];
  readonly #onWrite: OnWrite;
  #taken = false;

  constructor(writer: Thread, reader: Thread, onWrite: OnWrite = () => {}) {
    this.#writer = writer;
    this.#reader = reader;
    this.#onWrite = onWrite;
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

  async acquireConnection(): Promise<Loan> {
    const loan: Loan = {
      writing: false,
      into: new Set(),
      executeQuery: (query) => {
        if (!loan.writing && isRead(query)) return run(this.#reader, query);
        const table = InsertQueryNode.is(query.query) && query.query.into?.table.identifier.name;
        if (!loan.writing)
          return this.alone(() =>
            run(this.#writer, query, () => this.#onWrite(new Set(table ? [table] : []))),
          );
        if (table) loan.into.add(table);
        return run(this.#writer, query);
      },
      // biome-ignore lint/correctness/useYield: the interface asks for a generator; nothing here streams rows
      async *streamQuery() {
        throw new Error("Streaming of rows is not supported by this driver.");
      },
    };
    return loan;
  }

  async releaseConnection(loan: Loan): Promise<void> {
    if (loan.writing) this.#give();
    loan.writing = false;
  }

  // Immediate: a transaction that begins by reading could otherwise fail with SQLITE_BUSY when it comes to writing.
  async beginTransaction(loan: Loan): Promise<void> {
    await this.#take();
    loan.writing = true;
    await this.#writer.call({ kind: "query", sql: "begin immediate", parameters: [] });
  }

  async commitTransaction(loan: Loan): Promise<void> {
    await this.#writer.call({ kind: "query", sql: "commit", parameters: [] });
    this.#onWrite(loan.into);
  }

  async rollbackTransaction(): Promise<void> {
    await this.#writer.call({ kind: "query", sql: "rollback", parameters: [] });
  }

  async destroy(): Promise<void> {
    // The writer goes last: the last connection of a file tidies up behind all.
    await this.#reader.call({ kind: "close" });
    this.#reader.end();
    await this.alone(() => this.#writer.call({ kind: "close" }));
    this.#writer.end();
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

/** What is written by hand may begin with SELECT as well; the reading thread could not write if it were asked to. */
function isRead({ query, sql }: CompiledQuery): boolean {
  return SelectQueryNode.is(query) || (RawNode.is(query) && /^\s*select\b/i.test(sql));
}

async function run<R>(
  thread: Thread,
  { sql, parameters }: CompiledQuery,
  done = () => {},
): Promise<QueryResult<R>> {
  const { rows, changes, lastId } = await thread.call({ kind: "query", sql, parameters });
  done();
  return { rows: rows as R[], numAffectedRows: BigInt(changes), insertId: BigInt(lastId) };
}
