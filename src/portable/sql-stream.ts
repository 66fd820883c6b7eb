/** One connection to a database for as long as it takes, over Hrana (https://github.com/tursodatabase/libsql, docs/HRANA_3_SPEC.md). */

import type { Scope } from "../services/scope.ts";
import type { SqliteService } from "../services/sqlite.ts";
import { ArchiveError } from "./archive-error.ts";

interface Cell {
  readonly type: "null" | "integer" | "float" | "text" | "blob";
  readonly value?: string | number;
}
interface Reply {
  readonly baton?: string | null;
  readonly message?: string;
  readonly results?: readonly (
    | { readonly type: "ok"; readonly response: { readonly result?: { readonly rows: readonly Cell[][] } } }
    | { readonly type: "error"; readonly error: { readonly message: string; readonly code?: string } }
  )[];
}

/** What a database refused. */
export class SqlRefusal extends ArchiveError {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

export class SqlStream implements AsyncDisposable {
  readonly #sqlite: SqliteService;
  readonly #scope: Scope;
  #baton: string | null = null;

  constructor(sqlite: SqliteService, scope: Scope) {
    this.#sqlite = sqlite;
    this.#scope = scope;
  }

  /** Rows of one statement, each cell as text; null stays null. */
  async rows(sql: string, args: readonly (string | number)[] = []): Promise<(string | null)[][]> {
    const values = args.map((value) =>
      typeof value === "number" ? { type: "integer", value: String(value) } : { type: "text", value },
    );
    const { result } = (await this.#ask({ type: "execute", stmt: { sql, args: values } })) ?? {};
    return (result?.rows ?? []).map((row) =>
      row.map(({ type, value }) => (type === "null" ? null : String(value ?? ""))),
    );
  }

  /** Several statements as they stand in one text. */
  async run(sql: string): Promise<void> {
    await this.#ask({ type: "sequence", sql });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What it did not commit is undone, at the latest when it has been idle for a while.
    if (this.#baton !== null) await this.#ask({ type: "close" }).catch(() => {});
  }

  async #ask(request: object) {
    const body = JSON.stringify({ baton: this.#baton, requests: [request] });
    const sent = new Request("http://sqlite/", { method: "POST", body });
    const answer = await this.#sqlite.hrana(this.#scope, "v3/pipeline", sent);
    const { baton = null, results, message } = (await answer.json()) as Reply;
    this.#baton = baton;
    const [first] = results ?? [];
    if (first?.type === "ok") return first.response;
    const error = first?.error ?? { message: message ?? `The database answered ${answer.status}.` };
    throw new SqlRefusal(error.message, ("code" in error ? error.code : undefined) ?? "");
  }
}
