import { expect, test } from "bun:test";
import { placeOf } from "./sqlite-place.ts";

test("an error is placed by its offset, by the word it is near, or else at its statement", () => {
  const sql = "select 1;\n\nselect\n  nope from t";
  const statement = { text: "select\n  nope from t", from: 11 };
  const at = (message: string) => {
    const { line, column } = placeOf(sql, statement, message);
    return [line, column];
  };
  expect(at("SQL input error: no such column: nope (at offset 9)")).toEqual([4, 3]);
  expect(at('SQL string could not be parsed: near "from": syntax error')).toEqual([4, 8]);
  expect(at("SQLite error: no such table: t")).toEqual([3, 1]);
});
