import { expect, test } from "bun:test";
import { isSpecifier, parseSpecifier } from "./specifier.ts";

test.each([
  ["npm:hono", { kind: "npm", name: "hono" }],
  ["npm:hono@4/jsx", { kind: "npm", name: "hono", range: "4", sub: "jsx" }],
  ["npm:/hono@^4.1.2", { kind: "npm", name: "hono", range: "^4.1.2" }],
  ["npm:@libsql/client@0.6.2/web", { kind: "npm", name: "@libsql/client", range: "0.6.2", sub: "web" }],
  ["npm:react@19.0.0-rc.1+x", { kind: "npm", name: "react", range: "19.0.0-rc.1+x" }],
  ["npm:lodash@4.x/fp/add.js", { kind: "npm", name: "lodash", range: "4.x", sub: "fp/add.js" }],
  ["npm:lodash@latest/", { kind: "npm", name: "lodash", range: "latest" }],
  ["jsr:@std/path@1/posix", { kind: "jsr", name: "@std/path", range: "1", sub: "posix" }],
  ["https://deno.land/x/a@1/mod.ts?x=1", { kind: "https", url: "https://deno.land/x/a@1/mod.ts?x=1" }],
] as const)("%s is understood", (text, expected) => {
  expect(parseSpecifier(text)).toEqual(expected);
});

test.each([
  "",
  "hono",
  "npm:",
  "npm:@scope",
  "npm:../x",
  "npm:.hidden",
  "npm:hono@file:/etc/passwd",
  "npm:hono@https://x/y.tgz",
  "npm:hono@npm:other@1",
  "npm:hono@>=4 <5",
  "npm:hono@^4||^5",
  "npm:hono@",
  "npm:hono@4/../../etc/passwd",
  "npm:hono@4/a/..",
  "npm:hono@4/.",
  "npm:hono@4//a",
  "npm:hono@4/a?b",
  'npm:hono@4/a";import "file:///etc/passwd',
  "npm:hono@4/a\n",
  "npm:hono@4/%2e%2e",
  "jsr:std/path",
  "jsr:@std/path@file:x",
  "file:///etc/passwd",
  "http://example.com/a.ts",
  "data:text/javascript,1",
  "blob:x",
  "node:fs",
  "https://",
  "https://user:secret@example.com/a.ts",
  'https://example.com/"a',
  "https://example.com/a b",
])("%j is refused with a sentence", (text) => {
  const parsed = parseSpecifier(text);
  expect(isSpecifier(parsed)).toBe(false);
  expect(parsed).toMatchObject({ message: expect.stringMatching(/\.$/) });
});

test.each(["npm:", "https://example.com/"])("a name after %s may only be so long", (start) => {
  expect(isSpecifier(parseSpecifier(`${start}${"a".repeat(100)}`))).toBe(true);
  expect(isSpecifier(parseSpecifier(`${start}${"a".repeat(2100)}`))).toBe(false);
});

test("a secret in an address is not repeated", () => {
  expect(JSON.stringify(parseSpecifier("https://user:hunter2@example.com/"))).not.toContain("hunter2");
});
