/** What a statement may do: its own database, and nothing that reaches a file, another database or our settings. */

import { constants } from "node:sqlite";

const {
  SQLITE_OK,
  SQLITE_DENY,
  SQLITE_IGNORE,
  SQLITE_ATTACH,
  SQLITE_DETACH,
  SQLITE_PRAGMA,
  SQLITE_FUNCTION,
  SQLITE_CREATE_VTABLE,
  SQLITE_READ,
  SQLITE_SELECT,
  SQLITE_TRANSACTION,
  SQLITE_SAVEPOINT,
  SQLITE_RECURSIVE,
} = constants;

/** May be asked and set: they last as long as the connection, which is not lent out again. */
const SETTABLE = new Set([
  "foreign_keys",
  "defer_foreign_keys",
  "recursive_triggers",
  "ignore_check_constraints",
  "legacy_alter_table",
  "automatic_index",
  "reverse_unordered_selects",
  "case_sensitive_like",
]);
/** May be asked and set: they are kept in the database, or are work to do. */
const KEPT = new Set(["user_version", "application_id", "optimize", "analysis_limit", "incremental_vacuum"]);
/** Take an argument that says of what. */
const QUESTIONS = new Set([
  "table_info",
  "table_xinfo",
  "table_list",
  "index_info",
  "index_xinfo",
  "index_list",
  "foreign_key_list",
  "foreign_key_check",
  "integrity_check",
  "quick_check",
]);
/** May only be asked. */
const ASKABLE = new Set([
  "application_id",
  "auto_vacuum",
  "busy_timeout",
  "cache_size",
  "collation_list",
  "compile_options",
  "data_version",
  "encoding",
  "freelist_count",
  "function_list",
  "journal_mode",
  "locking_mode",
  "max_page_count",
  "module_list",
  "page_count",
  "page_size",
  "pragma_list",
  "query_only",
  "read_uncommitted",
  "schema_version",
  "secure_delete",
  "synchronous",
  "temp_store",
  "trusted_schema",
  "wal_autocheckpoint",
]);
/** Set at the start of many programs for a file of their own; here they are as they must be, and setting them is no error. */
const PASSED_OVER = new Set([
  "busy_timeout",
  "cache_size",
  "encoding",
  "journal_mode",
  "journal_size_limit",
  "locking_mode",
  "mmap_size",
  "page_size",
  "secure_delete",
  "synchronous",
  "temp_store",
  "threads",
  "wal_autocheckpoint",
  "wal_checkpoint",
]);
const MODULES = new Set(["fts3", "fts4", "fts5", "fts5vocab", "fts4aux", "rtree", "rtree_i32", "geopoly"]);
const FUNCTIONS = new Set([
  "load_extension",
  "fts3_tokenizer",
  "readfile",
  "writefile",
  "edit",
  "sqlite_log",
]);
const TEMPORARY = new Set([
  constants.SQLITE_CREATE_TEMP_INDEX,
  constants.SQLITE_CREATE_TEMP_TABLE,
  constants.SQLITE_CREATE_TEMP_TRIGGER,
  constants.SQLITE_CREATE_TEMP_VIEW,
]);
/** `create table temp.t` is one of these, in the database `temp`. */
const MAKING = new Set([
  constants.SQLITE_CREATE_INDEX,
  constants.SQLITE_CREATE_TABLE,
  constants.SQLITE_CREATE_TRIGGER,
  constants.SQLITE_CREATE_VIEW,
  SQLITE_CREATE_VTABLE,
]);
const READING = new Set([
  SQLITE_READ,
  SQLITE_SELECT,
  SQLITE_FUNCTION,
  SQLITE_TRANSACTION,
  SQLITE_SAVEPOINT,
  SQLITE_RECURSIVE,
  SQLITE_PRAGMA,
]);
const ROW_CHANGES = new Set([constants.SQLITE_INSERT, constants.SQLITE_UPDATE, constants.SQLITE_DELETE]);

/** What SQLite's compiler asked for while it compiled one statement. */
export class Rules {
  /** Our own statements may do anything. */
  trusted = false;
  /** The statement changes the database. */
  writes = false;
  /** It changes the schema. */
  changesSchema = false;
  /** It leaves the connection in another state than a new one. */
  marks = false;
  /** What was refused, for the error message. */
  refused: string | undefined;

  /** Before a statement is compiled. */
  reset(): void {
    this.writes = false;
    this.changesSchema = false;
    this.marks = false;
    this.refused = undefined;
  }

  /** SQLite's authorizer. */
  readonly judge = (
    action: number,
    first: string | null,
    second: string | null,
    database: string | null,
    _by: string | null,
  ): number => {
    if (this.trusted) return SQLITE_OK;
    if (!READING.has(action)) this.writes = true;
    if (this.writes && !READING.has(action) && !ROW_CHANGES.has(action)) this.changesSchema = true;
    if (TEMPORARY.has(action) || (MAKING.has(action) && database === "temp"))
      return this.#refuse("temporary tables, views and triggers are not available here");
    switch (action) {
      case SQLITE_PRAGMA:
        return this.#judgePragma(String(first).toLowerCase(), second);
      case SQLITE_ATTACH:
      case SQLITE_DETACH:
        return this.#refuse("ATTACH, DETACH and VACUUM are not available here");
      case SQLITE_FUNCTION:
        return FUNCTIONS.has(String(second).toLowerCase())
          ? this.#refuse(`the function ${second} is not available here`)
          : SQLITE_OK;
      case SQLITE_CREATE_VTABLE:
        return MODULES.has(String(second).toLowerCase())
          ? SQLITE_OK
          : this.#refuse(`virtual tables of ${second} are not available here`);
      default:
        return SQLITE_OK;
    }
  };

  #judgePragma(name: string, argument: string | null): number {
    if (QUESTIONS.has(name)) return SQLITE_OK;
    if (argument === null && (SETTABLE.has(name) || ASKABLE.has(name))) return SQLITE_OK;
    if (KEPT.has(name)) {
      if (argument !== null || name === "optimize" || name === "incremental_vacuum") this.writes = true;
      return SQLITE_OK;
    }
    if (SETTABLE.has(name)) {
      this.marks = true;
      return SQLITE_OK;
    }
    if (PASSED_OVER.has(name)) return SQLITE_IGNORE;
    return this.#refuse(`PRAGMA ${name}${argument === null ? "" : " with a value"} is not available here`);
  }

  #refuse(what: string): number {
    this.refused = what;
    return SQLITE_DENY;
  }
}
