/** The database of this val alone. `std/sqlite/main.ts` */

import { type Client, createClient } from "npm:@libsql/client@0.18.0/web";
import { API_URL } from "./api-url.ts";
import { token } from "./call.ts";

/**
 * A client of the SQLite database that belongs to this val alone; each row is an object by column name, and has its
 * values by position too.
 *
 * @example
 * ```ts
 * import { sqlite } from "https://esm.town/v/std/sqlite/main.ts";
 *
 * await sqlite.execute("create table if not exists kv (key text unique, value text)");
 * await sqlite.execute({ sql: "insert into kv values (?, ?)", args: ["color", "green"] });
 * await sqlite.batch([
 *   { sql: "insert into kv values (:key, :value)", args: { key: "size", value: "L" } },
 *   "update kv set value = upper(value) where key = 'color'",
 * ]);
 *
 * const { rows, columns } = await sqlite.execute("select key, value from kv order by key");
 * console.log(columns); // → ["key", "value"]
 * console.log(rows); // → [{ "key": "color", "value": "GREEN" }, { "key": "size", "value": "L" }]
 * ```
 */
export const sqlite: Client = createClient({
  url: `${API_URL}/v3/vals/self/sqlite/`,
  authToken: token(),
});
