import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type KeyboardEvent, type RefObject, useLayoutEffect, useRef, useState } from "react";
import { sayBytes } from "../../ui/small.tsx";
import { blobSize, type Value, writeValue } from "./sqlite-value.ts";

const ROW_PX = 32;
const CHECK_PX = 36;
const PAGE_ROWS = 10;
/** So much of a text is put into a cell, which shows less. */
const SHOWN = 200;

export interface GridColumn {
  readonly name: string;
  readonly about?: string;
  readonly sorted?: "up" | "down";
}

export interface GridProps {
  readonly label: string;
  readonly columns: readonly GridColumn[];
  readonly rows: readonly (readonly Value[])[];
  /** By which column to sort; without it none can be chosen. */
  readonly onSort?: (column: string) => void;
  /** What Enter and a double click do. */
  readonly onOpen: (row: number, column: number) => void;
  readonly selection?: {
    readonly chosen: ReadonlySet<number>;
    readonly onChange: (chosen: ReadonlySet<number>) => void;
  };
}

/** Rows of a database. However many there are, those that are seen are in the page; arrow keys go from cell to cell. */
export function Grid(props: GridProps) {
  const { label, columns, rows, selection } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const moves = useCells(rows.length, columns.length, scroller, (row) => virtual.scrollToIndex(row));
  const items = virtual.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const widths = columns.map(({ name }, at) => widthOf(name, rows, at));
  const whole = widths.reduce((sum, width) => sum + width, 0);
  return (
    <div className="sqlite-grid table-wrap" ref={scroller}>
      <table
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose cells take the keyboard
        role="grid"
        style={{ width: `calc(${whole}ch + ${selection ? CHECK_PX : 0}px)` }}
        aria-label={label}
        aria-rowcount={rows.length + 1}
        aria-colcount={columns.length}
        onKeyDown={(event) => moves.onKeyDown(event, props.onOpen)}
      >
        <colgroup>
          {selection && <col style={{ width: CHECK_PX }} />}
          {widths.map((width, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: columns stay where they are
            <col key={at} style={{ width: `${width}ch` }} />
          ))}
        </colgroup>
        <Head {...props} />
        <tbody>
          {above > 0 && <Spacer height={above} />}
          {items.map(({ index }) => (
            <GridRow key={index} index={index} active={moves.active} onActive={moves.setActive} {...props} />
          ))}
          {below > 0 && <Spacer height={below} />}
        </tbody>
      </table>
    </div>
  );
}

const Spacer = ({ height }: { height: number }) => <tr aria-hidden style={{ height }} />;

function Head({ columns, rows, onSort, selection }: GridProps) {
  const all = rows.length > 0 && selection?.chosen.size === rows.length;
  return (
    <thead>
      <tr aria-rowindex={1}>
        {selection && (
          <th>
            <input
              type="checkbox"
              aria-label="Select all rows of this page"
              checked={all}
              onChange={() => selection.onChange(new Set(all ? [] : rows.keys()))}
            />
          </th>
        )}
        {columns.map(({ name, about, sorted }, at) => (
          <th
            // biome-ignore lint/suspicious/noArrayIndexKey: and may have the same names
            key={at}
            title={about ? `${name} ${about}` : name}
            aria-sort={sorted === undefined ? undefined : sorted === "up" ? "ascending" : "descending"}
          >
            {onSort ? (
              <button type="button" className="sqlite-sort" onClick={() => onSort(name)}>
                <span className="cut">{name}</span>
                {sorted === "up" && <ArrowUp size={13} aria-hidden />}
                {sorted === "down" && <ArrowDown size={13} aria-hidden />}
              </button>
            ) : (
              <div className="cut">{name}</div>
            )}
          </th>
        ))}
      </tr>
    </thead>
  );
}

interface At {
  readonly row: number;
  readonly column: number;
}

function GridRow({
  index,
  rows,
  selection,
  active,
  onActive,
  onOpen,
}: GridProps & { index: number; active: At; onActive: (at: At) => void }) {
  const chosen = selection?.chosen.has(index) ?? false;
  const toggle = () => {
    const next = new Set(selection!.chosen);
    if (!next.delete(index)) next.add(index);
    selection!.onChange(next);
  };
  return (
    <tr
      className={chosen ? "chosen" : undefined}
      aria-rowindex={index + 2}
      aria-selected={selection && chosen}
    >
      {selection && (
        <td>
          <input type="checkbox" aria-label={`Select row ${index + 1}`} checked={chosen} onChange={toggle} />
        </td>
      )}
      {rows[index]!.map((value, column) => (
        <td
          // Columns stay where they are, and may have the same names.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          key={column}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: as above
          role="gridcell"
          className={value.type}
          data-at={`${index}:${column}`}
          tabIndex={active.row === index && active.column === column ? 0 : -1}
          onFocus={() => onActive({ row: index, column })}
          onDoubleClick={() => onOpen(index, column)}
        >
          <div className="cut">{showValue(value)}</div>
        </td>
      ))}
    </tr>
  );
}

/** A value in one line. */
function showValue(value: Value): string {
  if (value.type === "null") return "null";
  if (value.type === "blob") return `blob, ${sayBytes(blobSize(value.base64))}`;
  return writeValue(value).slice(0, SHOWN);
}

/** Wide enough for most of what is seen first, within bounds: it must not change while one scrolls. */
function widthOf(name: string, rows: GridProps["rows"], at: number): number {
  let most = name.length + 3;
  for (const row of rows.slice(0, 50)) most = Math.max(most, showValue(row[at]!).length + 3);
  return Math.min(Math.max(most, 8), 44);
}

/** Which cell has the keyboard, and how keys move it. */
function useCells(
  rows: number,
  columns: number,
  scroller: RefObject<HTMLDivElement | null>,
  show: (row: number) => void,
) {
  const [active, setActive] = useState<At>({ row: 0, column: 0 });
  const wanted = useRef(false);
  useLayoutEffect(() => {
    if (!wanted.current) return;
    wanted.current = false;
    const cell = () =>
      scroller.current?.querySelector<HTMLElement>(`[data-at="${active.row}:${active.column}"]`);
    const there = cell();
    // A row that is scrolled to is there a moment later.
    if (there) there.focus();
    else requestAnimationFrame(() => cell()?.focus());
  }, [active, scroller]);
  const onKeyDown = (event: KeyboardEvent, open: (row: number, column: number) => void) => {
    const [row, column] = ((event.target as HTMLElement).dataset.at ?? "").split(":").map(Number);
    if (row === undefined || column === undefined) return;
    if (event.key === "Enter" || event.key === "F2") {
      event.preventDefault();
      return open(row, column);
    }
    const [down, right] = STEPS[event.key] ?? [0, 0];
    if (down === 0 && right === 0) return;
    event.preventDefault();
    const next = {
      row: Math.min(Math.max(row + down, 0), rows - 1),
      column: Math.min(Math.max(column + right, 0), columns - 1),
    };
    wanted.current = true;
    show(next.row);
    setActive(next);
  };
  const within = active.row < rows && active.column < columns ? active : { row: 0, column: 0 };
  return { active: within, setActive, onKeyDown };
}

const STEPS: Readonly<Record<string, readonly [down: number, right: number]>> = {
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
  PageDown: [PAGE_ROWS, 0],
  PageUp: [-PAGE_ROWS, 0],
  Home: [0, -Infinity],
  End: [0, Infinity],
};
