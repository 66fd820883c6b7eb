/** Rows as files to keep. */

import { toCsvHead, toCsvLine } from "./sqlite-csv.ts";
import { runOne } from "./sqlite-pipe.ts";
import { selectNext, type Table } from "./sqlite-sql.ts";
import type { Value } from "./sqlite-value.ts";

const ROWS_AT_ONCE = 500;

/** Gives the browser a file to save. */
export function saveFile(name: string, parts: readonly string[], type: string): void {
  const url = URL.createObjectURL(new Blob([...parts], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name.replace(/[^\w.-]+/g, "_");
  link.click();
  // The browser has it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** All rows of a table as CSV, in pieces; tells how many there are so far. */
export async function exportTable(
  valId: string,
  table: Table,
  { signal, told }: { signal: AbortSignal; told: (rows: number) => void },
): Promise<string[]> {
  const parts = [toCsvHead(table.columns.map(({ name }) => name))];
  const key = table.identity.length;
  let after: readonly Value[] | undefined;
  for (let offset = 0; ; ) {
    const { rows } = await runOne(valId, selectNext(table, ROWS_AT_ONCE, { after, offset }), signal);
    parts.push(rows.map((row) => toCsvLine(row.slice(key))).join(""));
    offset += rows.length;
    told(offset);
    if (rows.length < ROWS_AT_ONCE) return parts;
    after = key > 0 ? rows.at(-1)!.slice(0, key) : undefined;
  }
}
