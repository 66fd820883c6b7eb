/** The content of files with its conditions, and what a save says of its build. */

import { expect, test } from "bun:test";
import { makeTown } from "./support/town.ts";

test("content comes as it was saved, as bytes that no browser takes for a page", async () => {
  await using town = await makeTown();
  const valId = await town.val("hello");
  const content = "<script>alert(1)</script>\r\n\0\u{1F600}\u2028";
  await town.file(valId, "a.html", content, "file");
  await town.file(valId, "empty.txt", "", "file");
  const read = await town.expect(200, "GET", `/v2/vals/${valId}/files/content?path=a.html`);
  expect(read.text).toBe(content);
  expect(read.headers.get("content-type")).toBe("application/octet-stream");
  expect(read.headers.get("x-content-type-options")).toBe("nosniff");
  const empty = await town.expect(200, "GET", `/v2/vals/${valId}/files/content?path=empty.txt`);
  expect(empty.text).toBe("");
});

test("who has the content is told so, who has another is given it, and a wrong condition is ignored", async () => {
  await using town = await makeTown();
  const valId = await town.val("hello");
  const file = await town.file(valId, "a.ts", "one");
  const path = `/v2/vals/${valId}/files/content?path=a.ts`;
  const get = (headers: Record<string, string>) => town.call("GET", path, { headers });
  const first = await get({});
  const etag = first.headers.get("etag")!;
  const modified = first.headers.get("last-modified")!;
  expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
  expect(Date.parse(modified)).toBe(Math.floor(Date.parse(file.updatedAt) / 1000) * 1000);
  const same = await get({ "if-none-match": etag });
  expect([same.status, same.text, same.headers.get("etag")]).toEqual([304, "", etag]);
  expect((await get({ "if-modified-since": modified })).status).toBe(304);
  const failed = await get({ "if-match": '"other"' });
  expect([failed.status, failed.json]).toEqual([412, "Precondition failed"]);
  const malformed = {
    "if-match": "If-Match",
    "if-none-match": "If-None-Match",
    "if-modified-since": "If-Modified-Since",
    "if-unmodified-since": "If-Unmodified-Since",
    "cache-control": "Cache-Control",
  };
  expect((await get(malformed)).text).toBe("one");
  await town.expect(200, "PUT", `/v2/vals/${valId}/files?path=a.ts`, { json: { content: "two" } });
  const changed = await get({ "if-none-match": etag });
  expect([changed.status, changed.text]).toEqual([200, "two"]);
});

test("the time of a file is the same in every answer, to the millisecond", async () => {
  await using town = await makeTown();
  const valId = await town.val("hello");
  const file = await town.file(valId, "a.ts", "one");
  for (let i = 0; i < 3; i++) {
    const { json } = await town.expect(200, "GET", `/v2/files/${file.id}`);
    expect(json.updatedAt).toBe(file.updatedAt);
  }
});

test("a save is answered when it is served, with what the build said", async () => {
  await using town = await makeTown();
  const valId = await town.val("hello");
  const steps: string[] = [];
  town.report = async () => {
    // The save is on disk before anyone is told of it.
    steps.push(`files: ${(await town.expect(200, "GET", `/v2/vals/${valId}/files?path=`)).json.data.length}`);
    return { version: 1, diagnostics: [] };
  };
  const where = `/v2/vals/${valId}/files?path=main.ts`;
  const made = await town.expect(201, "POST", where, { json: { type: "http", content: "x" } });
  steps.push("answered");
  expect(steps).toEqual(["files: 1", "answered"]);
  expect(made.headers.get("x-hamlet-build")).toBe("ok");
  expect(made.json).not.toHaveProperty("diagnostics");
});

test("a build that failed does not undo the save: the answer says what is wrong, and where", async () => {
  await using town = await makeTown();
  const valId = await town.val("hello");
  const diagnostics = [{ message: "Expected }", file: "main.ts", line: 3, column: 7, hint: "Close it." }];
  town.report = async () => ({ version: 1, diagnostics });
  const where = `/v2/vals/${valId}/files?path=main.ts`;
  const made = await town.expect(201, "POST", where, { json: { type: "http", content: "{" } });
  expect(made.headers.get("x-hamlet-build")).toBe("failed");
  expect(made.json.diagnostics).toEqual(diagnostics);
  const read = await town.expect(200, "GET", `/v2/vals/${valId}/files/content?path=main.ts`);
  expect(read.text).toBe("{");
  const gone = await town.expect(204, "DELETE", where);
  expect([gone.text, gone.headers.get("x-hamlet-build")]).toEqual(["", "failed"]);
});

