import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useLayoutEffect, useRef } from "react";

/** Nearer than this to the end, one wants to see the end. */
const NEAR = 32;

/** Very many rows, of which those are made that are seen. Stays at the end while it grows, unless it was scrolled up. */
export function Rows({
  count,
  label,
  row,
  height = 20,
  follow = false,
  names,
  className = "",
}: {
  count: number;
  label: string;
  row: (at: number) => ReactNode;
  /** Of one, at a guess: each is measured. */
  height?: number;
  follow?: boolean;
  /** Of columns: its rows are those of a table. */
  names?: readonly string[];
  className?: string;
}) {
  const table = names !== undefined;
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan: 12,
  });
  useLayoutEffect(() => {
    const element = box.current;
    if (follow && atEnd.current && element !== null) element.scrollTop = element.scrollHeight;
  });
  const items = virtual.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = Math.max(0, virtual.getTotalSize() - (items.at(-1)?.end ?? 0));
  const [All, Group, Row] = table ? (["table", "tbody", "tr"] as const) : (["div", "div", "div"] as const);
  return (
    <section
      ref={box}
      className={`stream-rows ${className}`}
      aria-label={label}
      // Who has no pointer scrolls it with the arrow keys.
      // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
      tabIndex={0}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR;
      }}
    >
      <All {...(table && { "aria-rowcount": count + 1 })}>
        {names && <Head names={names} />}
        <Group style={{ paddingTop: above, paddingBottom: below }}>
          {items.map(({ index, key }) => (
            <Row
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              className="stream-row"
              {...(table && { "aria-rowindex": index + 2 })}
            >
              {row(index)}
            </Row>
          ))}
        </Group>
      </All>
    </section>
  );
}

const Head = ({ names }: { names: readonly string[] }) => (
  <thead>
    <tr className="stream-row">
      {names.map((name) => (
        <th key={name} scope="col">
          {name}
        </th>
      ))}
    </tr>
  </thead>
);
