/** A database as the SQL that makes it again: what `sqlite3` reads, and what an import runs. */

import type { Scope } from "../services/scope.ts";
import type { SqliteService } from "../services/sqlite.ts";
import { SqlRefusal, SqlStream } from "./sql-stream.ts";

interface Table {
  readonly name: string;
  readonly sql: string;
  readonly isVirtual: boolean;
  readonly hasRowid: boolean;
}

const ROWID_NAMES = ["rowid", "_rowid_", "oid"];
const MAX_ROWS = 2000;

/** Statements in order, of one moment; none when there is nothing in it. Rejects with SqlRefusal. */
export async function* dumpSql(sqlite: SqliteService, scope: Scope): AsyncGenerator<string> {
  if ((await sqlite.usage(scope)) === 0) return;
  await using stream = new SqlStream(sqlite, scope);
  await stream.run("begin");
  const tables = await tablesOf(stream);
  const others = await stream.rows(
    "select sql from sqlite_schema where type in ('index', 'view', 'trigger') and sql is not null order by rowid",
  );
  if (tables.length + others.length === 0) return;
  yield "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n";
  for (const table of tables) {
    yield `${table.sql};\n`;
    // An index without its content has nothing that could be read from it.
    if (/content\s*=\s*(''|"")/i.test(table.sql) && table.isVirtual) continue;
    yield* dumpRows(stream, table);
  }
  yield* dumpSequences(stream);
  for (const [sql] of others) yield `${sql};\n`;
  const [[version = "0"] = []] = await stream.rows("pragma user_version");
  if (version !== "0") yield `PRAGMA user_version=${version};\n`;
  yield "COMMIT;\n";
}

async function tablesOf(stream: SqlStream): Promise<Table[]> {
  const kinds = await stream.rows("pragma table_list");
  const known = new Map(
    kinds
      .filter(([schema]) => schema === "main")
      .map(([, name, type, , isWithout]) => [name!, { type, isWithout }]),
  );
  const rows = await stream.rows(
    "select name, sql from sqlite_schema where type = 'table' and sql is not null and name not like 'sqlite\\_%' escape '\\' order by rowid",
  );
  return rows.flatMap(([name, sql]) => {
    const { type, isWithout } = known.get(name!) ?? {};
    // Its virtual table makes it.
    if (type === "shadow") return [];
    return [{ name: name!, sql: sql!, isVirtual: type === "virtual", hasRowid: isWithout !== "1" }];
  });
}

async function* dumpRows(stream: SqlStream, table: Table): AsyncGenerator<string> {
  const info = await stream.rows(`pragma table_xinfo(${quoteName(table.name)})`);
  // Hidden ones are made from others, or are questions to a virtual table.
  const columns = info.filter(([, , , , , , hidden]) => hidden === "0");
  const names = columns.map(([, name]) => name!);
  const keys = columns.filter(([, , , , , key]) => key !== "0");
  const isAlias = keys.length === 1 && keys[0]![2]?.toUpperCase() === "INTEGER";
  const taken = new Set(info.map(([, name]) => name!.toLowerCase()));
  const rowid = table.hasRowid ? ROWID_NAMES.find((name) => !taken.has(name)) : undefined;
  const wanted = [...(rowid === undefined || isAlias ? [] : [rowid]), ...names.map(quoteName)];
  const into = `INSERT INTO ${quoteName(table.name)}(${wanted.join(",")}) VALUES(`;
  const literals = wanted.map(toLiteral).join(", ");
  let limit = 100;
  let after: string | undefined;
  let offset = 0;
  for (;;) {
    const from = `from ${quoteName(table.name)}`;
    const where = rowid !== undefined && after !== undefined ? `where ${rowid} > ${after}` : "";
    const order =
      rowid !== undefined ? `order by ${rowid} limit ${limit}` : `limit ${limit} offset ${offset}`;
    let rows: (string | null)[][];
    try {
      rows = await stream.rows(`select ${rowid ?? "0"}, ${literals} ${from} ${where} ${order}`);
    } catch (error) {
      if (!(error instanceof SqlRefusal) || error.code !== "RESPONSE_TOO_LARGE" || limit === 1) throw error;
      limit = Math.max(1, Math.floor(limit / 8));
      continue;
    }
    yield rows.map(([, ...cells]) => `${into}${cells.join(",")});\n`).join("");
    if (rows.length < limit) return;
    after = rows.at(-1)![0] ?? undefined;
    offset += rows.length;
    limit = Math.min(MAX_ROWS, limit * 2);
  }
}

async function* dumpSequences(stream: SqlStream): AsyncGenerator<string> {
  const found = await stream.rows("select 1 from sqlite_schema where name = 'sqlite_sequence'");
  if (found.length === 0) return;
  yield "DELETE FROM sqlite_sequence;\n";
  const rows = await stream.rows("select quote(name), quote(seq) from sqlite_sequence order by name");
  yield rows.map(([name, seq]) => `INSERT INTO sqlite_sequence(name,seq) VALUES(${name},${seq});\n`).join("");
}

const quoteName = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** SQLite's own `quote`, which ends a text at its first NUL. */
function toLiteral(column: string): string {
  const isCut = `typeof(${column}) = 'text' and instr(${column}, char(0)) > 0`;
  return `case when ${isCut} then 'CAST(X''' || hex(${column}) || ''' AS TEXT)' else quote(${column}) end`;
}
