/** Variables of vals: what the API takes and tells, and what lies on the disk. */

import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSecret } from "../src/services/secret.ts";
import { openStore } from "../src/store/store.ts";
import { MAX_ENVIRONMENT, PLATFORM_VARIABLES } from "../src/val/environment.ts";
import { play, type Scenario } from "./support/scenario.ts";
import { failureOf } from "./support/store.ts";
import { makeTown, type Town } from "./support/town.ts";

const where = (valId: string, key = "") =>
  `/v2/vals/${valId}/environment_variables${key === "" ? "" : `/${key}`}`;

test("a variable is made, changed, listed without its value and deleted, and the val restarts each time", async () => {
  let now = Date.parse("2026-01-02T03:04:05.678Z");
  await using town = await makeTown({ now: () => now });
  const val = await town.val("hello");
  const made = await town.expect(201, "POST", where(val), { json: { key: "KEY", value: "s3cret" } });
  const first = { key: "KEY", description: null, createdAt: "2026-01-02T03:04:05.678Z", updatedAt: null };
  expect(made.json).toEqual(first);
  expect(await town.store.environment.values(val)).toEqual({ KEY: "s3cret" });
  now += 1000;
  const json = { value: "", description: "of the shop" };
  const changed = await town.expect(201, "PUT", where(val, "KEY"), { json });
  const second = { ...first, description: "of the shop", updatedAt: "2026-01-02T03:04:06.678Z" };
  expect(changed.json).toEqual(second);
  // A description that is not named stays; null takes it away.
  const again = await town.expect(201, "PUT", where(val, "KEY"), { json: { value: "third" } });
  expect(again.json.description).toBe("of the shop");
  const listed = await town.expect(200, "GET", where(val));
  expect(listed.json.data).toEqual([second]);
  const bare = await town.expect(201, "PUT", where(val, "KEY"), { json: { value: "x", description: null } });
  expect(bare.json.description).toBeNull();
  await town.expect(204, "DELETE", where(val, "KEY"));
  await town.expect(404, "DELETE", where(val, "KEY"));
  expect(await town.store.environment.values(val)).toEqual({});
  expect(town.told).toEqual(Array(5).fill(`configured ${val}`));
});

test("a list comes in pages, by name", async () => {
  await using town = await makeTown();
  const val = await town.val("hello");
  for (const key of ["C", "A", "b", "_", "B"])
    await town.expect(201, "POST", where(val), { json: { key, value: key } });
  const seen: string[] = [];
  let next: string | undefined = `${where(val)}?limit=2`;
  while (next !== undefined) {
    const { json } = await town.expect(200, "GET", next);
    seen.push(...json.data.map((one: { key: string }) => one.key));
    next = json.links.next;
  }
  expect(seen).toEqual(["A", "B", "C", "_", "b"]);
});

test("what is saved is answered even when the restart fails", async () => {
  await using town = await makeTown();
  const val = await town.val("hello");
  town.configured = () => Promise.reject(new Error("no room"));
  await town.expect(201, "POST", where(val), { json: { key: "A", value: "1" } });
  expect(await town.store.environment.values(val)).toEqual({ A: "1" });
});

test("variables belong to one val, and go with it", async () => {
  await using town = await makeTown();
  const [one, two] = [await town.val("one"), await town.val("two")];
  await town.expect(201, "POST", where(one), { json: { key: "A", value: "1" } });
  await town.expect(201, "POST", where(two), { json: { key: "A", value: "2" } });
  const all = await town.store.environment.all();
  expect(Object.fromEntries(all)).toEqual({ [one]: { A: "1" }, [two]: { A: "2" } });
  await town.expect(204, "DELETE", `/v2/vals/${one}`);
  expect(Object.fromEntries(await town.store.environment.all())).toEqual({ [two]: { A: "2" } });
  expect(await failureOf(town.store.environment.create(one, { key: "A", value: "1" }))).toBe("no_val");
});

