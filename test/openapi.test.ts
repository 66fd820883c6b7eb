/** The API's description of itself. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { makeTown, type Town } from "./support/town.ts";

const METHODS = ["get", "post", "put", "patch", "delete"];

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly description?: string;
  readonly parameters?: readonly { readonly name?: string; readonly description?: string }[];
  readonly responses: Readonly<Record<string, { readonly description?: string; readonly content?: object }>>;
}

let town: Town;
let text: string;
// biome-ignore lint/suspicious/noExplicitAny: the document is what is looked at
let document: any;
let operations: { readonly name: string; readonly operation: Operation }[];

beforeAll(async () => {
  town = await makeTown();
  ({ text, json: document } = await town.expect(200, "GET", "/openapi.json", { token: "" }));
  operations = Object.entries<Record<string, Operation>>(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
  );
});
afterAll(() => town[Symbol.asyncDispose]());

test("a linter finds nothing wrong with it, nor anything to improve", async () => {
  // The server's address is the one that was asked, which is localhost here.
  const config = await createConfig({ extends: ["recommended"], rules: { "no-server-example.com": "off" } });
  const problems = await lintFromString({ source: text, config });
  expect(
    problems.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer} ${message}`),
  ).toEqual([]);
});

test("every operation has a name of its own, a summary, one tag, a security rule and its refusals", () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(operations.length);
  const wanting = operations.filter(({ name, operation }) => {
    const { operationId = "", summary = "", tags = [], security, responses } = operation;
    const needsToken = security?.every((one) => "bearerAuth" in one) && security.length > 0;
    return !(
      /^[a-z][A-Za-z0-9]+$/.test(operationId) &&
      /^[A-Z].*[^.]$/.test(summary) &&
      tags.length === 1 &&
      METHODS.includes(name.split(" ")[0]!) &&
      Object.keys(responses).some((status) => status.startsWith("2")) &&
      "429" in responses &&
      (!needsToken || ("401" in responses && "403" in responses)) &&
      Object.values(responses).every(({ description }) => description)
    );
  });
  expect(wanting.map(({ name }) => name)).toEqual([]);
});

test("every operation and every parameter says what it is about", () => {
  const silent = operations.flatMap(({ name, operation: { description, parameters = [] } }) => [
    ...(description ? [] : [name]),
    // Those without a name are references to one that is described once.
    ...parameters.filter((one) => one.name && !one.description).map((one) => `${name}: ${one.name}`),
  ]);
  expect(silent).toEqual([]);
});

test("no two schemas share a name: the second would be described as the first", () => {
  const contracts = [...new Bun.Glob("src/api/contract/*.ts").scanSync(".")].map((path) =>
    readFileSync(path, "utf8"),
  );
  const names = contracts.flatMap((source) =>
    [...source.matchAll(/\.openapi\("(\w+)"/g)].map((match) => match[1]!),
  );
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test("every tag is described (TAGS in src/api/contract/document.ts has them in their order)", () => {
  const used = new Set(operations.flatMap(({ operation }) => operation.tags ?? []));
  expect(document.tags.filter((tag: { description?: string }) => !tag.description)).toEqual([]);
  expect(document.tags.map((tag: { name: string }) => tag.name).sort()).toEqual([...used].sort());
});

test("asked at another address, it names that one, and is otherwise the same", async () => {
  const other = await town.expect(200, "GET", "http://localhost:3000/api/openapi.json", { token: "" });
  expect(other.json.servers).toEqual([{ url: "http://localhost:3000/api" }]);
  expect({ ...other.json, servers: [] }).toEqual({ ...document, servers: [] });
});
