import { expect, test } from "bun:test";
import { linksFor, routePath } from "./links.ts";

const LOCAL = {
  scheme: "http:",
  domain: "localhost",
  webDomain: "web.localhost",
  mailDomain: "mail.example",
  port: ":3000",
};
const PUBLISHED = {
  scheme: "https:",
  domain: "town.example",
  webDomain: "vals.example",
  mailDomain: "mail.example",
  port: "",
};

/** With a second port for the API, where pages and vals are not. */
const SECOND = { ...LOCAL, apiPort: ":3001" };

const BASES = [
  [LOCAL, "http://localhost:3000/api/v1/me", "", "http://localhost:3000/api", "http:", ":3000"],
  [LOCAL, "http://api.localhost:3000/v1/me", "", "http://api.localhost:3000", "http:", ":3000"],
  // A container's port that is published under another number.
  [LOCAL, "http://localhost:8080/api/v1/me", "", "http://localhost:8080/api", "http:", ":8080"],
  [LOCAL, "http://127.0.0.1:3000/api/v1/me", "", "http://127.0.0.1:3000/api", "http:", ":3000"],
  [LOCAL, "http://localhost/api/v1/me", "https", "https://localhost/api", "https:", ""],
  [LOCAL, "http://localhost:3000/api/v1/me", "gopher", "http://localhost:3000/api", "http:", ":3000"],
  [SECOND, "http://localhost:3001/v1/me", "", "http://localhost:3001", "http:", ":3000"],
  [SECOND, "http://localhost:3000/api/v1/me", "", "http://localhost:3000/api", "http:", ":3000"],
  [PUBLISHED, "http://town.example/api/v1/me", "", "https://town.example/api", "https:", ""],
  [PUBLISHED, "http://api.town.example:3000/v1/me", "http", "https://api.town.example", "https:", ""],
  [PUBLISHED, "http://10.0.0.5:3000/v1/me", "", "http://10.0.0.5:3000", "https:", ""],
] as const;

test.each(BASES)("%j asked as %s (%s): links begin with %s", (town, url, proto, base, scheme, port) => {
  const request = new Request(url, { headers: proto ? { "x-forwarded-proto": proto } : {} });
  const links = linksFor(request, town);
  expect([links.api, links.town.scheme, links.town.port]).toEqual([base, scheme, port]);
  expect(links.self).toBe(`${base}/v1/me`);
});

test("a page keeps every filter, drops what was not set, and names what it changes", () => {
  const url = "http://localhost/api/v2/x?path=a%2Fb&branch_ids=1&branch_ids=2&version=undefined&offset=3";
  const { searchParams } = new URL(linksFor(new Request(url), LOCAL).page({ offset: "23", limit: "20" }));
  expect([...searchParams]).toEqual([
    ["path", "a/b"],
    ["branch_ids", "1"],
    ["branch_ids", "2"],
    ["offset", "23"],
    ["limit", "20"],
  ]);
});

test("routes are the same under the prefix, and nothing else is cut off", () => {
  const path = (pathname: string) => routePath(new Request(`http://localhost${pathname}`));
  expect(path("/api/v1/me")).toBe("/v1/me");
  expect(path("/v1/me")).toBe("/v1/me");
  expect(path("/api")).toBe("/");
  expect(path("/apix/v1")).toBe("/apix/v1");
  expect(path("/api/api/v1/me")).toBe("/api/v1/me");
});
