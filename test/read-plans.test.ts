/**
 * What reads cost does not grow with what there is. Time cannot be tested, plans can: every statement of every GET route
 * must find its rows by an index, and walk no history.
 */

import { Database, type SQLQueryBindings } from "bun:sqlite";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { type Description, operationsOf } from "./fuzz/operations.ts";
import { makeTown, type Town } from "./support/town.ts";

interface Statement {
  readonly kind?: string;
  readonly sql?: string;
  readonly parameters?: unknown[];
}

let town: Town;
const seen = new Map<string, { route: string; parameters: unknown[] }>();
let route = "";

/** The statements that reach SQLite, and the route that needs them first. */
const postMessage = Worker.prototype.postMessage;
beforeAll(async () => {
  town = await makeTown();
  Worker.prototype.postMessage = function (this: Worker, ...args: unknown[]) {
    const { kind, sql = "", parameters = [] } = args[0] as Statement;
    if (kind === "query" && route !== "" && /^(select|with|update)\b/i.test(sql) && !seen.has(sql))
      seen.set(sql, { route, parameters });
    return Reflect.apply(postMessage, this, args);
  };
});
afterAll(async () => {
  Worker.prototype.postMessage = postMessage;
  await town[Symbol.asyncDispose]();
});

test("no read of the API scans a table, or walks through the versions of a branch", async () => {
  const names = await seed();
  const { json } = await town.expect(200, "GET", "/openapi.json");
  const gets = operationsOf(json as Description).filter(
    ({ method, endless }) => method === "GET" && !endless,
  );
  for (const { path, parameters } of gets) {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? "x");
    const all = parameters.filter((one) => one.in === "query" && names[one.name] !== undefined);
    const needed = all.filter((one) => one.required);
    // Each parameter alone and all together: each makes another statement of it.
    for (const query of [needed, ...all.map((one) => [...needed, one]), all]) {
      route = `GET ${path}?${query.map(({ name }) => name).join("&")}`;
      const values = new Map(query.map(({ name }) => [name, names[name]!]));
      const answer = await town.call("GET", `${filled}?${new URLSearchParams([...values])}`);
      expect([route, answer.status < 500]).toEqual([route, true]);
    }
  }
  route = "";
  expect(seen.size).toBeGreaterThan(20);
  const files = ["hamlet.db", "telemetry.db"].map(
    (name) => new Database(join(town.folder, name), { readonly: true }),
  );
  const bad = [...seen].flatMap(([sql, { route: first, parameters }]) => {
    const lines = files.flatMap((file) => planOf(file, sql, parameters));
    const wrong = lines.filter(
      (line) =>
        (SLOW.test(line) && !isOfFound(line, lines) && !isPage(sql, lines)) ||
        (SORTED.test(sql) && line.includes("TEMP B-TREE")),
    );
    return wrong.length === 0 ? [] : [{ route: first, wrong, sql }];
  });
  for (const file of files) file.close();
  expect(bad).toEqual([]);
});

test("the queue and the ticker find what is due by an index, and change that alone", async () => {
  seen.clear();
  const { store } = town;
  const valId = await town.val("busy");
  for (const path of ["a.ts", "b.ts"]) await town.file(valId, path, "1", "interval");
  route = "triggers";
  const now = Date.now() + 1000;
  const jobs = await store.jobs.claim({ owner: "test", now, leaseMs: 1000, limit: 2, perVal: 2 });
  expect(jobs.length).toBe(2);
  await store.jobs.nextAt(now);
  await store.jobs.recover("another", now);
  await store.schedules.tick(10, 0);
  route = "";
  using file = new Database(join(town.folder, "hamlet.db"), { readonly: true });
  const plans = [...seen].map(([sql, { parameters }]) => ({ sql, plan: planOf(file, sql, parameters) }));
  expect(plans.filter(({ plan }) => plan.some((line) => line.startsWith("SCAN")))).toEqual([]);
  const updates = plans.filter(({ sql }) => sql.startsWith("update"));
  expect(updates.map(({ plan }) => plan)).toEqual([
    [expect.stringMatching(/^SEARCH jobs USING INDEX \S+ \(id=\?\)$/)],
  ]);
});