describe("what is refused", () => {
  let town: Town;
  const names: Record<string, string> = {};
  beforeAll(async () => {
    town = await makeTown();
    names.val = await town.val("hello");
    names.private = await town.val("hidden", { privacy: "private" });
    await town.expect(201, "POST", where(names.val), { json: { key: "TAKEN", value: "s3cret" } });
    town.told.length = 0;
  });
  afterAll(() => town[Symbol.asyncDispose]());

  const POST = "POST /v2/vals/{val}/environment_variables";
  const PUT = "PUT /v2/vals/{val}/environment_variables/TAKEN";
  const bad = (title: string, json: unknown, ...has: (string | RegExp)[]): Scenario => ({
    title,
    request: POST,
    options: { json },
    status: 400,
    has,
  });
  const SCENARIOS: readonly Scenario[] = [
    bad("a key that begins with a digit", { key: "1A", value: "" }, "body/key"),
    bad("a key with a dash", { key: "A-B", value: "" }, "body/key"),
    bad("an empty key", { key: "", value: "" }, "body/key"),
    bad("a key that is too long", { key: "A".repeat(8193), value: "" }, "body/key"),
    bad("no value", { key: "A" }, "body must have required property 'value'"),
    bad("a value that is too long", { key: "A", value: "x".repeat(8193) }, "body/value"),
    bad("a value with a NUL", { key: "A", value: "a\0b" }, "NUL"),
    bad("a long description", { key: "A", value: "", description: "x".repeat(1025) }, "body/description"),
    ...PLATFORM_VARIABLES.map((key) =>
      bad(`the town's own ${key}`, { key, value: "x" }, "by the town itself"),
    ),
    {
      title: "a key that is taken",
      request: POST,
      options: { json: { key: "TAKEN", value: "new" } },
      status: 409,
      has: ['"Key already exists"'],
    },
    {
      title: "a change of what is not there",
      request: PUT.replace("TAKEN", "NONE"),
      options: { json: { value: "x" } },
      status: 404,
      has: ["not found"],
    },
    { title: "a change with a NUL", request: PUT, options: { json: { value: "\0" } }, status: 400 },
    { title: "no token", request: `GET ${where("{val}")}`, options: { token: "" }, status: 401 },
    {
      title: "a list for someone else, even of a public val",
      request: `GET ${where("{val}")}`,
      options: (town) => ({ token: town.bob.token }),
      status: 403,
      not: ["TAKEN"],
    },
    {
      title: "a list of a private val for someone else",
      request: `GET ${where("{private}")}`,
      options: (town) => ({ token: town.bob.token }),
      status: 404,
    },
    {
      title: "a change by someone else",
      request: PUT,
      options: (town) => ({ token: town.bob.token, json: { value: "x" } }),
      status: 403,
    },
    {
      title: "a deletion by someone else",
      request: `DELETE ${where("{val}", "TAKEN")}`,
      options: (town) => ({ token: town.bob.token }),
      status: 403,
    },
    {
      title: "writing with a token that only reads",
      request: PUT,
      options: async (town) => ({ token: await town.token("val:read"), json: { value: "x" } }),
      status: 403,
      has: ["required permissions"],
    },
    {
      title: "reading with a token for something else",
      request: `GET ${where("{val}")}`,
      options: async (town) => ({ token: await town.token("blob:write") }),
      status: 403,
      has: ["required permissions"],
    },
  ];
  test.each(SCENARIOS)("$title", async (scenario) => {
    await play(town, { ...scenario, not: [...(scenario.not ?? []), "s3cret"] }, names);
    expect(town.told).toEqual([]);
    expect(await town.store.environment.values(names.val!)).toEqual({ TAKEN: "s3cret" });
  });

  test("more than a worker can be told, however it is written", async () => {
    const val = await town.val("full");
    const half = "x".repeat(8192);
    let taken = 0;
    let status = 201;
    for (let n = 0; status === 201; n++) {
      const answer = await town.call("POST", where(val), { json: { key: `K${n}`, value: half } });
      status = answer.status;
      if (status === 201) taken++;
      else expect(answer.json.message).toContain(`at most ${MAX_ENVIRONMENT}`);
    }
    expect(taken).toBe(15);
    // One character of these takes six in JSON.
    const wide = await town.call("PUT", where(val, "K0"), { json: { value: "\u0001".repeat(8192) } });
    expect(wide.status).toBe(400);
    const all = await town.store.environment.values(val);
    expect(JSON.stringify(all).length).toBeLessThanOrEqual(MAX_ENVIRONMENT);
    expect(all.K0).toBe(half);
  });
});

