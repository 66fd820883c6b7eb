import { expect, test } from "bun:test";
import * as address from "./address.ts";
import { MAX_NAME, MAX_USERNAME } from "./name.ts";
import { parseScopes, permits, SCOPES } from "./scope.ts";
import { mayRead, mayWrite } from "./visibility.ts";

const TOWN = {
  scheme: "http:",
  domain: "localhost",
  webDomain: "web.localhost",
  mailDomain: "mail.example",
  port: ":3000",
};
const FILE = "018f3a2b-1111-7222-8333-444455556666";

test("the id label of the longest username fits into a DNS label", () => {
  const label = address.idLabel("A".repeat(MAX_USERNAME), FILE);
  expect(label).toHaveLength(63);
  expect(label).toBe(`${"a".repeat(MAX_USERNAME)}--018f3a2b111172228333444455556666`);
});

test("a name label that is too long for DNS is none", () => {
  expect(address.nameLabel("Me", "HelloWorld")).toBe("me-helloworld");
  expect(address.nameLabel("a".repeat(14), "b".repeat(MAX_NAME))).toHaveLength(63);
  expect(address.nameLabel("a".repeat(15), "b".repeat(MAX_NAME))).toBeUndefined();
});

test("the label shown is the short one, unless some client would refuse it", () => {
  const id = address.idLabel("me", FILE);
  expect(address.preferLabels([id, "me-hello"])).toEqual(["me-hello", id]);
  expect(address.preferLabels(["me-a_", id])).toEqual([id, "me-a_"]);
});

test("each thing has its address", () => {
  expect(address.endpointUrl(TOWN, "me-hello")).toBe("http://me-hello.web.localhost:3000");
  expect(address.userUrl(TOWN, "me")).toBe("http://localhost:3000/u/me");
  expect(address.valUrl(TOWN, "me", "hello")).toBe("http://localhost:3000/x/me/hello");
  expect(address.valUrl(TOWN, "me", "hello", "dev")).toBe("http://localhost:3000/x/me/hello/branch/dev");
  expect(address.fileUrl(TOWN, { username: "me", valName: "hello", path: "a/[b].ts" })).toBe(
    "http://localhost:3000/x/me/hello/code/a/%5Bb%5D.ts",
  );
  expect(address.moduleUrl(TOWN, { username: "me", valName: "hello", path: "a/b.ts" })).toBe(
    "http://esm.localhost:3000/v/me/hello/a/b.ts",
  );
  const published = { ...TOWN, scheme: "https:", port: "" };
  expect(address.endpointUrl(published, "me-hello")).toBe("https://me-hello.web.localhost");
  const [dev, draft] = ["dev", "3-draft"].map((name) => ({
    ...{ username: "me", valName: "hello", path: "a.ts" },
    branch: { name, version: 7 },
  }));
  expect(address.fileUrl(TOWN, dev!)).toEndWith("/x/me/hello/branch/dev/code/a.ts");
  expect(address.moduleUrl(TOWN, dev!)).toEndWith("/v/me/hello@dev/a.ts");
  // `@3-draft` would be version 3 of a branch `draft`.
  expect(address.moduleUrl(TOWN, draft!)).toEndWith("/v/me/hello@7-3-draft/a.ts");
});

const OWNER = "u1";
const VISIBILITY = [
  ["public", undefined, true, false],
  ["public", "u2", true, false],
  ["public", OWNER, true, true],
  ["unlisted", undefined, true, false],
  ["unlisted", "u2", true, false],
  ["private", undefined, false, false],
  ["private", "u2", false, false],
  ["private", OWNER, true, true],
] as const;

test.each(VISIBILITY)("a %s val and %p: reads %p, writes %p", (privacy, id, reads, writes) => {
  const viewer = id && { accounts: new Set(["own", id]) };
  const val = { userId: OWNER, privacy };
  expect([mayRead(val, viewer), mayWrite(val, viewer)]).toEqual([reads, writes]);
});

test("write includes read, and nothing else", () => {
  expect(permits(["val:write"], "val:read")).toBe(true);
  expect(permits(["val:read"], "val:write")).toBe(false);
  expect(permits(["val:write"], "user:read")).toBe(false);
  expect(SCOPES.every((scope) => permits(SCOPES, scope))).toBe(true);
});

test("scopes are read in either spelling, and an unknown one is not passed over", () => {
  expect(parseScopes("val:read, user:write")).toEqual(["val:read", "user:write"]);
  expect(parseScopes("project_rw user_r telemetry_r")).toEqual(["val:write", "user:read", "telemetry:read"]);
  expect(parseScopes("")).toEqual([]);
  expect(parseScopes("val:read nonsense")).toBeUndefined();
  expect(parseScopes("telemetry_rw")).toBeUndefined();
});
