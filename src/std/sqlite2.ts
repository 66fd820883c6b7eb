/** Kept for vals of former days. `std/sqlite2` */

import { type Client, createClient } from "npm:@libsql/client@0.18.0/web";
import { API_URL } from "./api-url.ts";
import { token } from "./call.ts";

/**
 * The database of `std/sqlite`, with rows that are objects by column name.
 *
 * @deprecated Use `std/sqlite/main.ts`, or `std/sqlite/global.ts` for the owner's database.
 * @example
 * ```ts
 * import { sqlite } from "https://esm.town/v/std/sqlite2";
 *
 * const { rows } = await sqlite.execute("select 1 as one");
 * console.log(rows); // → [{ "one": 1 }]
 * ```
 */
export const sqlite: Client = createClient({ url: `${API_URL}/v3/sqlite/`, authToken: token() });
