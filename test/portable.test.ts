/** Vals leave a town and come into another one, and are the same. */

import { expect, test } from "bun:test";
import { comparable, unpack } from "./support/archive.ts";
import { makeTown, type Town } from "./support/town.ts";

async function download(town: Town, path: string, token = town.ann.token): Promise<Uint8Array<ArrayBuffer>> {
  const headers: Record<string, string> = token === "" ? {} : { authorization: `Bearer ${token}` };
  const response = await town.api.fetch(
    new Request(`http://api.localhost:3000${path}`, { headers: new Headers(headers) }),
  );
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  expect(response.headers.get("content-type")).toBe("application/x-tar");
  return new Uint8Array(await response.arrayBuffer());
}

const upload = (town: Town, archive: Uint8Array<ArrayBuffer>, query = "", token = town.ann.token) =>
  town.call("POST", `/v3/import${query}`, {
    body: archive,
    headers: { "content-type": "application/x-tar" },
    token,
  });

const SQL = [
  "create table notes (id integer primary key autoincrement, text, data blob, number real)",
  "insert into notes values (1, 'it''s; a ''line''\nand another', x'00ff', 1.5), (7, '漢字 \u{1F600}', null, -1e300)",
  "insert into notes values (9, 'nul' || char(0) || 'inside', 9223372036854775807, 0.1)",
  'create table plain (a, "b c")',
  "insert into plain (rowid, a) values (5, 1), (9, 2)",
  "create table keyed (k text primary key, v) without rowid",
  "insert into keyed values ('a', 1), ('b', 2)",
  "create index by_text on notes (text)",
  "create view short as select id from notes",
  "create trigger counted after insert on plain begin update keyed set v = v + 1; delete from keyed where k = ';'; end",
  "create virtual table words using fts5 (text)",
  "insert into words (rowid, text) values (3, 'hello world'), (4, 'other')",
  "pragma user_version = 42",
];

/** A val with all there can be of one. */
async function fillTown(town: Town): Promise<string> {
  const id = await town.val("full", { privacy: "unlisted" });
  await town.file(id, "main.ts", "export default () => new Response('hi');\n", "http");
  await town.file(id, "lib/deep/util.ts", "export const a = '漢字 \u{1F600}';\r\n");
  await town.file(id, "README.md", "", "file");
  await town.file(id, "cron.ts", "export default () => {}", "interval");
  const empty = `/v2/vals/${id}/files?path=empty`;
  await town.expect(201, "POST", empty, { json: { type: "directory" } });
  const dev = (await town.expect(201, "POST", `/v2/vals/${id}/branches`, { json: { name: "dev" } })).json;
  const where = `/v2/vals/${id}/files?branch_id=${dev.id}&path=`;
  await town.expect(200, "PUT", `${where}main.ts`, {
    json: { content: "export default () => new Response('dev');" },
  });
  await town.expect(204, "DELETE", `${where}README.md`);
  const next = { name: "dev-2", branchId: dev.id };
  await town.expect(201, "POST", `/v2/vals/${id}/branches`, { json: next });
  const variable = { key: "SECRET_KEY", value: "s3cret välue", description: "for the API" };
  await town.expect(201, "POST", `/v2/vals/${id}/environment_variables`, { json: variable });
  await town.expect(201, "POST", `/v3/vals/${id}/blob/${encodeURIComponent("../a/ü b")}`, {
    body: "of the val",
  });
  await town.expect(201, "POST", "/v1/blob/x%2Fy", { body: "of the account" });
  await town.expect(201, "POST", "/v1/blob/empty", { body: "" });
  for (const base of [`/v3/vals/${id}`, "/v1"])
    for (const statement of SQL)
      await town.expect(200, "POST", `${base}/sqlite/execute`, { json: { statement } });
  await town.val("bare", { privacy: "private" });
  return id;
}

