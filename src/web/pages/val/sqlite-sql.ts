/** The statements by which tables are shown and changed. Names are those of a stranger: always quoted; values are arguments. */

import { integer, type Value } from "./sqlite-value.ts";

export interface Statement {
  readonly sql: string;
  readonly args?: readonly Value[];
}

export interface Column {
  readonly name: string;
  /** As it was declared. */
  readonly type: string;
  /** Computed by SQLite: cannot be written. */
  readonly generated: boolean;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  /** Its place in the primary key, from 1 on; 0 when it is not in it. */
  readonly key: number;
}

export interface Table {
  readonly name: string;
  readonly kind: "table" | "view" | "virtual";
  readonly columns: readonly Column[];
  /** What tells a row from all others: a name of the rowid, or the primary key; empty when there is nothing. */
  readonly identity: readonly string[];
}

/** So much of a text or blob is shown in a table, characters or bytes. */
export const CUT = 300;

export interface Page {
  readonly limit: number;
  readonly offset: number;
  readonly sort?: { readonly column: string; readonly down: boolean };
}

/** A name as an identifier, whatever is in it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Names of a table that has rows of its own but no key: the one of the three words that is no column. */
export function rowidOf(columns: readonly string[]): string | undefined {
  const taken = new Set(columns.map((name) => name.toLowerCase()));
  return ["rowid", "_rowid_", "oid"].find((name) => !taken.has(name));
}

/** Identity, then the columns, long values cut, then how long those are that were cut, else null. */
export function selectPage({ name, columns, identity }: Table, { limit, offset, sort }: Page): Statement {
  const isLong = (column: string) => `typeof(${column}) in ('text', 'blob') and length(${column}) > ${CUT}`;
  const quoted = columns.map((column) => quoteName(column.name));
  const parts = [
    ...identity.map(quoteName),
    ...quoted.map((column) => `iif(${isLong(column)}, substr(${column}, 1, ${CUT}), ${column})`),
    ...quoted.map((column) => `iif(${isLong(column)}, length(${column}), null)`),
  ];
  const order = [
    ...(sort ? [`${quoteName(sort.column)} ${sort.down ? "desc" : "asc"}`] : []),
    ...identity.map(quoteName),
  ];
  const by = order.length > 0 ? ` order by ${order.join(", ")}` : "";
  return {
    sql: `select ${parts.join(", ")} from ${quoteName(name)}${by} limit ? offset ?`,
    args: [integer(limit), integer(offset)],
  };
}

/** How many rows there are, counted up to `most` and one. */
export function countRows(name: string, most: number): Statement {
  return { sql: `select count(*) from (select 1 from ${quoteName(name)} limit ${most + 1})` };
}

/** All of one value. */
export function selectCell(table: Table, column: string, row: readonly Value[]): Statement {
  const { sql, args } = where(table, row);
  return { sql: `select ${quoteName(column)} from ${quoteName(table.name)} where ${sql}`, args };
}

/** Changes one value, if it is still what it was. */
export function updateCell(
  table: Table,
  column: string,
  row: readonly Value[],
  { before, after }: { before: Value; after: Value },
): Statement {
  const { sql, args } = where(table, row);
  const name = quoteName(column);
  return {
    sql: `update ${quoteName(table.name)} set ${name} = ? where ${sql} and ${name} is ?`,
    args: [after, ...args, before],
  };
}

/** A new row with these values; what is not named gets its default. */
export function insertRow(table: Table, values: ReadonlyMap<string, Value>): Statement {
  const name = quoteName(table.name);
  if (values.size === 0) return { sql: `insert into ${name} default values` };
  const columns = [...values.keys()].map(quoteName).join(", ");
  const marks = [...values].map(() => "?").join(", ");
  return { sql: `insert into ${name} (${columns}) values (${marks})`, args: [...values.values()] };
}

/** All of these rows, or, when something keeps one of them, none. */
export function deleteRows(table: Table, rows: readonly (readonly Value[])[]): Statement {
  const each = rows.map((row) => where(table, row));
  return {
    sql: `delete from ${quoteName(table.name)} where ${each.map(({ sql }) => `(${sql})`).join(" or ")}`,
    args: each.flatMap(({ args }) => args),
  };
}

/** The next rows of all, whole, for an export: from where the last ones ended, if the table has such an order. */
export function selectNext(
  { name, columns, identity }: Table,
  limit: number,
  { after, offset }: { after: readonly Value[] | undefined; offset: number },
): Statement {
  const list = [...identity, ...columns.map((column) => column.name)].map(quoteName).join(", ");
  const order = identity.map(quoteName).join(", ");
  const from = `select ${list} from ${quoteName(name)}`;
  if (identity.length === 0)
    return { sql: `${from} limit ? offset ?`, args: [integer(limit), integer(offset)] };
  if (after === undefined) return { sql: `${from} order by ${order} limit ?`, args: [integer(limit)] };
  const marks = after.map(() => "?").join(", ");
  return {
    sql: `${from} where (${order}) > (${marks}) order by ${order} limit ?`,
    args: [...after, integer(limit)],
  };
}

function where({ identity }: Table, row: readonly Value[]): { sql: string; args: readonly Value[] } {
  return { sql: identity.map((name) => `${quoteName(name)} is ?`).join(" and "), args: row };
}
