/** Blobs through a real server: what Val Town's clients send, and what they are told. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import ValTown from "@valtown/sdk";
import { inPieces, makeBytes } from "./support/blobs.ts";
import { addUser, startHamlet, type TestHamlet } from "./support/server.ts";

const MB = 1024 * 1024;
const QUOTA = 20 * MB;
let hamlet: TestHamlet;
let sdk: ValTown;

beforeAll(async () => {
  hamlet = await startHamlet({
    args: ["--pool", "0", "--blob-quota", `${QUOTA / MB}MB`, "--max-body", "64MB"],
  });
  sdk = new ValTown({
    bearerToken: hamlet.token,
    baseURL: `http://127.0.0.1:${hamlet.port}/api`,
    maxRetries: 0,
  });
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

type Body = Bun.BodyInit | null;

const put = (path: string, body: Body = "x", init: RequestInit = {}) =>
  hamlet.api(path, { method: "POST", body, ...init });

/** The API with a token of someone's. */
const as = (token: string, path: string, init: RequestInit = {}) =>
  hamlet.api(path, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });

async function keysAt(path: string): Promise<string[]> {
  return ((await (await hamlet.api(path)).json()) as { key: string }[]).map(({ key }) => key);
}

test("storing, listing, reading and deleting a blob, as the documentation of Val Town's API says", async () => {
  const stored = await put("/v1/blob/doc", "hello", { headers: { "content-type": "text/plain" } });
  expect([stored.status, stored.headers.get("content-type"), await stored.json()]).toEqual([
    201,
    "application/json",
    "ok",
  ]);
  const listed = await hamlet.api("/v1/blob?prefix=do");
  const [item] = (await listed.json()) as { key: string; size: number; lastModified: string }[];
  expect([listed.status, item]).toEqual([200, { key: "doc", size: 5, lastModified: expect.any(String) }]);
  expect(new Date(item!.lastModified).toISOString()).toBe(item!.lastModified);
  const read = await hamlet.api("/v1/blob/doc");
  expect([read.status, read.headers.get("content-type"), await read.text()]).toEqual([
    200,
    "application/octet-stream",
    "hello",
  ]);
  expect(read.headers.get("content-length")).toBe("5");
  for (let i = 0; i < 2; i++) {
    const deleted = await hamlet.api("/v1/blob/doc", { method: "DELETE" });
    expect([deleted.status, await deleted.text()]).toEqual([204, ""]);
  }
  const gone = await hamlet.api("/v1/blob/doc");
  expect([gone.status, await gone.json()]).toEqual([
    404,
    { statusCode: 404, error: "Not Found", message: "Blob not found" },
  ]);
  expect(await keysAt("/v1/blob?prefix=do")).toEqual([]);
});

describe("a key in a URL", () => {
  const KEYS: readonly [path: string, key: string][] = [
    ["a%2Fb", "a/b"],
    ["a/b", "a/b"],
    ["/lead", "/lead"],
    ["%2Flead", "/lead"],
    ["tail/", "tail/"],
    ["a%2F..%2Fb", "a/../b"],
    ["blob/blob/x", "blob/blob/x"],
    ["%E6%BC%A2%20%F0%9F%99%82", "漢 🙂"],
    ["100%", "100%"],
    ["%ff%41", "%ff%41"],
    ["a%3Fb%23c", "a?b#c"],
    ["%252F", "%2F"],
    ["a+b", "a+b"],
    ["?key=..", ".."],
    ["?key=.", "."],
    ["?key=%2E%2E%2Fx%20y", "../x y"],
  ];
  test.each(KEYS)("%s stands for %j, in both versions of the path", async (path, key) => {
    expect((await put(`/v2/blob/${path}`, key)).status).toBe(201);
    expect(await keysAt("/v1/blob")).toEqual([key]);
    expect(await (await hamlet.api(`/v1/blob/${path}`)).text()).toBe(key);
    expect((await hamlet.api(`/v2/blob/${path}`, { method: "DELETE" })).status).toBe(204);
    expect(await keysAt("/v2/blob")).toEqual([]);
  });

  test.each([
    ["", "has 1 to 512 characters; this one has 0"],
    ["x".repeat(513), "this one has 513"],
    ["a%00b", "any character but NUL"],
  ])("that is none (%s) is refused", async (path, message) => {
    const answer = await put(`/v1/blob/${path}`);
    const problem = (await answer.json()) as { message: string };
    expect([answer.status, problem.message]).toEqual([400, expect.stringContaining(message)]);
  });
});

