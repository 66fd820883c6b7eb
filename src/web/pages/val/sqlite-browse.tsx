import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, Plus, RefreshCw, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, IconButton } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { Badge, count } from "../../ui/small.tsx";
import { Empty, Loaded, Loading } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { EditCell, ReadCell } from "./sqlite-cell.tsx";
import { ExportTable } from "./sqlite-export-button.tsx";
import { Grid } from "./sqlite-grid.tsx";
import { InsertRow } from "./sqlite-insert.tsx";
import { runOne } from "./sqlite-pipe.ts";
import { deleteRows, type Page, selectCell, type Table } from "./sqlite-sql.ts";
import {
  forgetSqlite,
  type Listed,
  MOST_COUNTED,
  type Rows,
  rowsQuery,
  tableQuery,
} from "./sqlite-tables.ts";
import { useChange } from "./use-sqlite-change.ts";

const ROWS = 100;

/** A table with its rows, to look at and to change. */
export function Browse({ valId, listed }: { valId: string; listed: Listed }) {
  const asked = useQuery(tableQuery(valId, listed));
  return (
    <Loaded query={asked} loading={<Loading lines={8} />}>
      {(table) => <TableRows valId={valId} table={table} total={listed.rows} />}
    </Loaded>
  );
}

function TableRows({ valId, table, total }: { valId: string; table: Table; total: number | undefined }) {
  const [page, setPage] = useState<Page>({ limit: ROWS, offset: 0 });
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const asked = useQuery({ ...rowsQuery(valId, table, page), placeholderData: keepPreviousData });
  // Other rows are there now.
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever there are
  useEffect(() => setChosen(new Set()), [asked.data]);
  const sort = (column: string) => {
    const same = page.sort?.column === column;
    // Up, down, as they are.
    const next = same && page.sort.down ? undefined : { column, down: same };
    setPage({ limit: ROWS, offset: 0, ...(next && { sort: next }) });
  };
  return (
    <>
      <Toolbar valId={valId} table={table} total={total} rows={asked.data} chosen={chosen} />
      <Loaded query={asked} loading={<Loading lines={8} />}>
        {(rows) => (
          <Cells
            valId={valId}
            table={table}
            page={page}
            rows={rows}
            onSort={sort}
            selection={{ chosen, onChange: setChosen }}
          />
        )}
      </Loaded>
      {asked.data && <Pager page={page} rows={asked.data.rows.length} total={total} onChange={setPage} />}
    </>
  );
}

function Toolbar({
  valId,
  table,
  total,
  rows,
  chosen,
}: {
  valId: string;
  table: Table;
  total: number | undefined;
  rows: Rows | undefined;
  chosen: ReadonlySet<number>;
}) {
  const [open, setOpen] = useState<"insert" | "delete">();
  const close = () => setOpen(undefined);
  const remove = async () => {
    const identities = [...chosen].map((at) => rows!.identities[at]!);
    const { affected } = await runOne(valId, deleteRows(table, identities));
    await forgetSqlite(valId);
    toast(`${count(affected, "row")} deleted.`);
  };
  return (
    <div className="panel-bar">
      <h3 className="cut" title={table.name}>
        {table.name}
      </h3>
      {table.kind !== "table" && <Badge>{table.kind}</Badge>}
      <span className="quiet small">{total === undefined ? "" : sayRows(total)}</span>
      <span className="grow" />
      {table.identity.length > 0 && chosen.size > 0 && (
        <Button small kind="danger" icon={<Trash2 size={15} />} onClick={() => setOpen("delete")}>
          Delete {count(chosen.size, "row")}
        </Button>
      )}
      {table.kind === "table" && (
        <Button small icon={<Plus size={15} />} onClick={() => setOpen("insert")}>
          Insert row
        </Button>
      )}
      <ExportTable valId={valId} table={table} />
      <IconButton small label="Reload" onClick={() => void forgetSqlite(valId)}>
        <RefreshCw size={15} />
      </IconButton>
      {open === "insert" && <InsertRow valId={valId} table={table} onClose={close} />}
      {open === "delete" && (
        <Confirm
          title={`Delete ${count(chosen.size, "row")} of ${table.name}?`}
          text="All of them go, or none if something keeps one. This cannot be undone."
          action="Delete"
          onConfirm={remove}
          onClose={close}
        />
      )}
    </div>
  );
}

function Cells({
  valId,
  table,
  page,
  rows,
  onSort,
  selection,
}: {
  valId: string;
  table: Table;
  page: Page;
  rows: Rows;
  onSort: (column: string) => void;
  selection: NonNullable<Parameters<typeof Grid>[0]["selection"]>;
}) {
  const [open, setOpen] = useState<readonly [row: number, column: number]>();
  const change = useChange(valId, table, page);
  const mayEdit = table.identity.length > 0;
  if (rows.rows.length === 0)
    return <Empty title="No rows">{mayEdit ? "Insert one, or run SQL that does." : undefined}</Empty>;
  const columns = table.columns.map(({ name, type }) => ({
    name,
    about: type,
    ...(page.sort?.column === name && { sorted: page.sort.down ? ("down" as const) : ("up" as const) }),
  }));
  const [at, index] = open ?? [0, 0];
  const column = table.columns[index];
  const value = rows.rows[at]?.[index];
  const close = () => setOpen(undefined);
  const identity = rows.identities[at] ?? [];
  const whole = async () =>
    (await runOne(valId, selectCell(table, column!.name, identity))).rows[0]?.[0] ?? {
      type: "null" as const,
    };
  return (
    <>
      <Grid
        label={`Rows of ${table.name}`}
        columns={columns}
        rows={rows.rows}
        onSort={onSort}
        onOpen={(row, cell) => setOpen([row, cell])}
        {...(mayEdit && { selection })}
      />
      {open && column && value && (!mayEdit || column.generated) && (
        <ReadCell title={column.name} value={value} onClose={close} />
      )}
      {open && column && value && mayEdit && !column.generated && (
        <EditCell
          title={`${column.name} of row ${page.offset + at + 1}`}
          value={value}
          whole={rows.lengths[at]![index]! > 0 ? whole : undefined}
          notNull={column.notNull}
          onSave={(before, after) => void change({ row: at, column: index, identity, before, after })}
          onClose={close}
        />
      )}
    </>
  );
}

function Pager({
  page,
  rows,
  total,
  onChange,
}: {
  page: Page;
  rows: number;
  total: number | undefined;
  onChange: (page: Page) => void;
}) {
  const { offset } = page;
  const isLast = rows < ROWS || (total !== undefined && total <= MOST_COUNTED && offset + rows >= total);
  if (offset === 0 && isLast) return null;
  return (
    <nav className="row sqlite-pager" aria-label="Pages">
      <IconButton
        small
        label="Previous page"
        disabled={offset === 0}
        onClick={() => onChange({ ...page, offset: Math.max(0, offset - ROWS) })}
      >
        <ChevronLeft size={16} />
      </IconButton>
      <span className="small">
        {rows === 0
          ? "no more rows"
          : `${(offset + 1).toLocaleString("en")}–${(offset + rows).toLocaleString("en")}`}
        {total !== undefined && ` of ${sayRows(total)}`}
      </span>
      <IconButton
        small
        label="Next page"
        disabled={isLast}
        onClick={() => onChange({ ...page, offset: offset + ROWS })}
      >
        <ChevronRight size={16} />
      </IconButton>
    </nav>
  );
}

/** `3 rows`, `more than 100,000 rows`. */
export function sayRows(total: number): string {
  return total > MOST_COUNTED ? `more than ${count(MOST_COUNTED, "row")}` : count(total, "row");
}