test("when the builder itself breaks, the save stands and nothing of the inside is told", async () => {
  await using town = await makeTown();
  const valId = await town.val("hello");
  town.report = () => Promise.reject(new Error("ENOSPC /var/secret/path"));
  const where = `/v2/vals/${valId}/files?path=main.ts`;
  const made = await town.expect(201, "POST", where, { json: { type: "http", content: "x" } });
  expect(made.headers.get("x-hamlet-build")).toBe("failed");
  expect(made.text).not.toContain("secret");
  expect(made.json.diagnostics[0].message).toContain("operator");
});

test("what changes nothing is not built, and a val without anything to build says nothing of it", async () => {
  await using town = await makeTown();
  const valId = await town.val("hello");
  await town.file(valId, "main.ts", "x", "http");
  const told = town.told.length;
  const same = await town.expect(200, "PUT", `/v2/vals/${valId}/files?path=main.ts`, {
    json: { content: "x" },
  });
  expect([town.told.length, same.headers.get("x-hamlet-build")]).toEqual([told, null]);
  town.report = async () => undefined;
  const changed = await town.expect(200, "PUT", `/v2/vals/${valId}/files?path=main.ts`, {
    json: { content: "y" },
  });
  expect([town.told.length, changed.headers.get("x-hamlet-build")]).toEqual([told + 1, null]);
});

test("a write with a condition is done only if what is there is what was read, and two such never both", async () => {
  await using town = await makeTown();
  const valId = await town.val("hello");
  const where = (path: string) => `/v2/vals/${valId}/files?${new URLSearchParams({ path })}`;
  const made = await town.expect(201, "POST", where("a.ts"), { json: { type: "script", content: "one" } });
  const etag = made.headers.get("etag")!;
  for (const path of [where("a.ts"), `/v2/files/${made.json.id}`]) {
    expect((await town.expect(200, "GET", path)).headers.get("etag")).toBe(etag);
  }
  const content = (await town.expect(200, "GET", where("a.ts").replace("?", "/content?"))).headers.get(
    "etag",
  )!;
  const put = (match: Record<string, string>, text: string) =>
    town.call("PUT", where("a.ts"), { headers: match, json: { content: text } });
  const both = await Promise.all([put({ "if-match": etag }, "two"), put({ "if-match": etag }, "three")]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
  const failed = both.find(({ status }) => status === 412)!;
  expect([failed.json, failed.headers.get("content-type")]).toEqual([
    "Precondition failed",
    expect.stringContaining("application/json"),
  ]);
  // Also by the content, and by none of what is no tag.
  expect((await put({ "if-match": content }, "four")).status).toBe(412);
  expect((await put({ "if-match": "If-Match", "if-none-match": "If-None-Match" }, "one")).status).toBe(200);
  expect((await put({ "if-match": content }, "five")).status).toBe(200);
  expect((await put({ "if-none-match": "*" }, "six")).status).toBe(412);
  const post = (path: string, headers: Record<string, string>) =>
    town.call("POST", where(path), { headers, json: { type: "script", content: "" } });
  expect((await post("a.ts", { "if-none-match": "*" })).status).toBe(412);
  expect((await post("a.ts", {})).status).toBe(409);
  expect((await post("b.ts", { "if-none-match": "*" })).status).toBe(201);
  expect((await post("c.ts", { "if-match": "*" })).status).toBe(412);
  const remove = (headers: Record<string, string>) => town.call("DELETE", where("a.ts"), { headers });
  expect((await remove({ "if-match": etag })).status).toBe(412);
  const now = (await town.expect(200, "GET", where("a.ts"))).headers.get("etag")!;
  expect((await remove({ "if-match": now })).status).toBe(204);
  // What is not there is not found, whatever the condition.
  expect((await remove({ "if-match": now })).status).toBe(404);
  expect((await put({ "if-match": now }, "x")).status).toBe(404);
});
