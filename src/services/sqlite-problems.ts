/** What can go wrong with a statement or a request, by the names and in the words that clients of sqld know. */

/** A failed statement; it is told within the answer, and what follows it goes on. */
export class SqlError extends Error {
  override readonly name = "SqlError";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A request that breaks the protocol; it fails as a whole, and its stream is closed. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code: string;

  constructor(message: string, code = "HRANA_PROTO_ERROR") {
    super(message);
    this.code = code;
  }
}

/** Another connection holds the write lock: to be tried again once that is over. */
export class Busy extends Error {
  override readonly name = "Busy";
}

const NAMES: Readonly<Record<number, string>> = {
  2: "SQLITE_INTERNAL",
  3: "SQLITE_PERM",
  4: "SQLITE_ABORT",
  5: "SQLITE_BUSY",
  6: "SQLITE_LOCKED",
  7: "SQLITE_NOMEM",
  8: "SQLITE_READONLY",
  9: "SQLITE_INTERRUPT",
  10: "SQLITE_IOERR",
  11: "SQLITE_CORRUPT",
  12: "SQLITE_NOTFOUND",
  13: "SQLITE_FULL",
  14: "SQLITE_CANTOPEN",
  15: "SQLITE_PROTOCOL",
  17: "SQLITE_SCHEMA",
  18: "SQLITE_TOOBIG",
  19: "SQLITE_CONSTRAINT",
  20: "SQLITE_MISMATCH",
  21: "SQLITE_MISUSE",
  22: "SQLITE_NOLFS",
  23: "SQLITE_AUTH",
  25: "SQLITE_RANGE",
  26: "SQLITE_NOTADB",
};
/** Another connection holds the lock now, but not: this transaction has read what has changed since. */
const WAIT_WILL_HELP = 5;
const MAX_MESSAGE = 1000;

/** SQLite knows where in the text they are; `node:sqlite` does not say it. */
const INPUT_ERROR =
  /^(?:no such column|ambiguous column name|no such function): (.+?)(?: - should this be .*)?$/;

/** What `node:sqlite` threw, as sqld tells it. `because` says more of what was refused or is full. */
export function toSqlError(
  error: unknown,
  sql: string,
  because: (code: string) => string | undefined,
): SqlError | Busy {
  if (error instanceof SqlError || error instanceof Busy) return error;
  const { message, errcode, code: kind } = error as { message?: string; errcode?: number; code?: string };
  // It may quote the statement, which may be long.
  const text = (message ?? String(error)).slice(0, MAX_MESSAGE);
  if (errcode === undefined)
    return new SqlError(kind?.startsWith("ERR_INVALID") ? "ARGS_INVALID" : "INTERNAL_ERROR", text);
  if (errcode === WAIT_WILL_HELP) return new Busy(text);
  if (/: syntax error$|^incomplete input$|^unrecognized token/.test(text))
    return new SqlError("SQL_PARSE_ERROR", `SQL string could not be parsed: ${text}`);
  const at = sql.indexOf(INPUT_ERROR.exec(text)?.[1] ?? "\0");
  if (at !== -1) return new SqlError("SQL_INPUT_ERROR", `SQL input error: ${text} (at offset ${at})`);
  // sqld has this name for SQLITE_ERROR, and vals may look for it.
  const code = NAMES[errcode & 0xff] ?? "SQLITE_UNKNOWN";
  const more = because(code);
  return new SqlError(code, `SQLite error: ${text}${more === undefined ? "" : `: ${more}`}`);
}
