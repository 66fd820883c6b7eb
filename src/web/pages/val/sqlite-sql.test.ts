import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { toCsvHead, toCsvLine } from "./sqlite-csv.ts";
import {
  type Column,
  countRows,
  deleteRows,
  insertRow,
  quoteName,
  rowidOf,
  type Statement,
  selectCell,
  selectNext,
  selectPage,
  type Table,
  updateCell,
} from "./sqlite-sql.ts";
import { integer, NULL, readValue, text, type Value, writeValue } from "./sqlite-value.ts";

const HOSTILE = `a"b'; drop table "t"; --`;
const column = (name: string, key = 0): Column => ({
  ...{ name, type: "", generated: false, notNull: false, hasDefault: false, key },
});
const plain = (value: Value) =>
  value.type === "null" ? null : value.type === "integer" ? BigInt(value.value) : writeValue(value);

function open(schema: string) {
  const db = new Database(":memory:", { safeIntegers: true });
  db.run(schema);
  const run = ({ sql, args = [] }: Statement) => db.query(sql).values(...(args.map(plain) as never[]));
  return { db, run };
}

test("names of tables and columns may hold anything, and nothing of it is ever run", () => {
  const { run } = open(
    `create table ${quoteName(HOSTILE)} (${quoteName(HOSTILE)}, "select" text, rowid int)`,
  );
  const table: Table = {
    ...{ name: HOSTILE, kind: "table", identity: [rowidOf([HOSTILE, "select", "rowid"])!] },
    columns: [column(HOSTILE), column("select"), column("rowid")],
  };
  expect(table.identity).toEqual(["_rowid_"]);
  run(
    insertRow(
      table,
      new Map([
        [HOSTILE, text("x")],
        ["select", text(HOSTILE)],
      ]),
    ),
  );
  run(insertRow(table, new Map()));
  expect(run(countRows(HOSTILE, 10))).toEqual([[2n]]);
  const change = { before: text("x"), after: integer(5) };
  run(updateCell(table, HOSTILE, [integer(1)], change));
  expect(run(selectCell(table, HOSTILE, [integer(1)]))).toEqual([[5n]]);
  // It is not what it was: nothing is changed any more.
  run(updateCell(table, HOSTILE, [integer(1)], change));
  run(updateCell(table, "select", [integer(2)], { before: NULL, after: text("now") }));
  expect(run(selectPage(table, { limit: 10, offset: 0, sort: { column: "select", down: true } }))).toEqual([
    [2n, null, "now", null, null, null, null],
    [1n, 5n, HOSTILE, null, null, null, null],
  ]);
  run(deleteRows(table, [[integer(1)], [integer(2)]]));
  expect(run(countRows(HOSTILE, 10))).toEqual([[0n]]);
});

test("a table without rowid is known by its primary key, one that has all three words as columns too", () => {
  expect(rowidOf(["RowId", "_rowid_", "OID"])).toBeUndefined();
  const { run } = open("create table kv (a text, b int, c, primary key (a, b)) without rowid");
  const table: Table = {
    ...{ name: "kv", kind: "table", identity: ["a", "b"] },
    columns: [column("a", 1), column("b", 2), column("c")],
  };
  for (const [a, b] of [
    ["x", 1],
    ["x", 2],
    ["y", 1],
  ] as const)
    run(
      insertRow(
        table,
        new Map<string, Value>([
          ["a", text(a)],
          ["b", integer(b)],
        ]),
      ),
    );
  run(deleteRows(table, [[text("x"), integer(2)]]));
  const first = run(selectNext(table, 1, { after: undefined, offset: 0 }));
  expect(first).toEqual([["x", 1n, "x", 1n, null]]);
  expect(run(selectNext(table, 5, { after: [text("x"), integer(1)], offset: 1 }))).toEqual([
    ["y", 1n, "y", 1n, null],
  ]);
});

test("long values are cut, and their length is told; views have no identity", () => {
  const { run } = open("create view v as select zeroblob(1000) as b, printf('%.400c', 'é') as t, 1 as n");
  const table: Table = {
    ...{ name: "v", kind: "view", identity: [] },
    columns: [column("b"), column("t"), column("n")],
  };
  const [row] = run(selectPage(table, { limit: 1, offset: 0 })) as [unknown[]];
  expect((row[0] as Uint8Array).length).toBe(300);
  expect((row[1] as string).length).toBe(300);
  expect(row.slice(2)).toEqual([1n, 1000n, 400n, null]);
});

test("values are written and read back with their types, and what is none is told", () => {
  const values: Value[] = [
    NULL,
    integer("-9223372036854775808"),
    { type: "float", value: 2 },
    { type: "float", value: 1.5e300 },
    text("a\nb"),
    { type: "blob", base64: "AP9B" },
  ];
  for (const value of values) expect(readValue(value.type, writeValue(value))).toEqual(value);
  expect(writeValue({ type: "float", value: 2 })).toBe("2.0");
  expect(readValue("integer", "9223372036854775808")).toContain("64 bits");
  for (const [type, written] of [
    ["integer", "1.5"],
    ["float", "x"],
    ["blob", "0"],
  ] as const)
    expect(readValue(type, written)).toBeString();
});

test("CSV tells null from an empty text, and quotes what needs it", () => {
  expect(toCsvHead(["a", 'b"c'])).toBe('a,"b""c"\r\n');
  const row = [NULL, text(""), text("a,b"), text("x\ny"), text("plain"), integer(1)];
  expect(toCsvLine(row)).toBe(',"","a,b","x\ny",plain,1\r\n');
});
