/** Requests that do not fit, callers in browsers, and what the API says of itself. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { play, type Scenario } from "./support/scenario.ts";
import { makeTown, type Town } from "./support/town.ts";

const UNKNOWN = "b037fb4a-791b-11f0-b97e-0224a6c84d84";

let town: Town;
const names: Record<string, string> = {};

beforeAll(async () => {
  town = await makeTown();
  names.public = await town.val("public");
  await town.file(names.public, "main.ts", "", "http");
});
afterAll(() => town[Symbol.asyncDispose]());

describe("requests that do not fit", () => {
  const SCENARIOS: readonly Scenario[] = [
    { title: "an unknown route", request: "GET /_stainless_unknown_path", status: 404, has: ["not found"] },
    { title: "an unknown version", request: "GET /v9/me", status: 404 },
    { title: "a known path with another method", request: "PATCH /v2/vals", status: 404 },
    { title: "the root", request: "GET /", status: 404 },
    {
      title: "an id that is none",
      request: "GET /v2/vals/12",
      status: 400,
      has: ["params/val_id must be a UUID"],
    },
    { title: "a limit of 0", request: "GET /v2/me/vals?limit=0", status: 400, has: ["querystring/limit"] },
    {
      title: "a limit of 101",
      request: "GET /v2/me/vals?limit=101",
      status: 400,
      has: ["querystring/limit"],
    },
    { title: "a limit that is no number", request: "GET /v2/me/vals?limit=many", status: 400 },
    { title: "two limits", request: "GET /v2/me/vals?limit=1&limit=2", status: 400 },
    { title: "a negative offset", request: "GET /v2/me/vals?offset=-1", status: 400 },
    { title: "a cursor that is no date", request: "GET /v2/vals?cursor=soon", status: 400, has: ["cursor"] },
    { title: "an unknown privacy", request: "GET /v2/vals?privacy=secret", status: 400 },
    {
      title: "a missing path",
      request: "GET /v2/vals/{public}/files",
      status: 400,
      has: ["querystring must have required property 'path'"],
    },
    {
      title: "a version that is none",
      request: "GET /v2/vals/{public}/files?path=&version=new",
      status: 400,
    },
    {
      title: "a flag that is neither",
      request: "GET /v2/vals/{public}/files?path=&recursive=maybe",
      status: 400,
    },
    { title: "no body", request: "POST /v2/vals", status: 400 },
    {
      title: "a body that is not JSON",
      request: "POST /v2/vals",
      options: { body: '{"name":', headers: { "content-type": "application/json" } },
      status: 400,
      has: ["JSON"],
    },
    {
      title: "a body that does not say it is JSON",
      request: "POST /v2/vals",
      options: { body: '{"name":"a","privacy":"public"}', headers: { "content-type": "text/plain" } },
      status: 415,
      has: ["content-type: application/json"],
    },
    {
      title: "a form",
      request: "POST /v2/vals",
      options: {
        body: "name=a&privacy=public",
        headers: { "content-type": "application/x-www-form-urlencoded" },
      },
      status: 415,
    },
    { title: "JSON that is no object", request: "POST /v2/vals", options: { json: [1] }, status: 400 },
    {
      title: "several mistakes at once",
      request: "POST /v2/vals",
      options: { json: { name: "9", privacy: "maybe", description: "x".repeat(65) } },
      status: 400,
      has: ["FST_ERR_VALIDATION", "body/name", "body/privacy", "body/description"],
    },
    {
      title: "a name that is too long",
      request: "POST /v2/vals",
      options: { json: { name: "a".repeat(49), privacy: "public" } },
      status: 400,
    },
    {
      title: "a name that is taken",
      request: "POST /v2/vals",
      options: { json: { name: "public", privacy: "public" } },
      status: 409,
      has: ['"Conflict: Project name already exists"'],
    },
    {
      title: "a file that is too long",
      request: "PUT /v2/vals/{public}/files?path=main.ts",
      options: { json: { content: "x".repeat(80_001) } },
      status: 400,
      has: ["body/content"],
    },
    {
      title: "a body that is too large",
      request: "POST /v2/vals",
      options: { json: { name: "a", privacy: "public", more: "x".repeat(1024 * 1024) } },
      status: 413,
    },
    {
      title: "a body that is too large and does not say so",
      request: "POST /v2/vals",
      options: () => ({
        body: new Response(new Uint8Array(2 * 1024 * 1024)).body!,
        headers: { "content-type": "application/json" },
      }),
      status: 413,
    },
  ];
  test.each(SCENARIOS)("$title", async (scenario) => {
    await play(town, scenario, names);
  });

  test("the longest file fits into a body however it is escaped", async () => {
    const content = "\u{1F600}".repeat(40_000);
    const escaped = JSON.stringify({ content }).replace(/[^\x20-\x7e]/g, (c) => {
      return `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
    });
    const valId = await town.val("longest");
    await town.file(valId, "a.txt", "", "file");
    const options = { body: escaped, headers: { "content-type": "application/json; charset=utf-8" } };
    await town.expect(200, "PUT", `/v2/vals/${valId}/files?path=a.txt`, options);
    const read = await town.expect(200, "GET", `/v2/vals/${valId}/files/content?path=a.txt`);
    expect(read.text).toBe(content);
  });
});

test("options that were not set arrive as the text undefined or as nothing, and mean nothing", async () => {
  const where = `/v2/vals/${names.public}/files?path=&recursive=undefined&limit=undefined&offset=`;
  const { json } = await town.expect(200, "GET", `${where}&branch_id=undefined&version=undefined`);
  expect(json.data).toHaveLength(1);
  await town.expect(200, "GET", "/v2/vals?limit=undefined&cursor=undefined&privacy=&user_id=undefined");
  const telemetry = "direction=undefined&start=&end=undefined&file_id=undefined&branch_ids=undefined";
  await town.expect(200, "GET", `/v1/telemetry/traces?${telemetry}&order_by=undefined`);
  await town.expect(200, "GET", `/v1/telemetry/logs?${telemetry}&trace_ids=`);
});

test("browsers of any origin may call, with whatever headers the SDK adds", async () => {
  const asked = "authorization,content-type,x-stainless-lang,x-vt-version,if-none-match";
  const preflight = await town.call("OPTIONS", "/api/v2/vals", {
    token: "",
    base: "http://localhost:3000",
    headers: {
      origin: "https://elsewhere.example",
      "access-control-request-method": "DELETE",
      "access-control-request-headers": asked,
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
  expect(preflight.headers.get("access-control-allow-headers")).toBe(asked);
  expect(preflight.headers.get("access-control-allow-methods")).toContain("DELETE");
  expect(preflight.headers.get("access-control-allow-credentials")).toBeNull();
  for (const path of ["/v1/me", "/v1/unknown", `/v2/vals/${UNKNOWN}`]) {
    const answer = await town.call("GET", path, { headers: { origin: "https://elsewhere.example" } });
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("access-control-expose-headers")).toContain("etag");
  }
});

test("HEAD answers as GET does, without the body", async () => {
  const answer = await town.call("HEAD", "/v1/me");
  expect([answer.status, answer.text]).toEqual([200, ""]);
});

test("the OpenAPI document is of version 3.1, tells every answer, and refers to nothing that is not there", async () => {
  const { json, text } = await town.expect(200, "GET", "http://localhost:3000/api/openapi.json", {
    token: "",
  });
  expect(json.openapi).toBe("3.1.0");
  expect(json.servers).toEqual([{ url: "http://localhost:3000/api" }]);
  const operations = Object.entries<Record<string, Record<string, unknown>>>(json.paths).flatMap(
    ([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  // Which they are is the table of api-scopes.test.ts.
  expect(operations.length).toBeGreaterThan(80);
  for (const { path, method, operation } of operations) {
    const {
      parameters = [],
      operationId,
      summary,
    } = operation as {
      parameters?: { name: string; in: string }[];
      operationId?: string;
      summary?: string;
    };
    expect([path, method, Boolean(operationId && summary)]).toEqual([path, method, true]);
    const inPath = parameters.filter((one) => one.in === "path").map((one) => `{${one.name}}`);
    expect(inPath).toEqual(path.match(/\{\w+\}/g) ?? []);
  }
  for (const [, name = ""] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g))
    expect(Object.keys(json.components.schemas)).toContain(name);
  expect(Object.keys(json.components.securitySchemes)).toEqual(["bearerAuth"]);
});
