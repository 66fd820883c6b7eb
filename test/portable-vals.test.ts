/** Each val of an archive is made whole or not at all. */

import { expect, test } from "bun:test";
import { pack } from "./support/archive.ts";
import { makeTown, type Town } from "./support/town.ts";

const upload = (town: Town, archive: Uint8Array<ArrayBuffer>, query = "", token = town.ann.token) =>
  town.call("POST", `/v3/import${query}`, {
    body: archive,
    headers: { "content-type": "application/x-tar" },
    token,
  });

const val = (more: object = {}) =>
  JSON.stringify({
    name: "v",
    description: null,
    privacy: "public",
    branches: [{ name: "main", parent: null, files: [{ path: "a.ts", type: "script" }] }],
    ...more,
  });
const file = { "vals/v/files/main/a.ts": "1" };
const branch = (name: string, parent: string | null) => ({ name, parent, files: [] });

/** Each leaves nothing behind: no val, no blob, no database. */
const FAILURES: readonly [title: string, entries: Record<string, string>, says: string][] = [
  ["a file that is missing", { "vals/v/val.json": val() }, "missing"],
  ["a val under another name", { "vals/w/val.json": val() }, "about v"],
  ["no branch main", { "vals/v/val.json": val({ branches: [branch("dev", null)] }) }, "main"],
  [
    "a parent that comes later",
    { "vals/v/val.json": val({ branches: [branch("main", null), branch("a", "b"), branch("b", "main")] }) },
    "behind its parent",
  ],
  [
    "a file twice",
    {
      "vals/v/val.json": val({
        branches: [
          {
            ...branch("main", null),
            files: [
              { path: "a.ts", type: "script" },
              { path: "a.ts", type: "script" },
            ],
          },
        ],
      }),
      ...file,
    },
    "already",
  ],
  [
    "a name that is none",
    { "vals/9/val.json": val({ name: "9" }), "vals/9/files/main/a.ts": "1" },
    "begins with a letter",
  ],
  ["a privacy that is none", { "vals/v/val.json": val({ privacy: "maybe" }), ...file }, "privacy"],
  ["no JSON", { "vals/v/val.json": "{" }, "not JSON"],
  [
    "a variable of the town's own",
    {
      "vals/v/val.json": val({ variables: [{ key: "valtown", description: null }] }),
      "vals/v/variables.json": '{"valtown":"x"}',
      ...file,
    },
    "set by the town",
  ],
  [
    "SQL that fails half way",
    {
      "vals/v/val.json": val(),
      ...file,
      "vals/v/database.sql": "create table t (a);\nbegin;\ninsert into t values (1);\nnonsense;",
    },
    "nonsense",
  ],
  [
    "SQL that reaches for a file",
    { "vals/v/val.json": val(), ...file, "vals/v/database.sql": "attach '/etc/passwd' as p;" },
    "not",
  ],
  [
    "a transaction that is left open",
    { "vals/v/val.json": val(), ...file, "vals/v/database.sql": "begin; create table t (a);" },
    "transaction",
  ],
  [
    "a blob without a key",
    {
      "vals/v/val.json": val(),
      ...file,
      "vals/v/blobs.json": '[{"file":"00000001","key":"","contentType":null}]',
      "vals/v/blobs/00000001": "x",
    },
    "key",
  ],
];

test("a val that is not in order is not made at all, and says why; the others are", async () => {
  await using town = await makeTown();
  const good = val({ name: "good" });
  for (const [title, entries, says] of FAILURES) {
    const archive = pack({ ...entries, "vals/good/val.json": good, "vals/good/files/main/a.ts": "1" });
    const { json } = await upload(town, archive, "?on_conflict=rename");
    expect([title, json.vals[0]]).toMatchObject([
      title,
      { status: "failed", val: null, message: expect.stringContaining(says) },
    ]);
    expect([title, json.vals[1].status]).toEqual([title, "made"]);
  }
  expect(await town.store.vals.findByName("ann", "v")).toBeUndefined();
  const blobs = await town.store.blobs.usage(town.ann.id);
  expect(blobs).toBe(0);
  expect((await town.expect(200, "GET", "/v3/me/usage")).json.databases).toEqual([]);
}, 60_000);

test("variables without a value are told, blobs beyond the quota are refused before anything is made", async () => {
  await using town = await makeTown();
  const keys = [{ key: "A", description: null }];
  const { json } = await upload(town, pack({ "vals/v/val.json": val({ variables: keys }), ...file }));
  expect(json.vals[0]).toMatchObject({ status: "made", missingVariables: ["A"] });
  const blobs = '[{"file":"00000001","key":"big","contentType":null}]';
  const archive = pack({
    "vals/w/val.json": val({ name: "w" }),
    "blobs.json": blobs,
    "blobs/00000001": "x".repeat(1024 * 1024 + 1),
  });
  const refused = await upload(town, archive);
  expect([refused.status, refused.json.message]).toEqual([413, expect.stringContaining("blobs")]);
  expect(await town.store.vals.findByName("ann", "w")).toBeUndefined();
  const weak = await town.token("val:write");
  expect((await upload(town, pack({ "blobs.json": "[]" }), "", weak)).status).toBe(403);
  expect(
    (
      await upload(
        town,
        pack({ "vals/x/val.json": val({ name: "x" }), "vals/x/files/main/a.ts": "" }),
        "",
        weak,
      )
    ).status,
  ).toBe(200);
});
