/**
 * What the checks of SQLite clients share: `… URL TOKEN SERVER` are their arguments. SERVER is `hamlet` or `sqld`: where
 * the two differ, each is expected to do as it does.
 */

import { type Client, createClient, type InStatement, type LibsqlError } from "npm:@libsql/client@0.18.0/web";

const [url = "", authToken = "", server = ""] = Deno.args;
export const isOurs = server === "hamlet";
export const connect = (more: { authToken?: string; intMode?: "bigint" } = {}): Client =>
  createClient({ url, authToken, ...more });
export const db = connect();

/** The error of what must fail. */
export async function fails(work: Promise<unknown>): Promise<LibsqlError> {
  try {
    await work;
  } catch (error) {
    return error as LibsqlError;
  }
  throw new Error("It did not fail.");
}

/** The first value of the first row. */
export const value = async (statement: InStatement, client: Client = db) =>
  (await client.execute(statement)).rows[0]?.[0];
export const count = (table: string) => value(`select count(*) from ${table}`);

/** Prints one JSON line per check: its title and what was wrong, if anything was. */
export async function runChecks(checks: Record<string, () => Promise<void>>): Promise<void> {
  for (const [title, check] of Object.entries(checks)) {
    let wrong = "";
    try {
      await check();
    } catch (error) {
      wrong = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    console.log(JSON.stringify({ title, wrong }));
  }
}
