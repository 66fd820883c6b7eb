/** Values that programs stumble over. */

import type { Random } from "./schema.ts";

const TEXTS = [
  "",
  " ",
  "undefined",
  "null",
  "NaN",
  "true",
  "-1",
  "0",
  "1e999",
  "0x10",
  "9007199254740993",
  "99999999999999999999",
  "1,2",
  "[]",
  "{}",
  ".",
  "..",
  "../../etc/passwd",
  "..\\..\\windows",
  "/etc/passwd",
  "a//b",
  "a/../b",
  "./a",
  "a/",
  "%2e%2e%2f",
  "%00",
  "\0",
  "a\0b",
  "'; drop table vals; --",
  "' or '1'='1",
  '" or 1=1 --',
  "%' union select hash from tokens --",
  "*",
  'fts" OR "x',
  "NEAR(a b)",
  "(((",
  '"',
  "a AND",
  "constructor",
  "__proto__",
  "toString",
  "hasOwnProperty",
  "\u{1F600}".repeat(20),
  "\uD800",
  "\uFEFFa",
  "e\u0301\u0301\u0301",
  "\u202Eabc",
  "İıſK",
  "\r\nx-injected: 1",
  "<script>alert(1)</script>",
  "${7*7}{{7*7}}",
  "file:///etc/passwd",
  "javascript:alert(1)",
  "http://127.0.0.1:9/",
  "http://[::1]:9/",
  "http://169.254.169.254/latest/meta-data",
  "main",
  "self",
  "me",
  "std",
  "9".repeat(40),
  "2026-02-30T25:61:61Z",
  "-271821-04-20T00:00:00Z",
  "275760-09-13T00:00:00.001Z",
  "0000-00-00T00:00:00Z",
  "vtwn_0123456789012345678901234567",
];

/** One of them, or one that is long. */
export function nastyText(random: Random): string {
  const at = random(TEXTS.length + 3);
  return TEXTS[at] ?? "x".repeat([49, 513, 10_000][random(3)]!);
}

/** Any JSON value, mostly of the wrong kind. */
export function nastyValue(random: Random): unknown {
  switch (random(12)) {
    case 0:
      return null;
    case 1:
      return random(2) === 0;
    case 2:
      return [0, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, 5e-324][random(8)];
    case 3:
      return [];
    case 4:
      return {};
    case 5:
      return Array.from({ length: [2, 101, 1500][random(3)]! }, () => nastyText(random).slice(0, 20));
    case 6:
      return JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":1},"length":-1}');
    case 7:
      return "x".repeat(90_000);
    case 8:
      return { [nastyText(random).slice(0, 30)]: nastyText(random) };
    default:
      return nastyText(random);
  }
}

/** A body that is no JSON, or more than one should read. */
export function nastyBody(random: Random): string {
  const bodies = [
    "",
    "{",
    "nul",
    '{"a":1,}',
    "{'a':1}",
    '"\\ud800"',
    '{"a":1}{"b":2}',
    "[".repeat(50_000),
    `${'{"a":'.repeat(2000)}1${"}".repeat(2000)}`,
    "\u0000\u0001",
    "\uFEFF{}",
    '{"name":"a","name":"b"}',
    "a=b&c=d",
    `{"content":"${"x".repeat(1_100_000)}"}`,
    "-",
    "1e999",
    '{"a":1e400}',
  ];
  return bodies[random(bodies.length)]!;
}
