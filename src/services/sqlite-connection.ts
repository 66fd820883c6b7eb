/** One SQLite connection within a database process: compiled statements, arguments by number and name, bounded answers. */

import { DatabaseSync, type StatementSync } from "node:sqlite";
import { MAX_PARAMETERS, type Statement, statementsOf } from "../val/sql-tokens.ts";
import { type Arguments, type Bound, bind } from "./sqlite-arguments.ts";
import { type Busy, SqlError, toSqlError } from "./sqlite-problems.ts";
import { Rules } from "./sqlite-rules.ts";
import { renderValue, type SqlValue } from "./sqlite-values.ts";

/** What a statement gave; columns and rows are JSON text. */
export interface Outcome {
  readonly columns: string;
  readonly rows: readonly string[];
  readonly affected: number;
  /** As JSON text. */
  readonly lastRowid: string;
}

/** How much an answer may still hold, over all of its statements. */
export interface Budget {
  bytes: number;
}

interface Compiled {
  readonly statement: StatementSync;
  readonly parsed: Statement;
  readonly writes: boolean;
  readonly changesSchema: boolean;
  readonly marks: boolean;
}

const MAX_COMPILED = 100;
/** Longer texts are compiled anew each time. */
const MAX_KEPT_TEXT = 8192;
const MAX_TEXT = 2 ** 20;
const MAX_VALUE = 32 * 2 ** 20;
const PAGE = 4096;
const SETTINGS = [
  "journal_mode = wal",
  // What was acknowledged outlives this process, however it ends; the machine's power may take the last commits along.
  // With `full` each commit would wait for the disk, and with it every other database of this process.
  "synchronous = normal",
  "temp_store = memory",
  "cell_size_check = on",
  "journal_size_limit = 4194304",
];

/** An open connection, with its compiled statements. */
export class Connection {
  /** It is not as a new one: closed instead of lent out again. */
  marked = false;
  /** An open transaction may hold the write lock. */
  writing = false;
  /** The schema changed: every connection to this database compiles anew. */
  onSchemaChange: () => void = () => {};
  readonly #db: DatabaseSync;
  readonly #rules = new Rules();
  readonly #compiled = new Map<string, Compiled>();
  readonly #changes: StatementSync;
  #readOnly = false;
  #pages = 0;

