import { expect, test } from "bun:test";
import { MAX_CONTROL_LINE } from "../wire/control.ts";
import { LineSplitter, MAX_OWN_LINE } from "./lines.ts";

const NONCE = "f00dfeedf00dfeedf00dfeedf00dfeed";

/** What a splitter says of these pieces: reports as their kind, own lines in quotes. */
function split(pieces: readonly (string | Uint8Array)[], nonce: string | undefined = NONCE): string[] {
  const said: string[] = [];
  const splitter = new LineSplitter(nonce, {
    report: (report) => said.push(report.kind),
    line: (text) => said.push(JSON.stringify(text)),
  });
  for (const piece of pieces)
    splitter.push(typeof piece === "string" ? new TextEncoder().encode(piece) : piece);
  splitter.end();
  return said;
}

test("lines with the nonce are reports, all others the val's own", () => {
  expect(split([`${NONCE} {"kind":"ready"}\nhello\n${NONCE} {"kind":"loaded"}\n`])).toEqual([
    "ready",
    '"hello"',
    "loaded",
  ]);
});

test("it does not matter where the pieces end, not even within a character", () => {
  const bytes = new TextEncoder().encode(`grüße €\n${NONCE} {"kind":"ready"}\n`);
  expect(split(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(['"grüße €"', "ready"]);
});

test("a report after half a line of the val's is one, and the line goes on", () => {
  expect(split([`half ${NONCE} {"kind":"ready"}\nrest\n`])).toEqual(["ready", '"half rest"']);
});

test("without an end at the end, a line still counts; a carriage return does not", () => {
  expect(split(["a\r\nb"])).toEqual(['"a"', '"b"']);
});

test("a report that is not one is nothing at all", () => {
  expect(split([`${NONCE} {"kind":"dance"}\n${NONCE} not json\n${NONCE} \n`])).toEqual([]);
});

test("another nonce is the val's own output", () => {
  expect(split(['0123 {"kind":"failed","message":"forged"}\n'])).toEqual([
    JSON.stringify('0123 {"kind":"failed","message":"forged"}'),
  ]);
});

test("a line of 5 MB is cut, held nowhere, and the report after it is heard", () => {
  const pieces = Array.from({ length: 5 }, () => "x".repeat(2 ** 20));
  const [line, ...rest] = split([...pieces, `${NONCE} {"kind":"ready"}\n`, "next\n"]);
  expect([line, ...rest].at(0)).toBe("ready");
  expect(rest.length).toBe(1);
  const text: string = JSON.parse(rest[0]!);
  expect(text.length).toBeLessThan(MAX_OWN_LINE + 50);
  expect(text).toEndWith(`… (${5 * 2 ** 20 + 4 - MAX_OWN_LINE} more characters)`);
});

test("a report longer than any may be is ignored, and those after it are heard", () => {
  const long = `${NONCE} {"kind":"failed","message":"${"x".repeat(MAX_CONTROL_LINE)}"}\n`;
  expect(split([long, `${NONCE} {"kind":"ready"}\n`]).at(-1)).toBe("ready");
});

test("without a nonce nothing is a report", () => {
  const said: string[] = [];
  const splitter = new LineSplitter(undefined, {
    report: () => said.push("report"),
    line: (t) => said.push(t),
  });
  splitter.push(new TextEncoder().encode(' {"kind":"ready"}\n'));
  expect(said).toEqual([' {"kind":"ready"}']);
});
