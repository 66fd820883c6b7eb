import { expect, test } from "bun:test";
import { DatabaseSync } from "node:sqlite";
import { type Statement, statementsOf } from "./sql-tokens.ts";

const texts = (sql: string) => [...statementsOf(sql)].map(({ text }) => text);
const first = (sql: string): Statement | undefined => statementsOf(sql).next().value || undefined;

const SPLITS: readonly [sql: string, ...texts: string[]][] = [
  ["select 1", "select 1"],
  ["select 1;", "select 1"],
  ["; ;select 1;;", "select 1"],
  ["select 1; select 2", "select 1", "select 2"],
  ["select ';' ; select \";\"", "select ';'", 'select ";"'],
  ["select 'it''s;'; select [;], `;`", "select 'it''s;'", "select [;], `;`"],
  ["select 1 -- ; none\n; /* ; */ select 2 /* ;", "select 1", "select 2"],
  ["-- nothing", ...[]],
  ["", ...[]],
  [
    "create trigger t after insert on a begin select 1; select case when 1 then 2 end; end; select 3",
    "create trigger t after insert on a begin select 1; select case when 1 then 2 end; end",
    "select 3",
  ],
  [
    "create temp trigger if not exists t insert on a begin delete from b; end;select 1",
    "create temp trigger if not exists t insert on a begin delete from b; end",
    "select 1",
  ],
  [
    "explain create trigger t insert on a begin select 1; end; x",
    "explain create trigger t insert on a begin select 1; end",
    "x",
  ],
  ["create table trigger_ (a); select 2", "create table trigger_ (a)", "select 2"],
  ["begin; commit; end; select 1", "begin", "commit", "end", "select 1"],
  ["select 'open; select 2", "select 'open; select 2"],
];

test("a text is cut into its statements, and a trigger's body stays whole", () => {
  for (const [sql, ...expected] of SPLITS) expect(texts(sql)).toEqual(expected);
});

const VERBS: readonly [sql: string, verb: string][] = [
  ["Select 1", "SELECT"],
  ["/* a */ insert into t values (1)", "INSERT"],
  ["replace into t values (1)", "REPLACE"],
  ["with a as (select 1) select * from a", "SELECT"],
  [
    "with recursive a(x) as (values(1)), b as materialized (select 1) insert into t select * from a",
    "INSERT",
  ],
  ["with replace as (select 1) delete from t", "DELETE"],
  ["with a as (select 1) replace into t select 1", "INSERT"],
  ["explain query plan delete from t", "EXPLAIN"],
  ["(select 1)", ""],
];

test("a statement is known by what it does, also behind WITH", () => {
  for (const [sql, verb] of VERBS) expect([sql, first(sql)?.verb]).toEqual([sql, verb]);
});

const PARAMETERS: readonly [sql: string, ...names: (string | null)[]][] = [
  ["select ?, ?", null, null],
  ["select ?3, ?1", "?1", null, "?3"],
  ["select ?2, ?", null, "?2", null],
  ["select :a, @b, $c, :a, :A", ":a", "@b", "$c", ":A"],
  ["select $a::b, $x::y(z), @c(d)", "$a::b", "$x::y(z)", "@c(d)"],
  ["select ':a', \":b\", [:c], `:d` -- :e\n, :f /* :g */", ":f"],
  ["select a$b, 1e5, x'00', :é", ":é"],
  ["select :a, ?1, ?2, ?1, ?", ":a", "?2", null],
  ["select 1 where a<:a and b>=?", ":a", null],
];

test("parameters are found, and numbered as SQLite numbers them", () => {
  for (const [sql, ...names] of PARAMETERS) expect([sql, first(sql)?.parameters]).toEqual([sql, names]);
});

/** Deterministic, so that a failure can be repeated. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}

test("SQLite itself finds as many parameters, whatever stands around them", () => {
  const db = new DatabaseSync(":memory:", { allowBareNamedParameters: false } as object);
  const pieces = [
    ...[
      "?",
      "?1",
      "?7",
      ":a",
      "@a",
      "$a",
      ":b",
      "$a::b",
      "$c(d)",
      "'?'",
      "'it''s :x'",
      '"a?"',
      "1",
      "1.5e3",
      ".5",
    ],
    ...["0x1f", "x'00'", "null", "/* ? */ 1", "-- ?\n 2", "(?)", "- :é", "abs(?)", "[a:b]", "1 -- :z\n"],
  ];
  const random = randomFrom(7);
  let tried = 0;
  for (let round = 0; round < 3000; round++) {
    const values = Array.from({ length: 1 + random(6) }, () => pieces[random(pieces.length)]!);
    const sql = `select ${values.join(random(2) ? "," : " , ")} from (select 1 as "a?", 2 as "a:b")`;
    let statement: ReturnType<typeof db.prepare>;
    try {
      statement = db.prepare(sql);
    } catch {
      continue;
    }
    tried++;
    const { parameters } = first(sql)!;
    const isNamed = (name: string | null) => name !== null && !name.startsWith("?");
    const named = Object.fromEntries(parameters.filter(isNamed).map((name) => [name, 1]));
    const numbered = parameters.filter((name) => !isNamed(name)).map(() => 1);
    expect(() => statement.all(named, ...numbered)).not.toThrow();
    expect(() => statement.all(named, ...numbered, 1)).toThrow("out of range");
    expect(() => statement.all({ ...named, ":none": 1 }, ...numbered)).toThrow();
  }
  expect(tried).toBeGreaterThan(1000);
  db.close();
});
