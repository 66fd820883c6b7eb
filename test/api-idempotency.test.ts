/** POSTs that are sent again with the same `Idempotency-Key`. */

import { Database } from "bun:sqlite";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { expectProblem } from "./support/scenario.ts";
import { makeTown, type Town } from "./support/town.ts";

const DAY = 24 * 60 * 60 * 1000;

let town: Town;
let time = Date.now();

beforeAll(async () => {
  town = await makeTown({ now: () => time });
});
afterAll(() => town[Symbol.asyncDispose]());

const post = (key: string, name: string, more: { token?: string; path?: string } = {}) =>
  town.call("POST", more.path ?? "/v2/vals", {
    json: { name, privacy: "public" },
    headers: { "idempotency-key": key },
    ...(more.token !== undefined && { token: more.token }),
  });

test("a POST that is sent again makes nothing new and is answered as before", async () => {
  const first = await post("key-1", "once");
  expect([first.status, first.headers.get("idempotency-replayed")]).toEqual([201, null]);
  for (const key of ["key-1", '"key-1"']) {
    const again = await post(key, "once");
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(again.headers.get("content-type")).toBe(first.headers.get("content-type"));
  }
  // Without a key it is a request of its own.
  expect((await town.call("POST", "/v2/vals", { json: { name: "once", privacy: "public" } })).status).toBe(
    409,
  );
});

test("a key belongs to one request, and to one token", async () => {
  await post("key-2", "mine");
  for (const answer of [
    await post("key-2", "other"),
    await post("key-2", "mine", { path: "/v2/vals?x=1" }),
  ]) {
    expect(answer.status).toBe(422);
    expectProblem(answer);
  }
  expect((await post("key-2", "mine", { token: town.bob.token })).status).toBe(201);
  const reader = await town.token("val:read");
  expect((await post("key-2", "mine", { token: reader })).status).toBe(403);
  expect((await post("key-2", "mine", { token: "" })).status).toBe(401);
});

test("what was refused did nothing: the same key may be used again, also for another request", async () => {
  expect((await post("key-3", "9")).status).toBe(400);
  expect((await post("key-3", "once")).status).toBe(409);
  expect((await post("key-3", "thrice")).status).toBe(201);
});

test("a key that is none is refused, and other methods do without", async () => {
  for (const key of ["x".repeat(256), "a b", "ü"]) expect((await post(key, "never")).status).toBe(400);
  const headers = { "idempotency-key": "key-1" };
  expect((await town.call("GET", "/v1/me", { headers })).headers.get("idempotency-replayed")).toBeNull();
});

test("while the first one is being answered, the second one is told to come again", async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const reached = Promise.withResolvers<void>();
  const valId = await town.val("slow");
  town.report = () => {
    reached.resolve();
    return promise;
  };
  const send = () =>
    town.call("POST", `/v2/vals/${valId}/files?path=a.ts`, {
      json: { type: "http", content: "1" },
      headers: { "idempotency-key": "key-4" },
    });
  const first = send();
  await reached.promise;
  const second = await send();
  expect(second.status).toBe(409);
  expect(second.headers.get("x-should-retry")).toBe("true");
  expect(second.headers.get("retry-after")).toBe("1");
  resolve(undefined);
  expect((await first).status).toBe(201);
  expect((await send()).text).toBe((await first).text);
});

test("a request that was cut off by the end of the server is never done twice", async () => {
  await post("key-5", "cutoff");
  using raw = new Database(join(town.folder, "hamlet.db"));
  raw.run("pragma busy_timeout = 5000");
  raw.run("update requests set status = null, headers = null, body = null where key = 'key-5'");
  const again = await post("key-5", "cutoff");
  expect([again.status, again.headers.get("x-should-retry")]).toEqual([409, "false"]);
  expectProblem(again);
});

test("answers lie on the disk encrypted, a day long, and no more than 500 of an account", async () => {
  await post("key-6", "sealed");
  using raw = new Database(join(town.folder, "hamlet.db"));
  const rows = raw.query("select * from requests").values();
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toContain("sealed");
  time += DAY;
  expect((await post("key-6", "sealed")).status).toBe(409);
  expect(raw.query("select count(*) from requests").values()).toEqual([[0]]);

  const insert = raw.query(
    "insert into requests (owner, key, user_id, fingerprint, created_at) values ('token x', ?, ?, '', ?)",
  );
  for (let i = 0; i < 600; i++) insert.run(String(i), town.ann.id, time - 1000 + i);
  await post("key-7", "last");
  expect(raw.query("select count(*), max(key = 'key-7') from requests").values()).toEqual([[500, 1]]);
});

test("a mail is not sent twice", async () => {
  const send = () =>
    town.call("POST", "/v1/email", { json: { subject: "one" }, headers: { "idempotency-key": "key-8" } });
  const [first, again] = [await send(), await send()];
  expect([first.status, again.status, again.text]).toEqual([202, 202, first.text]);
  expect((await town.expect(200, "GET", "/v3/mails")).json.data).toHaveLength(1);
});

test("what a val of its former owner's was answered, its new owner's is not", async () => {
  const valId = await town.val("handed-over");
  const send = async (person: { id: string }, username: string) => {
    const { token } = town.auth.mint({ userId: person.id, username, valId, valName: "handed-over" });
    const headers = { "idempotency-key": "key-9", "content-length": "17" };
    const options = { json: { subject: "two" }, headers, token };
    return await town.expect(202, "POST", "/v1/email", options);
  };
  await send(town.ann, "ann");
  const second = await send(town.bob, "Bob");
  expect(second.headers.get("idempotency-replayed")).toBeNull();
});
