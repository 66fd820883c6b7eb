import { Problem } from "../../client/problem.ts";
import { queries } from "../../client/queries.ts";
import { toast, toastProblem } from "../../ui/toast.tsx";
import { runOne } from "./sqlite-pipe.ts";
import { type Page, type Table, updateCell } from "./sqlite-sql.ts";
import { forgetSqlite, type Rows, rowsQuery } from "./sqlite-tables.ts";
import type { Value } from "./sqlite-value.ts";

export interface CellChange {
  /** Where on the page it is. */
  readonly row: number;
  readonly column: number;
  readonly identity: readonly Value[];
  readonly before: Value;
  readonly after: Value;
}

/** Changes a cell: it is shown at once, taken back if the database refuses, and can be undone. */
export function useChange(valId: string, table: Table, page: Page) {
  const { queryKey } = rowsQuery(valId, table, page);
  const show = ({ row, column }: CellChange, value: Value) =>
    queries.setQueryData(queryKey, (known: Rows | undefined) => {
      if (known === undefined) return known;
      return { ...known, ...withCell(known, row, column, value) };
    });
  const change = async (one: CellChange, isUndo = false): Promise<void> => {
    await queries.cancelQueries({ queryKey });
    show(one, one.after);
    try {
      const name = table.columns[one.column]!.name;
      const { affected } = await runOne(valId, updateCell(table, name, one.identity, one));
      if (affected !== 1)
        throw new Problem(409, "It is not what it was when you opened it: nothing was changed. Look again.");
    } catch (error) {
      show(one, one.before);
      toastProblem(error);
      return forgetSqlite(valId);
    }
    // What became of it there: a number that was written as text, a row that is sorted elsewhere now.
    await forgetSqlite(valId);
    if (isUndo) return toast("It is as it was.");
    const back = { ...one, identity: identityAfter(table, one), before: one.after, after: one.before };
    toast("Saved.", { action: { label: "Undo", run: () => void change(back, true) } });
  };
  return change;
}

/** By what the row is known after the change, which may have been one of just that. */
function identityAfter(table: Table, { column, identity, after }: CellChange): readonly Value[] {
  const { name, type, key } = table.columns[column]!;
  const at = table.identity.indexOf(name);
  if (at !== -1) return identity.with(at, after);
  const keys = table.columns.filter((one) => one.key > 0).length;
  // Such a column is the rowid itself, by another name.
  const isRowid = key > 0 && keys === 1 && /^integer$/i.test(type);
  return isRowid && after.type === "integer" ? [after] : identity;
}

function withCell(known: Rows, row: number, column: number, value: Value): Partial<Rows> {
  const rows = known.rows.map((cells, at) => (at === row ? cells.with(column, value) : cells));
  const lengths = known.lengths.map((each, at) => (at === row ? each.with(column, 0) : each));
  return { rows, lengths };
}
