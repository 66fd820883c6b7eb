/** Databases as SQL, for whoever may read them. */

import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { makeTown } from "./support/town.ts";

test("a database leaves as the SQL that makes it again, for its owner and the val itself alone", async () => {
  await using town = await makeTown();
  const valId = await town.val("hello");
  const base = `/v3/vals/${valId}/sqlite`;
  const none = await town.expect(200, "GET", `${base}/dump`);
  expect(none.text).toBe("");
  const statements = ["create table t (a text, b int)", "insert into t values ('x''y\n', 1), (null, 2)"];
  await town.expect(200, "POST", `${base}/batch`, { json: { statements } });
  const dump = await town.expect(200, "GET", `${base}/dump`);
  expect(dump.headers.get("content-type")).toBe("application/sql; charset=utf-8");
  expect(dump.headers.get("content-disposition")).toBe(`attachment; filename="val-${valId}.sql"`);
  using copy = new Database(":memory:");
  copy.exec(dump.text);
  expect(copy.query("select * from t").values()).toEqual([
    ["x'y\n", 1],
    [null, 2],
  ]);
  const worker = town.auth.mint({ userId: town.ann.id, username: "ann", valId, valName: "hello" });
  const own = await town.expect(200, "GET", "/v3/vals/self/sqlite/dump", { token: worker.token });
  expect(own.text).toBe(dump.text);
  await town.expect(403, "GET", `${base}/dump`, { token: town.bob.token });
  await town.expect(401, "GET", `${base}/dump`, { token: "" });
  await town.expect(200, "POST", "/v1/sqlite/execute", { json: { statement: "create table mine (a)" } });
  expect((await town.expect(200, "GET", "/v3/sqlite/dump")).text).toContain("mine");
  expect((await town.expect(200, "GET", "/v3/sqlite/dump", { token: town.bob.token })).text).toBe("");
});