  constructor(file: string) {
    this.#db = new DatabaseSync(file, {
      allowExtension: false,
      // As sqld has it.
      enableForeignKeyConstraints: true,
      enableDoubleQuotedStringLiterals: false,
      allowBareNamedParameters: false,
      readBigInts: true,
      returnArrays: true,
      // Whoever waits in here keeps everybody else waiting; the host does it for us.
      timeout: 0,
      defensive: true,
      limits: {
        length: MAX_VALUE,
        sqlLength: MAX_TEXT,
        attach: 0,
        triggerDepth: 100,
        variableNumber: MAX_PARAMETERS,
      },
    } as ConstructorParameters<typeof DatabaseSync>[1]);
    try {
      // It would take the write lock of a file that exists.
      if (this.#number("page_count") === 0) this.#db.exec("pragma auto_vacuum = incremental");
      for (const setting of SETTINGS) this.#db.exec(`pragma ${setting}`);
      this.#changes = this.#db.prepare("select changes(), last_insert_rowid()");
      this.#db.setAuthorizer(this.#rules.judge);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  get inTransaction(): boolean {
    return this.#db.isTransaction;
  }

  /** The largest the file may become; it never has to shrink for it. */
  limit(bytes: number): void {
    const pages = Math.max(16, Math.floor(bytes / PAGE));
    if (pages === this.#pages) return;
    this.#own(`pragma max_page_count = ${pages}`);
    this.#pages = pages;
  }

  /**
   * Compile and run one statement.
   * @throws SqlError; Busy while another connection holds the write lock
   */
  execute(sql: string, args: Arguments, wantRows: boolean, budget: Budget): Outcome {
    try {
      const compiled = this.#compile(sql);
      const { parsed } = compiled;
      const values = bind(parsed.parameters, args);
      if (isReadOnlyBegin(parsed)) this.#setReadOnly(true);
      const outcome = this.#run(compiled, values, wantRows, budget);
      this.#note(compiled);
      return outcome;
    } catch (error) {
      throw this.#explain(error, sql);
    } finally {
      if (!this.#db.isTransaction) this.#settle();
    }
  }

  /** What `describe` answers, as JSON text. */
  describe(sql: string): string {
    try {
      const { statement, parsed, writes } = this.#compile(sql);
      const columns = statement.columns().map(({ name, type }) => ({ name, decltype: type ?? null }));
      return JSON.stringify({
        params: parsed.parameters.map((name) => ({ name })),
        cols: columns,
        is_explain: parsed.verb === "EXPLAIN",
        is_readonly: !writes,
      });
    } catch (error) {
      throw this.#explain(error, sql);
    }
  }

  /** Undo what is open. */
  rollback(): void {
    if (this.#db.isTransaction) this.#own("rollback");
    this.#settle();
  }

  forgetCompiled(): void {
    this.#compiled.clear();
  }

  /** Give free pages back and bring the log into the file; a failure is no harm. */
  tidy(): void {
    try {
      this.#own("pragma incremental_vacuum(2000)");
      this.#own("pragma wal_checkpoint(truncate)");
    } catch {}
  }

  close(): void {
    this.#compiled.clear();
    this.#db.close();
  }

  #compile(sql: string): Compiled {
    const known = this.#compiled.get(sql);
    if (known !== undefined) {
      this.#compiled.delete(sql);
      this.#compiled.set(sql, known);
      return known;
    }
    if (sql.length > MAX_TEXT)
      throw new SqlError(
        "SQLITE_TOOBIG",
        `SQLite error: an SQL text may have at most ${MAX_TEXT} characters`,
      );
    if (sql.includes("\0")) throw new SqlError("SQL_PARSE_ERROR", "SQL string contains a NUL character");
    const statements = statementsOf(sql);
    const parsed = statements.next().value;
    if (parsed === undefined)
      throw new SqlError("SQL_NO_STATEMENT", "SQL string does not contain any statement");
    if (!statements.next().done)
      throw new SqlError("SQL_MANY_STATEMENTS", "SQL string contains more than one statement");
    this.#rules.reset();
    // A transaction "named" READONLY would be an ordinary one.
    const text = isReadOnlyBegin(parsed) ? "BEGIN DEFERRED" : parsed.text;
    const statement = this.#db.prepare(text);
    const { writes, changesSchema, marks } = this.#rules;
    const takesLock = parsed.verb === "BEGIN" && /^(IMMEDIATE|EXCLUSIVE)$/.test(parsed.words[1] ?? "");
    const compiled = { statement, parsed, writes: writes || takesLock, changesSchema, marks };
    if (sql.length <= MAX_KEPT_TEXT && !changesSchema && parsed.verb !== "PRAGMA") {
      if (this.#compiled.size >= MAX_COMPILED) this.#compiled.delete(this.#compiled.keys().next().value!);
      this.#compiled.set(sql, compiled);
    }
    return compiled;
  }

  #run({ statement, parsed }: Compiled, values: Bound, wantRows: boolean, budget: Budget): Outcome {
    const rows: string[] = [];
    const found = statement.iterate(values.named, ...values.positional) as unknown as Iterable<SqlValue[]>;
    for (const row of found) {
      if (!wantRows) continue;
      const text = `[${row.map(renderValue).join(",")}]`;
      spend(budget, text.length + 1);
      rows.push(text);
    }
    const columns = JSON.stringify(
      statement.columns().map(({ name, type }) => ({ name, decltype: type ?? null })),
    );
    spend(budget, columns.length);
    const changesRows = parsed.verb === "INSERT" || parsed.verb === "UPDATE" || parsed.verb === "DELETE";
    if (!changesRows) return { columns, rows, affected: 0, lastRowid: "null" };
    const [changes, rowid] = this.#changes.get() as unknown as [bigint, bigint];
    return {
      columns,
      rows,
      affected: Number(changes),
      lastRowid: parsed.verb === "INSERT" ? `"${rowid}"` : "null",
    };
  }

  #note({ writes, changesSchema, marks }: Compiled): void {
    if (writes && this.#db.isTransaction) this.writing = true;
    if (marks) this.marked = true;
    if (changesSchema) this.onSchemaChange();
  }

  #explain(error: unknown, sql: string): SqlError | Busy {
    return toSqlError(error, sql, (code) => {
      if (code === "SQLITE_AUTH") return this.#rules.refused;
      if (code !== "SQLITE_FULL") return undefined;
      return `the database may have at most ${this.#pages * PAGE} bytes (its quota); delete something first`;
    });
  }

  #settle(): void {
    this.writing = false;
    if (this.#readOnly) this.#setReadOnly(false);
  }

  #setReadOnly(on: boolean): void {
    this.#own(`pragma query_only = ${on ? 1 : 0}`);
    this.#readOnly = on;
  }

  #number(pragma: string): number {
    const [value] = this.#db.prepare(`pragma ${pragma}`).get() as unknown as [bigint];
    return Number(value);
  }

  #own(sql: string): void {
    this.#rules.trusted = true;
    try {
      this.#db.exec(sql);
    } finally {
      this.#rules.trusted = false;
    }
  }
}

function isReadOnlyBegin({ verb, words }: Statement): boolean {
  return verb === "BEGIN" && words[1] === "TRANSACTION" && words[2] === "READONLY";
}

function spend(budget: Budget, bytes: number): void {
  budget.bytes -= bytes;
  if (budget.bytes < 0)
    throw new SqlError("RESPONSE_TOO_LARGE", "Response is too large: ask for fewer rows at once, with LIMIT");
}
