import { expect, test } from "bun:test";
import { idMailbox, mailboxProblem, nameMailbox, toMailbox } from "./mailbox.ts";

const ID = "0198a3b4-1111-7222-8333-444455556666";
const HEX = ID.replaceAll("-", "");

test("every email file has an address of its owner's name and its id, which fits for the longest name", () => {
  expect(idMailbox("Ann", ID)).toBe(`ann-${HEX}`);
  expect(idMailbox("a".repeat(29), ID)).toHaveLength(62);
});

test("a val's own address is left out where it would be longer than SMTP allows", () => {
  expect(nameMailbox("Ann", "Shop_2")).toBe("ann.shop_2");
  expect(nameMailbox("a".repeat(16), "b".repeat(47))).toHaveLength(64);
  expect(nameMailbox("a".repeat(17), "b".repeat(47))).toBeUndefined();
});

test("an address that an owner chooses is of letters, digits, - and _", () => {
  for (const good of ["a", "shop", "a-b_c", "-", "a".repeat(64), "0"])
    expect([good, mailboxProblem(good)]).toEqual([good, undefined]);
  for (const bad of ["", "a.b", "a+b", "Shop", "ä", "a b", "a@b", '"a"', "a".repeat(65)])
    expect([bad, mailboxProblem(bad)]).toEqual([bad, expect.any(String)]);
});

test("nobody gets an address of the town's, nor one that looks like a file's", () => {
  for (const role of ["postmaster", "abuse", "notifications", "noreply", "admin", "root", "mailer-daemon"])
    expect([role, mailboxProblem(role)]).toEqual([role, expect.stringContaining("reserved")]);
  for (const role of ["hostmaster", "webmaster", "security", "support", "administrator", "std"])
    expect([role, mailboxProblem(role)]).toEqual([role, expect.stringContaining("reserved")]);
  expect(mailboxProblem(`x-${HEX}`)).toContain("looks like");
  expect(mailboxProblem(HEX)).toBeUndefined();
});

test("case, a tag and quotes make no difference to where a mail goes", () => {
  for (const same of [
    "ann.shop",
    "ANN.Shop",
    "ann.shop+news",
    "ann.shop+a+b",
    '"ann.shop"',
    '"a\\nn.shop+x"',
  ])
    expect([same, toMailbox(same)]).toEqual([same, "ann.shop"]);
  for (const none of ["", "+tag", '"', '""', "a b", "ann@shop", "ä", 'a"b', "x".repeat(101), '"a', "a\nb"])
    expect([none, toMailbox(none)]).toEqual([none, undefined]);
});
