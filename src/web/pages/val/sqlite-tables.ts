/** Which tables a database has, and what is in them. */

import { queryOptions } from "@tanstack/react-query";
import { queries } from "../../client/queries.ts";
import { runGood, runOne } from "./sqlite-pipe.ts";
import {
  type Column,
  countRows,
  type Page,
  quoteName,
  rowidOf,
  selectPage,
  type Table,
} from "./sqlite-sql.ts";
import { type Value, writeValue } from "./sqlite-value.ts";

/** Beyond it rows are not counted: that would take long. */
export const MOST_COUNTED = 100_000;

export interface Listed {
  readonly name: string;
  readonly kind: Table["kind"];
  readonly withoutRowid: boolean;
  /** Undefined when they cannot be counted. */
  readonly rows: number | undefined;
}

/** A page of a table. */
export interface Rows {
  /** What tells each row from the others. */
  readonly identities: readonly (readonly Value[])[];
  readonly rows: readonly (readonly Value[])[];
  /** Of each cell: how long it is, if it is cut; else 0. */
  readonly lengths: readonly (readonly number[])[];
}

/** Tables, views and how many rows they have. */
export function tablesQuery(valId: string) {
  return queryOptions({
    queryKey: ["sqlite", valId, "tables"],
    queryFn: ({ signal }) => listTables(valId, signal),
  });
}

/** The columns of a table, and what tells its rows apart. */
export function tableQuery(valId: string, listed: Listed) {
  return queryOptions({
    queryKey: ["sqlite", valId, "table", listed.name, listed.kind, listed.withoutRowid],
    queryFn: ({ signal }) => describeTable(valId, listed, signal),
  });
}

/** Some rows of it. */
export function rowsQuery(valId: string, table: Table, page: Page) {
  return queryOptions({
    queryKey: ["sqlite", valId, "rows", table.name, page],
    queryFn: async ({ signal }): Promise<Rows> => {
      const { rows } = await runOne(valId, selectPage(table, page), signal);
      const key = table.identity.length;
      const width = table.columns.length;
      return {
        identities: rows.map((row) => row.slice(0, key)),
        rows: rows.map((row) => row.slice(key, key + width)),
        lengths: rows.map((row) => row.slice(key + width).map((one) => Number(writeValue(one)))),
      };
    },
  });
}

/** What was known of the database is out of date. */
export const forgetSqlite = (valId: string) => queries.invalidateQueries({ queryKey: ["sqlite", valId] });

async function listTables(valId: string, signal: AbortSignal): Promise<Listed[]> {
  const { columns, rows } = await runOne(valId, { sql: "pragma table_list" }, signal);
  const found = rows
    .map((row) => Object.fromEntries(columns.map((name, at) => [name, writeValue(row[at]!)])))
    .filter(({ schema, type, name }) => schema === "main" && type !== "shadow" && !/^sqlite_/i.test(name!))
    .map(({ name, type, wr }) => ({
      name: name!,
      kind: type as Table["kind"],
      withoutRowid: wr === "1",
    }))
    .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  return Promise.all(found.map(async (one) => ({ ...one, rows: await count(valId, one.name, signal) })));
}

/** One that cannot be counted, such as a view of a table that is gone, keeps no other from being shown. */
async function count(valId: string, name: string, signal: AbortSignal): Promise<number | undefined> {
  try {
    const { rows } = await runOne(valId, countRows(name, MOST_COUNTED), signal);
    return Number(writeValue(rows[0]![0]!));
  } catch {
    return undefined;
  }
}

async function describeTable(valId: string, listed: Listed, signal: AbortSignal): Promise<Table> {
  const { name, kind, withoutRowid } = listed;
  const asked = { sql: `pragma table_xinfo(${quoteName(name)})` };
  const [{ columns: names, rows }] = (await runGood(valId, [asked], signal)) as [
    Awaited<ReturnType<typeof runOne>>,
  ];
  const columns = rows
    .map((row) => Object.fromEntries(names.map((one, at) => [one, row[at]!])))
    // 1 is a hidden column of a virtual table.
    .filter(({ hidden }) => writeValue(hidden!) !== "1")
    .map(toColumn);
  return { name, kind, columns, identity: identityOf(kind, withoutRowid, columns) };
}

function toColumn(row: Record<string, Value>): Column {
  return {
    name: writeValue(row.name!),
    type: writeValue(row.type!),
    generated: ["2", "3"].includes(writeValue(row.hidden!)),
    notNull: writeValue(row.notnull!) === "1",
    hasDefault: row.dflt_value!.type !== "null",
    key: Number(writeValue(row.pk!)),
  };
}

function identityOf(kind: Table["kind"], withoutRowid: boolean, columns: readonly Column[]): string[] {
  if (kind !== "table") return [];
  const keys = columns.filter(({ key }) => key > 0).sort((a, b) => a.key - b.key);
  const rowid = withoutRowid ? undefined : rowidOf(columns.map(({ name }) => name));
  return rowid !== undefined ? [rowid] : keys.map(({ name }) => name);
}
