import { expect, test } from "bun:test";
import { parseDotenv } from "./dotenv.ts";

const values = (text: string) =>
  Object.fromEntries(parseDotenv(text).entries.map(({ key, value }) => [key, value]));
const problems = (text: string) =>
  parseDotenv(text).problems.map(({ line, text: said }) => `${line}: ${said}`);

test("names and values are read with comments, export, spaces, and any line ends", () => {
  const text = "\uFEFF# town\r\nA=1\r\n\r\n  export B = two words # a note\nC=\nD=a#b\rE=x=y\n";
  expect(values(text)).toEqual({ A: "1", B: "two words", C: "", D: "a#b", E: "x=y" });
  expect(problems(text)).toEqual([]);
});

test("values in quotes keep their spaces, and go over several lines", () => {
  const text = [
    `A="a \\"b\\" \\n \\$c \\d # no comment" # a comment`,
    "B='a \\n b'",
    'KEY="-----BEGIN KEY-----',
    "MIIB=",
    '-----END KEY-----"',
    'C=`it\'s "so"`',
    'D=""',
  ].join("\n");
  expect(values(text)).toEqual({
    A: 'a "b" \n $c \\d # no comment',
    B: "a \\n b",
    KEY: "-----BEGIN KEY-----\nMIIB=\n-----END KEY-----",
    C: `it's "so"`,
    D: "",
  });
  expect(parseDotenv(text).entries.map(({ line }) => line)).toEqual([1, 2, 3, 6, 7]);
});

test("what cannot be a variable is told with its line, and the rest is read", () => {
  const text = ["1A=x", "nonsense", "A='open", "B=1", "valtown=x", 'C="a" b', "=x", "D=ok"].join("\n");
  expect(values(text)).toEqual({ B: "1", D: "ok" });
  expect(problems(text)).toEqual([
    "1: “1A”: A variable's name consists of letters, digits and _, and does not begin with a digit.",
    "2: “nonsense” is no NAME=value.",
    "3: The quote ' is never closed.",
    "5: “valtown”: The variable valtown is set by the town itself. Choose another name.",
    "6: There is more behind the closing quote: “b”.",
    "7: “”: A variable's name consists of letters, digits and _, and does not begin with a digit.",
  ]);
});

test("of a name that comes twice the last value counts, and both places are told", () => {
  const { entries, problems: said } = parseDotenv("A=1\nB=2\nA=3");
  expect(entries).toEqual([
    { key: "A", value: "3", line: 3 },
    { key: "B", value: "2", line: 2 },
  ]);
  expect(said).toEqual([{ line: 1, text: "A comes again in line 3: that value counts." }]);
});

test("a value that is too long is refused, and very much text is read in time", () => {
  expect(problems(`A=${"x".repeat(8193)}`)[0]).toContain("at most 8192");
  const many = Array.from({ length: 5000 }, (_, i) => `K${i}="v${i}"`).join("\n");
  expect(parseDotenv(many).entries.length).toBe(5000);
});
