/** The fixture with which the SDK's own test-suite can be run: each call of that suite finds what it takes for granted. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import ValTown from "@valtown/sdk";
import { startHamlet, type TestHamlet } from "./support/server.ts";

const SCRIPT = join(import.meta.dir, "../scripts/sdk-fixture.ts");
const BUN = join(import.meta.dir, "../node_modules/.bin/bun");
const ID = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e";
const MAIN_ID = "00000000-0000-0000-0000-000000000000";
const AT = "2019-12-27T18:11:19.117Z";

let hamlet: TestHamlet;
let service: Bun.Subprocess<"ignore", "pipe", "inherit">;
let url: string;
let client: ValTown;

beforeAll(async () => {
  hamlet = await startHamlet({ args: ["--pool", "0"] });
  service = Bun.spawn([BUN, SCRIPT, "--data", hamlet.data, "--port", "0"], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  for await (const line of service.stdout.pipeThrough(new TextDecoderStream())) {
    url = JSON.parse(line).url;
    break;
  }
  client = new ValTown({
    bearerToken: "My Bearer Token",
    baseURL: `http://127.0.0.1:${hamlet.port}`,
    maxRetries: 0,
  });
}, 60_000);
afterAll(async () => {
  service?.kill();
  await service?.exited;
  await hamlet?.[Symbol.asyncDispose]();
});

const window = { direction: "asc" as const, limit: 1, start: AT, end: AT, branch_ids: [ID], file_id: ID };
const page = { limit: 1, offset: 0 };
const IGNORED = {
  "Cache-Control": "Cache-Control",
  "If-Match": "If-Match",
  "If-Modified-Since": "If-Modified-Since",
  "If-None-Match": "If-None-Match",
  "If-Unmodified-Since": "If-Unmodified-Since",
};
const moved = { content: "content", name: "name", parent_path: "parent_path", type: "file" as const };

/** What each test of the suite asks, by its name there (reference: the table of the REST interface's §16). */
const CALLS: readonly [test: string, call: () => Promise<unknown>][] = [
  ["resource username retrieve", () => client.alias.username.retrieve("username")],
  ["resource valName retrieve", () => client.alias.username.valName.retrieve("username", "val_name")],
  ["resource users retrieve", () => client.users.retrieve(ID)],
  ["resource profile retrieve", () => client.me.profile.retrieve()],
  ["resource vals list", () => client.me.vals.list(page)],
  ["resource orgs list", () => client.orgs.list(page)],
  ["resource memberships list", () => client.get(`/v2/orgs/${ID}/memberships`)],
  ["resource blobs list", () => client.blobs.list()],
  ["resource blobs delete", () => client.blobs.delete("x")],
  ["resource sqlite execute", () => client.sqlite.execute({ statement: "SELECT 1;" })],
  ["resource sqlite batch", () => client.sqlite.batch({ statements: ["SELECT 1;"], mode: "read" })],
  ["resource emails send", () => client.emails.send({})],
  ["resource traces list", () => client.telemetry.traces.list({ ...window, order_by: "start_time" })],
  ["resource logs list", () => client.telemetry.logs.list({ ...window, trace_ids: ["x".repeat(32)] })],
  ["resource vals list", () => client.search.vals.list({ ...page, query: "x" })],
  [
    "resource token google",
    () => client.post("/v3/connections/google-docs/token", { body: { email: "email" } }),
  ],
  [
    "resource token slack",
    () => client.post("/v3/connections/slack/token", { body: { team_id: "team_id" } }),
  ],
  ["resource vals create: only", () => client.vals.create({ name: "myVal", privacy: "public" })],
  [
    "resource vals create: required and optional params",
    () => client.vals.create({ name: "myVal", privacy: "public", description: "My val", orgId: ID }),
  ],
  ["resource vals retrieve", () => client.vals.retrieve(ID)],
  ["resource vals list", () => client.vals.list({ limit: 1, cursor: AT, privacy: "public", user_id: ID })],
  ["resource vals delete", () => client.vals.delete(ID)],
  ["resource branches create: only", () => client.vals.branches.create(ID, { name: "my-branch" })],
  [
    "resource branches create: required and optional params",
    () => client.vals.branches.create(ID, { name: "my-branch", branchId: MAIN_ID }),
  ],
  ["resource branches retrieve", () => client.vals.branches.retrieve(ID, ID)],
  ["resource branches list", () => client.vals.branches.list(ID, page)],
  ["resource branches delete: only", () => client.vals.branches.delete(ID, ID)],
  ["resource branches delete: required and optional params", () => client.vals.branches.delete(ID, ID)],
  [
    "resource files create: only required params",
    () => client.vals.files.create(ID, { path: "path", type: "directory" }),
  ],
  [
    "resource files create: required and optional params",
    () => client.vals.files.create(ID, { path: "path", type: "directory", branch_id: ID, content: null }),
  ],
  [
    "resource files retrieve",
    () =>
      client.vals.files.retrieve(ID, { ...page, path: "path", recursive: true, branch_id: ID, version: 0 }),
  ],
  ["resource files update: only", () => client.vals.files.update(ID, { path: "path" })],
  [
    "resource files update: required and optional params",
    () => client.vals.files.update(ID, { ...moved, path: "path", branch_id: ID }),
  ],
  ["resource files delete: only", () => client.vals.files.delete(ID, { path: "path", recursive: true })],
  [
    "resource files delete: required and optional params",
    () => client.vals.files.delete(ID, { path: "path", recursive: true, branch_id: ID }),
  ],
  [
    "resource files getContent",
    () => client.vals.files.getContent(ID, { path: "path", version: 0, branch_id: ID, ...IGNORED }),
  ],
  [
    "resource environmentVariables create: only",
    () => client.vals.environmentVariables.create(ID, { key: "key", value: "value" }),
  ],
  [
    "resource environmentVariables create: required and optional params",
    () => client.vals.environmentVariables.create(ID, { key: "key", value: "value", description: "d" }),
  ],
  [
    "resource environmentVariables update",
    () => client.vals.environmentVariables.update(ID, "key", { value: "value", description: "d" }),
  ],
  ["resource environmentVariables list", () => client.vals.environmentVariables.list(ID, page)],
  ["resource environmentVariables delete: only", () => client.vals.environmentVariables.delete(ID, "key")],
  [
    "resource environmentVariables delete: required and optional params",
    () => client.vals.environmentVariables.delete(ID, "key"),
  ],
  ["resource files retrieve", () => client.files.retrieve(ID)],
];

test("before each call of the suite it makes what that one needs, whatever the one before has left", async () => {
  const failed: string[] = [];
  for (const [name, call] of CALLS) {
    const made = await fetch(url, { method: "POST", body: name });
    if (!made.ok) failed.push(`${name}: the fixture: ${await made.text()}`);
    await call().catch((error) => failed.push(`${name}: ${error.message}`));
  }
  expect(failed).toEqual([]);
}, 60_000);

test("as a command it does the same once, and says what it lacks", async () => {
  const run = async (...args: string[]) => {
    const child = Bun.spawn([BUN, SCRIPT, ...args], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    return [await child.exited, await child.stderr.text()];
  };
  expect(await run("--data", hamlet.data, "--test", "resource vals delete")).toEqual([0, ""]);
  await client.vals.delete(ID);
  expect(await run("--data", hamlet.data, "--test", "resource vals retrieve")).toEqual([0, ""]);
  expect((await client.vals.retrieve(ID)).name).toBe("fixture");
  expect(await run("--data", "/nowhere", "--test", "x")).toEqual([2, expect.stringContaining("no Hamlet")]);
  expect(await run("--data", hamlet.data)).toEqual([2, expect.stringContaining("Give --data")]);
});
