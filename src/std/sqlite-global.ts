/** The database of the val's owner. `std/sqlite`, `std/sqlite/global.ts` */

import {
  type Client,
  createClient,
  type ResultSet,
  type Row,
  type Transaction,
} from "npm:@libsql/client@0.18.0/web";
import { API_URL } from "./api-url.ts";
import { token } from "./call.ts";

/**
 * A client of the SQLite database that all vals of the same owner share; each row is an array, and has its values by
 * column name too.
 *
 * @example
 * ```ts
 * import { sqlite } from "https://esm.town/v/std/sqlite";
 *
 * await sqlite.execute("create table if not exists notes (id integer primary key, note text)");
 * await sqlite.execute({ sql: "insert into notes (note) values (:note)", args: { note: "Buy milk" } });
 *
 * const { rows } = await sqlite.execute("select id, note from notes");
 * console.log(rows); // → [[1, "Buy milk"]]
 * console.log(rows[0].note); // → "Buy milk"
 * ```
 */
export const sqlite: Client = withArrays(createClient({ url: `${API_URL}/v3/sqlite/`, authToken: token() }));

/** The same client, with results as vals of former days know them. */
function withArrays<T extends Client | Transaction>(client: T): T {
  return new Proxy(client, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== "function" || name === "constructor") return value;
      return (...args: unknown[]) => convert(value.apply(target, args));
    },
  });
}

function convert(value: unknown): unknown {
  if (value instanceof Promise) return value.then(convert);
  if (Array.isArray(value)) return value.map(convert);
  if (isTransaction(value)) return withArrays(value);
  if (!isResultSet(value)) return value;
  const lastInsertRowid = toPlain(value.lastInsertRowid);
  // The client's own would write a null as "null".
  const inJson = value.toJSON;
  const toJSON = () => ({ ...inJson.call(value), lastInsertRowid });
  Object.defineProperty(value, "toJSON", { value: toJSON });
  return Object.assign(value, { rows: value.rows.map(toArray), lastInsertRowid });
}

function toArray(row: Row): Row {
  const array: unknown[] = Array.from(row);
  for (const [column, value] of Object.entries(row)) {
    // Not enumerable, so that it stays an array for JSON; and no column hides what arrays can do.
    if (!(column in array)) Object.defineProperty(array, column, { value });
  }
  return array as unknown as Row;
}

/** As JSON can hold it: a bigint cannot be answered to a visitor. */
function toPlain(rowid: bigint | undefined): number | string | null {
  if (rowid === undefined) return null;
  return Number.isSafeInteger(Number(rowid)) ? Number(rowid) : String(rowid);
}

function isResultSet(value: unknown): value is ResultSet {
  return typeof value === "object" && value !== null && "rows" in value && "columns" in value;
}

function isTransaction(value: unknown): value is Transaction {
  return typeof value === "object" && value !== null && "commit" in value && "rollback" in value;
}
