/** The real client libraries in the real Deno, on our database processes and on a real sqld behind the same face. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { runToEnd } from "../src/sandbox/spawn.ts";
import { DENO, type Sqld, type SqliteTown, startSqld, startSqlite } from "./support/sqlite.ts";

let sqld: Sqld;
let ours: SqliteTown;
let theirs: SqliteTown;

beforeAll(async () => {
  sqld = await startSqld();
  ours = startSqlite();
  theirs = startSqlite({ remote: sqld });
});

afterAll(async () => {
  await theirs.close();
  await ours.close();
  await sqld.close();
});

async function check(script: string, { url }: SqliteTown, server: string, atLeast: number): Promise<void> {
  const env = { PATH: "/usr/bin:/bin", HOME: Bun.env.HOME ?? "/tmp", NO_COLOR: "1" };
  const args = [
    "run",
    "--allow-all",
    "--no-lock",
    "--no-config",
    join(import.meta.dir, "vals", script),
    url,
    `val:${script.replace(/\W/g, "-")}`,
    server,
  ];
  const options = { env, timeoutMs: 55_000, maxOutputBytes: 2 ** 20 };
  const { stdout, stderr, code } = await runToEnd([DENO, ...args], options);
  const results = stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { title: string; wrong: string });
  expect(results.filter(({ wrong }) => wrong !== "")).toEqual([]);
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  expect(results.length).toBeGreaterThanOrEqual(atLeast);
}

for (const [what, script, atLeast] of [
  ["single statements", "sqlite-statements.ts", 12],
  ["batches, transactions and drizzle", "sqlite-transactions.ts", 12],
] as const) {
  test(`${what} of the real clients work on our own databases`, () => check(script, ours, "hamlet", atLeast));
  test(`${what} work the same on an sqld behind the same face`, () => check(script, theirs, "sqld", atLeast));
}
