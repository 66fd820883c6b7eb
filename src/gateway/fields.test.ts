import { describe, expect, test } from "bun:test";
import { isCleanHead, isToken, listMembers, parseContentLength, passFields } from "./fields.ts";

function fieldsOf(head: string): [string, string][] | undefined {
  const fields: [string, string][] = [];
  const passed = passFields(head, 0, (name, value) => {
    fields.push([name, value]);
    return "keep";
  });
  return passed === undefined ? undefined : fields;
}

describe("field lines", () => {
  test("come with lower-case names and values without the blanks around them", () =>
    expect(fieldsOf("A:1\r\nb-C: \t x: y \t\r\nd:")).toEqual([
      ["a", "1"],
      ["b-c", "x: y"],
      ["d", ""],
    ]));

  test("keep bytes that JavaScript calls white space, and HTTP does not", () =>
    expect(fieldsOf("a: \xa0b\xa0")).toEqual([["a", "\xa0b\xa0"]]));

  test("with thousands of blanks inside a value take no longer than any others", () => {
    const started = performance.now();
    for (let i = 0; i < 30; i++)
      expect(fieldsOf(`a: b${" ".repeat(32_000)}c `)?.[0]?.[1]).toHaveLength(32_002);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  for (const head of [
    "a",
    ":b",
    "a : b",
    " a: b",
    "a: b\r\n c",
    "a: b\r\n\tc: d",
    "a\xa0: b",
    "a: b\r\n\r\nc: d",
  ]) {
    test(`${JSON.stringify(head)} is refused`, () => expect(fieldsOf(head)).toBeUndefined());
  }

  test("are passed on as they were written, in one piece but for what is dropped", () => {
    const judged = (head: string) => passFields(head, 0, (name) => (name.startsWith("x") ? "drop" : "keep"));
    expect(judged("A:1\r\nb: \xe9 \r\nC: 2")).toBe("A:1\r\nb: \xe9 \r\nC: 2\r\n");
    expect(judged("X: 1\r\na: 1\r\nx-y: 2\r\nb: 2\r\nx: 3")).toBe("a: 1\r\nb: 2\r\n");
    expect(judged("x: 1")).toBe("");
    expect(judged("")).toBe("");
  });

  test("are walked no further than the first one that is refused", () => {
    let seen = 0;
    const judge = () => {
      seen++;
      return "refuse" as const;
    };
    expect(passFields("a: 1\r\nb: 2", 0, judge)).toBeUndefined();
    expect(seen).toBe(1);
  });
});

test("a head is clean when its only controls are tabs and CRLF", () => {
  expect(isCleanHead("a: b\tc\r\nd: \xff")).toBe(true);
  for (let code = 0; code < 0x20; code++) {
    if (code !== 0x09) expect([code, isCleanHead(`a${String.fromCharCode(code)}b`)]).toEqual([code, false]);
  }
  for (const head of ["a\x7fb", "a\r", "a\r\rb", "a\r\n\nb", "\nb", "a\n\rb"])
    expect([head, isCleanHead(head)]).toEqual([head, false]);
});

test("a length is a decimal number of bytes, or none at all", () => {
  expect(parseContentLength("0")).toBe(0);
  expect(parseContentLength("007")).toBe(7);
  expect(parseContentLength("999999999999999")).toBe(999_999_999_999_999);
  for (const value of ["", " 1", "1 ", "-1", "+1", "1,1", "0x1", "1e1", "1.0", "１", "1000000000000000"])
    expect([value, parseContentLength(value)]).toEqual([value, -1]);
});

test("a token has no separators", () => {
  expect(isToken("x-A_b!#$%&'*+.^`|~1")).toBe(true);
  for (const text of ["", "a b", "a:", "a/b", "(a)", "a,", '"a"', "a\r", "é"])
    expect([text, isToken(text)]).toEqual([text, false]);
});

test("members of a comma list come lower-case and trimmed, empty ones dropped", () =>
  expect(listMembers(",Keep-Alive , ,upgrade")).toEqual(["keep-alive", "upgrade"]));
