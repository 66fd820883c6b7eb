/** SQL databases for vals and accounts: over Hrana for client libraries, and statement by statement for the REST API. */

import type { Scope } from "./scope.ts";
import { answerHrana } from "./sqlite-http.ts";
import { type Backend, createLocal, type LocalOptions } from "./sqlite-local.ts";
import { createRemote, type RemoteOptions } from "./sqlite-remote.ts";
import { type BatchMode, batch, execute, type ResultSet, type StatementInput } from "./sqlite-results.ts";

/** One database per scope, made at its first use. */
export interface SqliteService {
  /** Hrana over HTTP; `path` is what follows the base URL, such as `v2/pipeline`. Errors are answers too. */
  hrana(scope: Scope, path: string, request: Request): Promise<Response>;
  /** Rejects with SqliteError. */
  execute(scope: Scope, statement: StatementInput): Promise<ResultSet>;
  /** All statements in one transaction, or none. Rejects with SqliteError, of the first that failed. */
  batch(scope: Scope, statements: readonly StatementInput[], mode?: BatchMode): Promise<ResultSet[]>;
  /** The largest the database may become, bytes; until the next start. */
  setQuota(scope: Scope, bytes: number): void;
  removeScope(scope: Scope): Promise<void>;
  /**
   * Remove what a process that was killed has left: databases of which `keep` says that there is no such account or val
   * any more. One on an sqld stays.
   */
  sweep(keep: (scope: Scope) => Promise<boolean>): Promise<void>;
  /** Bytes on disk. */
  usage(scope: Scope): Promise<number>;
  close(): Promise<void>;
}

/** What the operator chose. */
export interface SqliteOptions extends LocalOptions {
  /** An sqld that has the databases instead of files here. */
  readonly remote?: Omit<RemoteOptions, "quotaBytes">;
}

/** Make the service; processes are started when they are needed. */
export function createSqlite(options: SqliteOptions): SqliteService {
  const { remote, quotaBytes } = options;
  const backend: Backend =
    remote === undefined ? createLocal(options) : createRemote({ ...remote, quotaBytes });
  return {
    hrana: (scope, path, request) =>
      answerHrana(path, request, (form, body) => backend.send(scope, form, body, request.signal)),
    execute: (scope, statement) => execute((form, body) => backend.send(scope, form, body), statement),
    batch: (scope, statements, mode = "deferred") =>
      batch((form, body) => backend.send(scope, form, body), statements, mode),
    setQuota: backend.setQuota,
    removeScope: backend.remove,
    sweep: backend.sweep,
    usage: backend.usage,
    close: backend.close,
  };
}
