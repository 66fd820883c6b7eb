/** Who may see and change what. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { play, type Scenario } from "./support/scenario.ts";
import { makeTown, type Town } from "./support/town.ts";

const UNKNOWN = "b037fb4a-791b-11f0-b97e-0224a6c84d84";

let town: Town;
const names: Record<string, string> = { unknown: UNKNOWN };

beforeAll(async () => {
  town = await makeTown();
  for (const privacy of ["public", "unlisted", "private"])
    names[privacy] = await town.val(privacy, { privacy });
  for (const privacy of ["public", "private"]) {
    const file = await town.file(names[privacy]!, "main.ts", `// secret of ${privacy}`, "http");
    names[`${privacy}File`] = file.id;
  }
  names.ann = town.ann.id;
  names.main = (await town.expect(200, "GET", `/v2/vals/${names.public}/branches`)).json.data[0].id;
});
afterAll(() => town[Symbol.asyncDispose]());

const asBob = (t: Town) => ({ token: t.bob.token });
const asNobody = { token: "" };

describe("who may see and change what", () => {
  const SECRET = /secret of private|"private"/;
  const SCENARIOS: readonly Scenario[] = [
    {
      title: "one's own profile",
      request: "GET /v1/me",
      status: 200,
      has: ['"tier":"free"', "ann@example.org"],
    },
    { title: "the profile of nobody", request: "GET /v1/me", options: asNobody, status: 401, not: ["ann"] },
    {
      title: "a wrong token",
      request: "GET /v1/me",
      options: { token: `vtwn_${"x".repeat(28)}` },
      status: 401,
      not: ["ann"],
    },
    {
      title: "a wrong token where none is needed",
      request: "GET /v2/vals/{public}",
      options: { token: "nonsense" },
      status: 401,
    },
    {
      title: "another kind of credentials",
      request: "GET /v1/me",
      options: { token: "", headers: { authorization: "Basic YTpi" } },
      status: 401,
    },
    {
      title: "a user seen by anyone, without the email",
      request: "GET /v1/users/{ann}",
      options: asNobody,
      status: 200,
      has: ['"username":"ann"', '"type":"user"', "http://localhost:3000/u/ann"],
      not: ["email", "tier"],
    },
    {
      title: "a user by name in any case",
      request: "GET /v1/alias/ANN",
      options: asNobody,
      status: 200,
      has: ['"username":"ann"'],
      not: ["email", "tier"],
    },
    { title: "a user that is none", request: "GET /v1/alias/nobody", status: 404 },
    { title: "a user id that is none", request: "GET /v1/users/{unknown}", status: 404 },
    { title: "a public val", request: "GET /v2/vals/{public}", options: asNobody, status: 200 },
    {
      title: "a public val by name",
      request: "GET /v2/alias/vals/ann/public",
      options: asNobody,
      status: 200,
    },
    {
      title: "an unlisted val by name",
      request: "GET /v2/alias/vals/ann/unlisted",
      options: asBob,
      status: 200,
    },
    { title: "one's private val", request: "GET /v2/alias/vals/ann/private", status: 200 },
    {
      title: "another's private val by name",
      request: "GET /v2/alias/vals/ann/private",
      options: asBob,
      status: 404,
      has: ['"This val could not be found"'],
      not: [SECRET],
    },
    {
      title: "another's private val by id",
      request: "GET /v2/vals/{private}",
      options: asBob,
      status: 404,
      has: ['"This val could not be found"'],
      not: [SECRET],
    },
    {
      title: "a val that is none",
      request: "GET /v2/vals/{unknown}",
      status: 404,
      has: ['"This val could not be found"'],
    },
    {
      title: "branches of another's private val",
      request: "GET /v2/vals/{private}/branches",
      options: asBob,
      status: 404,
      has: ['"Project not found"'],
    },
    {
      title: "files of another's private val",
      request: "GET /v2/vals/{private}/files?path=&recursive=true",
      options: asBob,
      status: 404,
      has: ['"Project not found"'],
      not: [SECRET, "main.ts"],
    },
    {
      title: "content of another's private val",
      request: "GET /v2/vals/{private}/files/content?path=main.ts",
      options: asNobody,
      status: 404,
      not: [SECRET],
    },
    {
      title: "a file of another's private val by id",
      request: "GET /v2/files/{privateFile}",
      options: asBob,
      status: 404,
      has: ['"File not found"'],
      not: ["main.ts"],
    },
    {
      title: "content of a public val",
      request: "GET /v2/vals/{public}/files/content?path=main.ts",
      options: asNobody,
      status: 200,
      has: ["// secret of public"],
    },
    {
      title: "a branch that is none",
      request: "GET /v2/vals/{public}/branches/{unknown}",
      status: 404,
      has: ['"Branch not found"'],
    },
    {
      title: "a branch of another val",
      request: "GET /v2/vals/{unlisted}/branches/{main}",
      status: 404,
      has: ['"Branch not found"'],
    },
    {
      title: "writing to a val that is none",
      request: "PUT /v2/vals/{unknown}/files?path=x",
      options: { json: {} },
      status: 404,
      has: ["Not authorized"],
    },
    {
      title: "writing to another's public val",
      request: "PUT /v2/vals/{public}/files?path=main.ts",
      options: (t) => ({ ...asBob(t), json: { content: "mine now" } }),
      status: 403,
      has: ["Not authorized"],
    },
    {
      title: "writing to another's private val, as to none",
      request: "PUT /v2/vals/{private}/files?path=main.ts",
      options: (t) => ({ ...asBob(t), json: { content: "mine now" } }),
      status: 404,
      has: ["Not authorized"],
    },
    {
      title: "creating a file in another's val",
      request: "POST /v2/vals/{public}/files?path=x",
      options: (t) => ({ ...asBob(t), json: { type: "file", content: "" } }),
      status: 403,
    },
    {
      title: "deleting another's file",
      request: "DELETE /v2/vals/{public}/files?path=main.ts",
      options: asBob,
      status: 403,
    },
    { title: "deleting another's val", request: "DELETE /v2/vals/{public}", options: asBob, status: 403 },
    {
      title: "writing without a token",
      request: "PUT /v2/vals/{public}/files?path=main.ts",
      options: { ...asNobody, json: {} },
      status: 401,
      not: ["Not authorized"],
    },
    {
      title: "a missing file in one's own val is not a question of rights",
      request: "PUT /v2/vals/{public}/files?path=nothing",
      options: { json: {} },
      status: 404,
      has: ['"File not found"'],
      not: ["Not authorized"],
    },
    {
      title: "a val in the name of an organisation one is not in",
      request: "POST /v2/vals",
      options: { json: { name: "org", privacy: "public", orgId: UNKNOWN } },
      status: 403,
    },
  ];
  test.each(SCENARIOS)("$title", async (scenario) => {
    await play(town, scenario, names);
  });

  test("nothing of that changed anything", async () => {
    const { text } = await town.expect(200, "GET", `/v2/vals/${names.public}/files/content?path=main.ts`);
    expect(text).toBe("// secret of public");
    await town.expect(200, "GET", `/v2/vals/${names.private}`);
  });
});
