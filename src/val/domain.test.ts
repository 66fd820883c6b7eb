import { expect, test } from "bun:test";
import { beginningsOf, subdomainProblem, toDomain } from "./domain.ts";

test("a subdomain has 3 to 63 letters, digits and single dashes, none of them at an end", () => {
  for (const good of ["abc", "a-b", "shop2", "0-0", "a".repeat(63)])
    expect([good, subdomainProblem(good)]).toEqual([good, undefined]);
  for (const bad of ["ab", "a".repeat(64), "-abc", "abc-", "a--b", "a_b", "a.b", "Abc", "äbc", "", "a b"])
    expect([bad, subdomainProblem(bad)]).toEqual([bad, expect.any(String)]);
});

test("names of the town itself, and those that machines look for, are nobody's", () => {
  for (const label of ["api", "esm", "www", "admin", "autodiscover", "wpad", "localhost", "domains"])
    expect([label, subdomainProblem(label)]).toEqual([label, expect.stringContaining("reserved")]);
});

test("a label begins with what may be a user's name", () => {
  expect(beginningsOf("ann-shop-2")).toEqual(["ann", "ann-shop", "ann-shop-2"]);
  expect(beginningsOf("shop")).toEqual(["shop"]);
});

const TOWN = ["hamlet.example", "web.example.net", "esm.town", "api.val.town"];

test("a domain is kept as Host has it", () => {
  expect(toDomain("Shop.Example.ORG.", TOWN)).toEqual({ host: "shop.example.org" });
  expect(toDomain("münchen.example.org", TOWN)).toEqual({ host: "xn--mnchen-3ya.example.org" });
  expect(toDomain("example.org", TOWN)).toEqual({ host: "example.org" });
  expect(toDomain("nothamlet.example", TOWN)).toEqual({ host: "nothamlet.example" });
});

const BAD = [
  ..."localhost intranet 127.0.0.1 2130706433 0x7f.1 [::1] a.localhost printer.local db.internal x.arpa".split(
    " ",
  ),
  ..."hamlet.example api.hamlet.example x.web.example.net esm.town api.val.town a..b .example.org".split(" "),
  ..."http://example.org example.org:80 example.org/x user@example.org a_b.example.org -a.example.org a.1".split(
    " ",
  ),
  ...[
    "",
    " ",
    "*.example.org",
    `${"a".repeat(64)}.org`,
    `${"a.".repeat(130)}org`,
    "exa mple.org",
    "a%2eb.org",
  ],
];
test.each(BAD)("%p is no domain that anybody can have", (text) => {
  expect(toDomain(text, TOWN)).toEqual({ problem: expect.any(String) });
});
