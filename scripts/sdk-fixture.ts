/**
 * Brings a town to what one test of the SDK's own test-suite (`tests/api-resources` of its repository) takes for granted:
 *
 *     bun scripts/sdk-fixture.ts --data DIR --test "resource files create: only required params"
 *     bun scripts/sdk-fixture.ts --data DIR --port 4011     # POST the name of a test, before each
 *
 * It works on the data folder beside the running server. Only for a town that is thrown away afterwards: it lets in
 * whoever sends the suite's well-known token.
 */

import { Database } from "bun:sqlite";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openSecret } from "../src/services/secret.ts";
import { openStore, type Store } from "../src/store/store.ts";

const TOKEN = "My Bearer Token";
/** The one id that the suite writes for whatever it asks for: a val, a branch, a file, an organization. */
const ID = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e";
/** The branch that it forks. */
const MAIN_ID = "00000000-0000-0000-0000-000000000000";
const OWNER = { id: "00000000-0000-4000-8000-000000000001", username: "username" };

/** These two make what the others expect to be there. */
const MAKES_FILE = /^resource files create/;
const MAKES_VARIABLE = /^resource environmentVariables create/;

/** Who never changes from test to test, so that what the server remembers of a token stays true. */
async function settlePeople(store: Store): Promise<void> {
  if ((await store.users.find(OWNER.id)) !== undefined) return;
  await store.users.create({ ...OWNER, email: "username@example.org" });
  await store.orgs.create({ id: ID, username: "organization", ownerId: OWNER.id });
  const stored = { accessToken: "token", scopes: [] };
  await store.connections.put({ userId: OWNER.id, provider: "google-docs", account: "email" }, stored);
  await store.connections.put({ userId: OWNER.id, provider: "slack", account: "team_id" }, stored);
  await store.tokens.create({ userId: OWNER.id, secret: TOKEN, label: "The test-suite of the SDK" });
}

/** Everything else, anew: vals are plain files, so that the server has nothing in service that it would have to drop. */
async function settleVals(store: Store, file: string, test: string): Promise<void> {
  for (const userId of [OWNER.id, ID]) {
    const { rows } = await store.vals.listByUser(userId, { limit: 1000, offset: 0 });
    for (const val of rows) await store.vals.remove(val.id);
  }
  // Their ids are given again, and `rename` blocks the thread on which their history would be removed.
  await store.settled();
  await store.vals.create({ userId: OWNER.id, name: "val_name", privacy: "public" });
  const content = { path: "path", type: "file", content: "content" } as const;
  const files = MAKES_FILE.test(test) ? [] : [content];
  await store.vals.create({ id: ID, userId: OWNER.id, name: "fixture", privacy: "public", files });
  const branch = await store.branches.fork({ valId: ID, name: "branch", authorId: OWNER.id });
  const ofBranch = await store.files.at({ valId: ID, branchId: branch.id }, "path");
  rename(file, [
    ["branch_id", "branches", branch.forkedBranchId!, MAIN_ID],
    ["branch_id", "branches", branch.id, ID],
    ...(ofBranch === undefined ? [] : [["file_id", "files", ofBranch.id, ID] as const]),
  ]);
  if (!MAKES_VARIABLE.test(test)) await store.environment.create(ID, { key: "key", value: "value" });
}

type Renaming = readonly [column: string, table: string, from: string, to: string];

/** Ids that the store makes itself become those that the suite names; and the files have been there from version 0 on. */
function rename(file: string, renamings: readonly Renaming[]): void {
  using db = new Database(file);
  db.run("pragma busy_timeout = 5000");
  db.run("pragma foreign_keys = on");
  const tables = db.query("select name from sqlite_master where type = 'table'").all() as { name: string }[];
  const columnsOf = (table: string) =>
    (db.query("select name from pragma_table_info(?)").all(table) as { name: string }[]).map(
      ({ name }) => name,
    );
  // Immediate: what begins by reading cannot go on to write when the server has written meanwhile.
  const renameAll = db.transaction(() => {
    db.run("pragma defer_foreign_keys = on");
    for (const [column, home, from, to] of renamings) {
      db.run(`update ${home} set id = ? where id = ?`, [to, from]);
      for (const { name } of tables) {
        for (const reference of columnsOf(name).filter(
          (one) => one === column || one.endsWith(`_${column}`),
        )) {
          db.run(`update or replace ${name} set ${reference} = ? where ${reference} = ?`, [to, from]);
        }
      }
    }
    for (const branchId of [ID, MAIN_ID]) {
      db.run("update files set version = 0 where branch_id = ?", [branchId]);
      db.run("update file_revisions set version = 0 where branch_id = ?", [branchId]);
    }
  });
  renameAll.immediate();
}

/** Takes names of tests, one after the other. */
function serve(port: number, reset: (test: string) => Promise<void>): void {
  let last = Promise.resolve();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    async fetch(request) {
      if (request.method !== "POST") return new Response("POST the name of a test.\n", { status: 405 });
      const test = await request.text();
      const done = last.then(() => reset(test));
      last = done.catch(() => {});
      return done.then(
        () => new Response(null, { status: 204 }),
        (error: unknown) => new Response(`${error}\n`, { status: 500 }),
      );
    },
  });
  console.log(JSON.stringify({ ready: true, url: server.url.href }));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { data: { type: "string" }, test: { type: "string" }, port: { type: "string" } },
  });
  const { data, test, port } = values;
  if (data === undefined || (test === undefined) === (port === undefined)) {
    throw new Error('Give --data DIR and either --test "NAME" or --port PORT.');
  }
  const file = join(data, "hamlet.db");
  if (!existsSync(file)) throw new Error(`There is no Hamlet in ${data}. Start one on this folder first.`);
  const store = await openStore({ folder: data, cipher: (sample) => openSecret(data, sample) });
  await settlePeople(store);
  const reset = (name: string) => settleVals(store, file, name);
  if (port !== undefined) return serve(Number(port), reset);
  await reset(test!);
  await store.close();
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(2);
});