describe("the body is stored byte by byte, whatever is said of it", () => {
  const binary = makeBytes(100_000);
  const BODIES: readonly [title: string, body: () => Body, bytes: Uint8Array][] = [
    ["nothing", () => null, new Uint8Array(0)],
    ["bytes", () => binary, binary],
    ["a stream of unknown length", () => inPieces(binary, 7000), binary],
    ["more than the API reads of JSON", () => makeBytes(3 * MB), makeBytes(3 * MB)],
  ];
  for (const type of ["", "application/json", "multipart/form-data; boundary=x", "text/html"]) {
    test.each(BODIES)(`%s as ${type || "nothing in particular"}`, async (_, body, bytes) => {
      const headers: Record<string, string> = type === "" ? {} : { "content-type": type };
      expect((await put("/v1/blob/body", body(), { headers })).status).toBe(201);
      const read = await hamlet.api("/v1/blob/body");
      expect(Buffer.compare(await read.bytes(), bytes)).toBe(0);
      expect(read.headers.get("content-type")).toBe("application/octet-stream");
      expect(read.headers.get("x-content-type-options")).toBe("nosniff");
    });
  }
});

test("Val Town's SDK stores, lists, reads and deletes", async () => {
  await sdk.blobs.store("sdk/one", Buffer.from("from the SDK") as never);
  expect(await sdk.blobs.list({ prefix: "sdk/" })).toEqual([
    { key: "sdk/one", size: 12, lastModified: expect.any(String) },
  ]);
  expect(await (await sdk.blobs.get("sdk/one")).text()).toBe("from the SDK");
  await sdk.blobs.delete("sdk/one");
  expect(await sdk.blobs.get("sdk/one").catch((error) => error)).toBeInstanceOf(ValTown.NotFoundError);
});

test("a copy and a move take the place of what is there, and miss what is not", async () => {
  await put("/v1/blob/from", "content");
  expect((await put("/v1/blob/a%2Fcopy?copy_from=from", null)).status).toBe(201);
  expect((await put("/v1/blob/moved?move_from=a%2Fcopy", null)).status).toBe(201);
  expect(await keysAt("/v1/blob?prefix=")).toEqual(expect.arrayContaining(["from", "moved"]));
  expect(await (await hamlet.api("/v1/blob/moved")).text()).toBe("content");
  for (const [query, status] of [
    ["copy_from=nothing", 404],
    ["move_from=nothing", 404],
    ["copy_from=from&move_from=from", 400],
  ] as const)
    expect([query, (await put(`/v1/blob/x?${query}`, null)).status]).toEqual([query, status]);
  expect(await keysAt("/v1/blob?prefix=x")).toEqual([]);
});

describe("parts and conditions", () => {
  const bytes = makeBytes(300_000);
  let etag = "";
  beforeAll(async () => {
    await put("/v1/blob/parts", bytes);
    etag = (await hamlet.api("/v1/blob/parts")).headers.get("etag")!;
  });
  const RANGES: readonly [range: string, status: number, start: number, end: number][] = [
    ["bytes=0-0", 206, 0, 1],
    ["bytes=100-199999", 206, 100, 200_000],
    ["bytes=299990-", 206, 299_990, 300_000],
    ["bytes=299990-999999", 206, 299_990, 300_000],
    ["bytes=-5", 206, 299_995, 300_000],
    ["bytes=-999999", 206, 0, 300_000],
    ["bytes=300000-", 416, 0, 0],
    ["bytes=-0", 416, 0, 0],
    ["bytes=5-4", 200, 0, 300_000],
    ["bytes=0-1,5-6", 200, 0, 300_000],
    ["pages=1-2", 200, 0, 300_000],
  ];
  test.each(RANGES)("range %s", async (range, status, start, end) => {
    const part = await hamlet.api("/v1/blob/parts", { headers: { range } });
    expect(part.status).toBe(status);
    const where = { 200: null, 206: `bytes ${start}-${end - 1}/300000`, 416: "bytes */300000" }[status];
    expect(part.headers.get("content-range")).toBe(where!);
    expect(Buffer.compare(await part.bytes(), bytes.subarray(start, end))).toBe(0);
  });

  test("the head tells the length, the time and a tag; who has the blob is not sent it again", async () => {
    const head = await hamlet.request(`localhost:${hamlet.port}`, "/api/v1/blob/parts", {
      method: "HEAD",
      headers: [`Authorization: Bearer ${hamlet.token}`],
    });
    expect([head.status, head.header("content-length"), head.header("etag")]).toEqual([200, "300000", etag]);
    const ask = (headers: Record<string, string>) => hamlet.api("/v1/blob/parts", { headers });
    expect((await ask({ "if-none-match": etag })).status).toBe(304);
    expect((await ask({ "if-none-match": '"other"' })).status).toBe(200);
    expect((await ask({ "if-match": '"other"' })).status).toBe(412);
    expect((await ask({ range: "bytes=0-0", "if-range": '"other"' })).status).toBe(200);
    expect((await ask({ range: "bytes=0-0", "if-range": etag })).status).toBe(206);
  });
});