test("an account that was exported and imported elsewhere is exported as the same", async () => {
  await using town = await makeTown();
  await fillTown(town);
  const archive = await download(town, "/v3/me/export?secrets=true");
  await using other = await makeTown();
  const { status, json, text } = await upload(other, archive);
  expect([status, text]).toEqual([200, expect.any(String)]);
  expect(
    json.vals.map((one: { name: string; status: string; build: string }) => [one.name, one.status]),
  ).toEqual([
    ["full", "made"],
    ["bare", "made"],
  ]);
  expect(json).toMatchObject({ blobs: { stored: 2, skipped: 0 }, database: "restored", message: null });
  const before = await unpack(archive);
  const after = await unpack(await download(other, "/v3/me/export?secrets=true"));
  expect(comparable(after)).toEqual(comparable(before));
  expect([...before.keys()]).toContain("vals/full/files/dev/lib/deep/util.ts");
  expect(before.get("vals/full/variables.json")).toContain("s3cret");
  expect(before.get("vals/full/database.sql")).toContain("CREATE TRIGGER");
  // Built as if it had been saved.
  const { id } = json.vals[0].val;
  expect(other.told.filter((one) => one === `saved ${id}`)).toHaveLength(3);
  const ask = async (statement: string) =>
    (await other.expect(200, "POST", `/v3/vals/${id}/sqlite/execute`, { json: { statement } })).json.rows;
  expect(await ask("select id, text, hex(data), number from notes where id = 1")).toEqual([
    [1, "it's; a 'line'\nand another", "00FF", 1.5],
  ]);
  expect(await ask("select hex(text), data from notes where id = 9")).toEqual([
    [Buffer.from("nul\0inside").toString("hex").toUpperCase(), "9223372036854775807"],
  ]);
  expect(await ask("select rowid, a from plain")).toEqual([
    [5, 1],
    [9, 2],
  ]);
  expect(await ask("select rowid from words where words match 'world'")).toEqual([[3]]);
  expect(await ask("select v from keyed where k = 'a'")).toEqual([[1]]);
  expect(await ask("pragma user_version")).toEqual([[42]]);
}, 60_000);

test("a reader gets the files; names of variables, values and data are for who may change the val", async () => {
  await using town = await makeTown();
  const id = await fillTown(town);
  const where = `/v3/vals/${id}/export`;
  const read = await unpack(await download(town, where, ""));
  expect([...read.keys()].filter((name) => !name.includes("/files/"))).toEqual([
    "hamlet.json",
    "vals/full/val.json",
  ]);
  const text = [...read.values()].join("");
  for (const secret of ["SECRET_KEY", "s3cret", "of the val"]) expect(text).not.toContain(secret);
  const others = await unpack(await download(town, where, town.bob.token));
  expect(comparable(others)).toEqual(comparable(read));
  const own = await unpack(await download(town, where));
  expect(own.get("vals/full/val.json")).toContain("SECRET_KEY");
  expect([...own.values()].join("")).not.toContain("s3cret");
  for (const more of ["?secrets=true", "?data=true"]) {
    await town.expect(403, "GET", where + more, { token: town.bob.token });
    await town.expect(403, "GET", where + more, { token: "" });
    await town.expect(403, "GET", where + more, {
      token: await town.token("val:write", "blob:write", "sqlite:write"),
    });
  }
  const all = await unpack(await download(town, `${where}?secrets=true&data=true`));
  expect([...all.values()].join("")).toContain("of the val");
  const worker = town.auth.mint({ userId: town.ann.id, username: "ann", valId: id, valName: "full" });
  await town.expect(403, "GET", "/v3/me/export", { token: worker.token });
  const bare = (await town.expect(200, "GET", "/v2/alias/vals/ann/bare")).json.id;
  await town.expect(404, "GET", `/v3/vals/${bare}/export`, { token: town.bob.token });
}, 60_000);

