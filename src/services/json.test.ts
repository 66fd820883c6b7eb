import { describe, expect, test } from "bun:test";
import { parseJson } from "./json.ts";

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

describe("JSON from strangers", () => {
  test.each([
    ["null"],
    ['{"a":[1,{"b":"]}[{"}]}'],
    ['["\\\\","\\"[","\\\\\\"",""]'],
    [`[${Array.from({ length: 1000 }, () => "[{}]").join()}]`],
    [JSON.stringify("[".repeat(10_000))],
    [nested(500)],
  ])("is what it says: %.30s", (text) => expect(parseJson(text)).toEqual(JSON.parse(text)));

  test.each([[nested(501)], ["[".repeat(10_000_000)], ['{"a":'.repeat(501)], ['{"\\"]":'.repeat(600)]])(
    "is not read when it is too deep: %.12s",
    (text) => expect(() => parseJson(text)).toThrow("nested more than 500 deep"),
  );

  test.each([["["], ['"'], ['"\\"'], ["]"], [""]])("is told when it is none: %s", (text) =>
    expect(() => parseJson(text)).toThrow(SyntaxError),
  );
});