describe("whose blobs they are", () => {
  beforeAll(async () => {
    for (const key of await keysAt("/v1/blob"))
      await hamlet.api(`/v1/blob/${encodeURIComponent(key)}`, { method: "DELETE" });
  });

  test("a val's own store is its owner's to use, and nobody else's", async () => {
    const val = await hamlet.val("keeper", {});
    const path = `/v3/vals/${val.id}/blob`;
    expect((await put(`${path}/a/b`, "scoped")).status).toBe(201);
    expect(await keysAt(path)).toEqual(["a/b"]);
    expect(await (await hamlet.api(`${path}/a%2Fb`)).text()).toBe("scoped");
    expect(await keysAt("/v1/blob?prefix=a/")).toEqual([]);
    const { token } = await addUser(hamlet.data, "other");
    for (const [method, where] of [
      ["GET", path],
      ["GET", `${path}/a/b`],
      ["POST", `${path}/a/b`],
      ["DELETE", `${path}/a/b`],
    ] as const)
      expect([method, (await as(token, where, { method })).status]).toEqual([method, 403]);
    expect(await (await as(token, "/v1/blob")).json()).toEqual([]);
    expect((await hamlet.api("/v3/vals/self/blob")).status).toBe(400);
    expect((await hamlet.api("/v3/vals/self/blob/a")).status).toBe(400);
    expect((await hamlet.api(`/v3/vals/${crypto.randomUUID()}/blob/a`)).status).toBe(404);
    expect((await hamlet.api(`${path}/a/b`, { method: "DELETE" })).status).toBe(204);
  });

  test("they go with their val", async () => {
    const val = await hamlet.val("passing", {});
    expect((await put(`/v3/vals/${val.id}/blob/a`, makeBytes(QUOTA))).status).toBe(201);
    expect((await put("/v1/blob/one-more", "x")).status).toBe(413);
    expect((await hamlet.api(`/v2/vals/${val.id}`, { method: "DELETE" })).status).toBe(204);
    expect((await put("/v1/blob/one-more", "x")).status).toBe(201);
  });

  test.each(["GET", "POST", "DELETE"])("%s needs a token", async (method) => {
    const answer = await fetch(`${hamlet.firstLine.api}/v1/blob/a`, { method });
    expect(answer.status).toBe(401);
  });
});

test("what exceeds the quota is refused when it does, and leaves nothing", async () => {
  const body = inPieces(makeBytes(QUOTA + 1), 64 * 1024);
  const answer = await put("/v1/blob/too-large", body);
  const { message } = (await answer.json()) as { message: string };
  expect([answer.status, message]).toEqual([413, expect.stringContaining("over its quota of 20 MB")]);
  expect((await put("/v1/blob/too-large", makeBytes(QUOTA + 1))).status).toBe(413);
  expect(await keysAt("/v1/blob?prefix=too")).toEqual([]);
  expect((await put("/v1/blob/fits", makeBytes(QUOTA / 2))).status).toBe(201);
});

test("an upload that breaks off leaves the old value", async () => {
  await put("/v1/blob/broken", "old");
  const visitor = await hamlet.connect();
  const lines = [
    "POST /api/v1/blob/broken HTTP/1.1",
    `Host: localhost:${hamlet.port}`,
    `Authorization: Bearer ${hamlet.token}`,
    "Transfer-Encoding: chunked",
  ];
  await visitor.write(`${lines.join("\r\n")}\r\n\r\n5\r\nfirst\r\n`);
  await visitor[Symbol.asyncDispose]();
  expect(await (await hamlet.api("/v1/blob/broken")).text()).toBe("old");
});