test("the history of a val has every version of every file", async () => {
  await using town = await makeTown();
  const id = await town.val("old");
  await town.file(id, "a.ts", "one");
  await town.expect(200, "PUT", `/v2/vals/${id}/files?path=a.ts`, { json: { content: "two" } });
  await town.expect(204, "DELETE", `/v2/vals/${id}/files?path=a.ts`);
  const found = await unpack(await download(town, `/v3/vals/${id}/export?history=true`, ""));
  const lines = found
    .get("vals/old/history.json")!
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ version, author, files }) => [version, author, files])).toEqual([
    [0, "ann", []],
    [1, "ann", [{ path: "a.ts", type: "script" }]],
    [2, "ann", [{ path: "a.ts", type: "script" }]],
    [3, "ann", [{ path: "a.ts", type: "script", deleted: true }]],
  ]);
  expect([found.get("vals/old/history/main/1/a.ts"), found.get("vals/old/history/main/2/a.ts")]).toEqual([
    "one",
    "two",
  ]);
});

test("what is there already stops the import, is passed over, or gets another name", async () => {
  await using town = await makeTown();
  const id = await town.val("same");
  await town.file(id, "a.ts", "1");
  const archive = await download(town, `/v3/vals/${id}/export`);
  const { status, json, headers } = await upload(town, archive);
  expect([status, json.message, headers.get("x-should-retry")]).toEqual([
    409,
    expect.stringContaining("same"),
    "false",
  ]);
  const skipped = await upload(town, archive, "?on_conflict=skip");
  expect(skipped.json.vals).toMatchObject([{ name: "same", status: "skipped", val: null }]);
  for (const name of ["same-2", "same-3"]) {
    const renamed = await upload(town, archive, "?on_conflict=rename");
    expect(renamed.json.vals).toMatchObject([{ name: "same", status: "made", val: { name } }]);
  }
  expect((await upload(town, archive, "", town.bob.token)).json.vals).toMatchObject([{ status: "made" }]);
  const acme = await town.store.orgs.create({ username: "acme", ownerId: town.ann.id });
  town.auth.forget(town.ann.id);
  const given = await upload(town, archive, `?org_id=${acme.id}`);
  expect(given.json.vals[0].val.author.username).toBe("acme");
  expect((await upload(town, archive, `?org_id=${acme.id}`, town.bob.token)).status).toBe(404);
});

test("an address of its owner's choice goes along with an email file, if it can be had there", async () => {
  await using town = await makeTown();
  const id = await town.val("letters");
  const file = await town.file(id, "mail.ts", "export default () => {}", "email");
  await town.expect(200, "PATCH", `/v3/files/${file.id}/trigger`, { json: { emailName: "shop" } });
  const archive = await download(town, `/v3/vals/${id}/export`, "");
  const resolve = async (there: Town) => (await there.store.mailAddresses.resolve("shop"))?.valId;
  await using other = await makeTown();
  const made = await upload(other, archive);
  expect(await resolve(other)).toBe(made.json.vals[0].val.id);
  const again = await upload(town, archive, "?on_conflict=rename");
  expect(again.json.vals).toMatchObject([{ status: "made", val: { name: "letters-2" } }]);
  expect(await resolve(town)).toBe(id);
});

test("who asks while the account is being deleted gets no archive and no failure", async () => {
  await using town = await makeTown();
  const { store, bob } = town;
  const acme = await store.orgs.create({ username: "acme", ownerId: bob.id });
  const exportOf = async (path: string) =>
    (await town.call("GET", `/v3/${path}/export`, { token: bob.token })).status;
  expect([await exportOf(`orgs/${acme.id}`), await exportOf("me")]).toEqual([200, 200]);
  // Rows go first: who asked a moment ago is known until the API is told to forget.
  await store.accounts.remove(acme.id);
  expect(await exportOf(`orgs/${acme.id}`)).toBe(404);
  await store.accounts.remove(bob.id);
  expect(await exportOf("me")).toBe(401);
});