/** Reading all rows, all versions of a branch up to one, or all of its files. */
const SLOW = /^SCAN |file_revisions.*\(branch_id=\?( AND version[<>]\?)?\)/;
/** Lists that may be long are read in the order of an index, not sorted. */
const SORTED =
  /^select \* from \(select "id", "path".* from "files" where "branch_id" = \? and "deleted" = (0|\?)\)/;

/** All of what a query within this one has found, or of a full-text search. */
function isOfFound(line: string, plan: readonly string[]): boolean {
  const [, name = ""] = /^SCAN (\S+)/.exec(line) ?? [];
  const made = plan.some((one) => one === `CO-ROUTINE ${name}` || one === `MATERIALIZE ${name}`);
  return made || /^SCAN (CONSTANT ROW|\(subquery|\S+ VIRTUAL TABLE)/.test(line);
}

/** A page of everything there is, read from an index until it is full. */
function isPage(sql: string, plan: readonly string[]): boolean {
  const ordered = plan.length === 1 && /^SCAN \S+ USING (COVERING )?INDEX/.test(plan[0]!);
  return ordered && / limit \? offset \?$/.test(sql) && !/ where /.test(sql);
}

/** With its parameters: an index of some rows only is for those who ask for these. */
function planOf(file: Database, sql: string, parameters: readonly unknown[]): string[] {
  // In double quotes a column that is not there would be taken for a text, and both files have a table of runs.
  const strict = sql.replaceAll('"', "`");
  try {
    return file
      .query<{ detail: string }, SQLQueryBindings[]>(`explain query plan ${strict}`)
      .all(...(parameters as SQLQueryBindings[]))
      .map(({ detail }) => detail);
  } catch (error) {
    // It is for the other file.
    if (/no such (table|column)/.test(String(error))) return [];
    throw error;
  }
}

/** Something of each kind, and the parameters that lead to it. */
async function seed(): Promise<Record<string, string>> {
  const val_id = await town.val("hello");
  const file = await town.file(val_id, "lib/main.ts", "1", "http");
  await town.file(val_id, "notes.md", "2", "file");
  const branch_id = (await town.expect(200, "GET", `/v2/vals/${val_id}/branches`)).json.data[0].id;
  await town.expect(201, "POST", `/v2/vals/${val_id}/environment_variables`, {
    json: { key: "KEY", value: "1" },
  });
  await town.file(val_id, "mail.ts", "3", "email");
  await town.expect(202, "POST", `/v2/vals/${val_id}/files/email?path=mail.ts`, {
    ...{ json: {}, headers: { prefer: "respond-async" } },
  });
  await town.expect(201, "POST", "/v1/blob/key", { json: 1 });
  await town.expect(202, "POST", "/v1/email", { json: {} });
  const mail_id = (await town.expect(200, "GET", "/v3/mails")).json.data[0].id;
  const at = new Date().toISOString();
  return {
    ...{
      val_id,
      branch_id,
      branch_ids: branch_id,
      mail_id,
      file_id: file.id,
      path: "lib",
      user_id: town.ann.id,
    },
    ...{
      username: "ann",
      val_name: "hello",
      key: "key",
      version: "1",
      to: "2",
      from: "1",
      to_branch_id: branch_id,
    },
    ...{
      limit: "5",
      offset: "1",
      recursive: "true",
      privacy: "public",
      cursor: at,
      prefix: "k",
      query: "hello",
    },
    ...{ start: at, end: at, direction: "asc", order_by: "end_time", trace_ids: "0".repeat(32) },
    ...{ trace_id: "0".repeat(32), kind: "val", number: "1" },
  };
}