describe("on the disk", () => {
  const value = `s3cret-${"\u{1F600}".repeat(20)}`;

  test("a copy of the database tells no value, and the key is its owner's alone", async () => {
    await using town = await makeTown();
    const val = await town.val("hello");
    for (const key of ["A", "B"]) await town.store.environment.create(val, { key, value });
    const rows = rowsOf(town.folder);
    expect(rows[0]!.value).not.toBe(rows[1]!.value);
    for (const file of ["hamlet.db", "hamlet.db-wal"])
      expect(readFileSync(join(town.folder, file)).includes("s3cret")).toBe(false);
    const { mode, size } = statSync(join(town.folder, "secret.key"));
    expect([mode & 0o777, size]).toEqual([0o600, 32]);
  });

  test("the next start reads what this one wrote", async () => {
    await using town = await makeTown();
    const val = await town.val("hello");
    await town.store.environment.create(val, { key: "A", value });
    await using again = await reopen(town.folder);
    expect(await again.store.environment.values(val)).toEqual({ A: value });
  });

  test("a value that was moved to another val or name, or changed, is not given out", async () => {
    await using town = await makeTown();
    const [one, two] = [await town.val("one"), await town.val("two")];
    await town.store.environment.create(one, { key: "A", value });
    for (const sql of [
      `update env_vars set val_id = '${two}'`,
      `update env_vars set val_id = '${one}', key = 'B'`,
      "update env_vars set key = 'A', value = substr(value, 1, 40) || 'AAAA'",
    ]) {
      edit(town.folder, sql);
      for (const val of [one, two]) {
        const values = await town.store.environment.values(val).catch(() => "refused");
        expect([{}, "refused"]).toContainEqual(values);
      }
      expect(await town.store.environment.all().catch(() => "refused")).toBe("refused");
    }
  });

  test("a start without the key, or with another one, says what is missing and makes none anew", async () => {
    await using town = await makeTown();
    const val = await town.val("hello");
    await town.store.environment.create(val, { key: "A", value });
    const path = join(town.folder, "secret.key");
    const key = readFileSync(path);
    rmSync(path);
    expect(await failureOf(reopen(town.folder))).toMatch(
      /secret\.key is missing\. Restore it from the backup/,
    );
    writeFileSync(path, Buffer.alloc(32, 7));
    expect(await failureOf(reopen(town.folder))).toMatch(/is not the key that this data was encrypted with/);
    writeFileSync(path, "short");
    expect(await failureOf(reopen(town.folder))).toMatch(/is damaged: it has 5 bytes, not 32/);
    writeFileSync(path, key);
    await using again = await reopen(town.folder);
    expect(await again.store.environment.values(val)).toEqual({ A: value });
  });

  test("without variables a lost key is no loss", async () => {
    await using town = await makeTown();
    rmSync(join(town.folder, "secret.key"));
    await using again = await reopen(town.folder);
    const val = await town.val("hello");
    await again.store.environment.create(val, { key: "A", value });
    expect(await again.store.environment.values(val)).toEqual({ A: value });
  });
});

async function reopen(folder: string) {
  const store = await openStore({ folder, cipher: (sample) => openSecret(folder, sample) });
  return { store, [Symbol.asyncDispose]: () => store.close() };
}

function edit(folder: string, sql: string): void {
  using database = new Database(join(folder, "hamlet.db"));
  database.run("pragma busy_timeout = 5000");
  database.run(sql);
}

function rowsOf(folder: string): { value: string }[] {
  using database = new Database(join(folder, "hamlet.db"), { readonly: true });
  return database.query("select value from env_vars").all() as { value: string }[];
}
