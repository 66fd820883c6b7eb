/** The bounds of reference §0.7, each from both sides, and the words of §0.5 that clients look for. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { expectProblem, play, type Scenario } from "./support/scenario.ts";
import { makeTown, type Town } from "./support/town.ts";

const UNKNOWN = "b037fb4a-791b-11f0-b97e-0224a6c84d84";

let town: Town;
const names: Record<string, string> = { unknown: UNKNOWN };

beforeAll(async () => {
  town = await makeTown();
  names.val = await town.val("mine");
  names.bobs = await town.val("his", { token: town.bob.token });
  names.private = await town.val("secret", { token: town.bob.token, privacy: "private" });
  await town.file(names.val, "main.ts", "1");
  await town.expect(201, "POST", `/v2/vals/${names.val}/environment_variables`, {
    json: { key: "TAKEN", value: "1" },
  });
});
afterAll(() => town[Symbol.asyncDispose]());

const x = (length: number) => "x".repeat(length);
const newVal = (more: object) => ({
  method: "POST",
  path: "/v2/vals",
  json: { privacy: "private", ...more },
});
const newFile = (path: string, json: object = { type: "file", content: "" }) => ({
  method: "POST",
  path: `/v2/vals/{val}/files?${new URLSearchParams({ path })}`,
  json,
});
const newVariable = (json: object) => ({
  method: "POST",
  path: "/v2/vals/{val}/environment_variables",
  json,
});

interface Request {
  readonly method: string;
  readonly path: string;
  readonly json?: object;
}

describe("as much as there may be is taken, and one more is refused by name", () => {
  const BOUNDS: readonly [what: string, most: Request, more: Request, named: string][] = [
    ["the name of a val", newVal({ name: x(48) }), newVal({ name: x(49) }), "body/name"],
    ["a name that begins with a letter", newVal({ name: "a-_9" }), newVal({ name: "_a" }), "body/name"],
    ["a name", newVal({ name: "y" }), newVal({ name: "" }), "body/name"],
    [
      "a description of a val",
      newVal({ name: "d64", description: x(64) }),
      newVal({ name: "d65", description: x(65) }),
      "body/description",
    ],
    ["the name of a file", newFile(`${x(45)}.ts`), newFile(`${x(46)}.ts`), "at most 48"],
    ["the signs in it", newFile("a$[b](c)-_.ts"), newFile("a b.ts"), "$ [ ] ( ) - _ ."],
    [
      "the content of a file",
      newFile("long.ts", { type: "script", content: x(80_000) }),
      newFile("longer.ts", { type: "script", content: x(80_001) }),
      "body/content",
    ],
    [
      "the name of a branch",
      { method: "POST", path: "/v2/vals/{val}/branches", json: { name: x(48) } },
      { method: "POST", path: "/v2/vals/{val}/branches", json: { name: x(49) } },
      "body/name",
    ],
    [
      "the key of a variable",
      newVariable({ key: x(8192), value: "" }),
      newVariable({ key: x(8193), value: "" }),
      "8192",
    ],
    [
      "the value of a variable",
      newVariable({ key: "VALUE", value: x(8192) }),
      newVariable({ key: "MORE", value: x(8193) }),
      "8192",
    ],
    [
      "the description of a variable",
      newVariable({ key: "SAID", value: "", description: x(1024) }),
      newVariable({ key: "SAID_MORE", value: "", description: x(1025) }),
      "body/description",
    ],
    [
      "the key of a blob",
      { method: "POST", path: `/v1/blob/${x(512)}`, json: {} },
      { method: "POST", path: `/v1/blob/${x(513)}`, json: {} },
      "512",
    ],
    [
      "a page",
      { method: "GET", path: "/v2/vals?limit=100" },
      { method: "GET", path: "/v2/vals?limit=101" },
      "limit",
    ],
  ];
  test.each(BOUNDS)("%s", async (_, most, more, named) => {
    const send = ({ method, path, json }: Request) =>
      town.call(method, path.replace("{val}", names.val!), json === undefined ? {} : { json });
    expect((await send(most)).status).toBeOneOf([200, 201]);
    const refused = await send(more);
    expect(refused.status).toBe(400);
    expectProblem(refused);
    expect(refused.json.message).toContain(named);
  });
});

describe("clients find the words they look for", () => {
  const json = { type: "file", content: "" };
  const SCENARIOS: readonly Scenario[] = [
    {
      title: "a val by id",
      request: "GET /v2/vals/{unknown}",
      status: 404,
      has: ['"This val could not be found"'],
    },
    {
      title: "a val by name",
      request: "GET /v2/alias/vals/ann/no",
      status: 404,
      has: ['"This val could not be found"'],
    },
    {
      title: "something in a val",
      request: "GET /v2/vals/{unknown}/branches",
      status: 404,
      has: ['"Project not found"'],
    },
    {
      title: "a branch",
      request: "GET /v2/vals/{val}/branches/{unknown}",
      status: 404,
      has: ['"Branch not found"'],
    },
    {
      title: "a file that is to be changed",
      request: "PUT /v2/vals/{val}/files?path=none",
      options: { json: {} },
      status: 404,
      has: ['"File not found"'],
      not: ["Not authorized"],
    },
    {
      title: "an unknown val that is to be changed",
      request: "PUT /v2/vals/{unknown}/files?path=none",
      options: { json: {} },
      status: 404,
      has: ["Not authorized"],
    },
    {
      title: "another one's private val that is to be changed",
      request: "PUT /v2/vals/{private}/files?path=none",
      options: { json: {} },
      status: 404,
      has: ["Not authorized"],
    },
    {
      title: "another one's val that is to be changed",
      request: "PUT /v2/vals/{bobs}/files?path=none",
      options: { json: {} },
      status: 403,
      has: ["Not authorized"],
    },
    {
      title: "a path that is taken",
      request: "POST /v2/vals/{val}/files?path=main.ts",
      options: { json },
      status: 409,
      has: ['"File or directory already exists at this path"'],
    },
    {
      title: "a key that is taken",
      request: "POST /v2/vals/{val}/environment_variables",
      options: { json: { key: "TAKEN", value: "2" } },
      status: 409,
      has: ['"Key already exists"'],
    },
    {
      title: "a branch's name that is taken",
      request: "POST /v2/vals/{val}/branches",
      options: { json: { name: "main" } },
      status: 409,
      has: ['"Conflict: Branch name already exists in this project"'],
    },
    {
      title: "a scope that is missing",
      request: "POST /v2/vals",
      options: async (at) => ({ token: await at.token("val:read"), json: { name: "no", privacy: "public" } }),
      status: 403,
      has: ['"Token does not have the required permissions"'],
    },
    { title: "a token that is none", request: "GET /v1/me", options: { token: "nonsense" }, status: 401 },
  ];
  test.each(SCENARIOS)("$title", async (scenario) => {
    await play(town, scenario, names);
  });
});

test("fields that nobody knows are passed over, also in what is within the body", async () => {
  const made = await town.expect(201, "POST", "/v2/vals", {
    json: {
      name: "more",
      privacy: "public",
      version: 7,
      author: { id: UNKNOWN },
      files: [{ path: "a.ts", type: "script", content: "1", mode: 0o644 }],
    },
  });
  expect(Object.keys(made.json).sort()).toEqual(
    ["author", "createdAt", "description", "id", "imageUrl", "links", "name", "privacy"].sort(),
  );
  const where = `/v2/vals/${made.json.id}/files?path=a.ts&colour=red`;
  await town.expect(200, "PUT", where, { json: { content: "2", size: 1 } });
  await town.expect(200, "GET", `${where}&limit=undefined&x[]=1`);
});

test("what a route does not answer to is a 404 in the form of all errors, whatever the method", async () => {
  for (const method of ["PUT", "PATCH", "DELETE", "PROPFIND"]) {
    const answer = await town.call(method, "/v2/vals", { json: {} });
    expect([method, answer.status]).toEqual([method, 404]);
    expectProblem(answer);
  }
  for (const path of ["/v2/vals/", "//v2/vals", "/v2/vals/x/y/z", "/V2/vals", "/v2", "/api/api/v1/me"]) {
    const answer = await town.call("GET", path);
    expect([path, answer.status]).toEqual([path, 404]);
    expectProblem(answer);
  }
  const head = await town.call("HEAD", "/v2/vals/12");
  expect([head.status, head.text]).toEqual([400, ""]);
  expect((await town.call("OPTIONS", "/nowhere", { token: "" })).status).toBe(204);
});

test("a DELETE needs neither a body nor a type, and what it sends all the same is not looked at", async () => {
  await town.file(names.val!, "gone.ts");
  await town.file(names.val!, "gone-too.ts");
  await town.expect(204, "DELETE", `/v2/vals/${names.val}/files?path=gone.ts`);
  const odd = { body: "{", headers: { "content-type": "application/json" } };
  const answer = await town.expect(204, "DELETE", `/v2/vals/${names.val}/files?path=gone-too.ts`, odd);
  expect(answer.text).toBe("");
});
