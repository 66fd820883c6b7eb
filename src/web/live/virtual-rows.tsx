/** A list of any length of which only what can be seen is in the page. New rows come at its end. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import { Button } from "../ui/button.tsx";
import type { Row } from "./rows.ts";

const ROW_PX = 25;
/** Rows this near to the top ask for older ones. */
const NEAR_TOP = 30;
/** Closer to the end than this it is held there. */
const NEAR_END_PX = 30;

/** What one can have the list do. */
export interface ListHandle {
  toEnd(): void;
  toRow(index: number): void;
}

export interface VirtualRowsProps<T extends Row> {
  readonly rows: readonly T[];
  readonly label: string;
  readonly render: (row: T) => ReactNode;
  /** Above the first row. */
  readonly top: ReactNode;
  /** Somebody has scrolled to the first rows. */
  readonly onTop: () => void;
  readonly handle: Ref<ListHandle>;
}

export function VirtualRows<T extends Row>({ rows, label, render, top, onTop, handle }: VirtualRowsProps<T>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [left, setLeft] = useState<string>();
  // Within a tab that is not shown nothing is at its end, and nobody asks for older rows.
  const shown = useRef(false);
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => rows[index]!.key,
    overscan: 12,
    paddingStart: 36,
    paddingEnd: 4,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: NEAR_END_PX,
    onChange: (it) => {
      if (!shown.current || !hasHeight(it)) return;
      const last = rows.at(-1)?.sort ?? "";
      setLeft((before) => (it.isAtEnd(NEAR_END_PX) ? undefined : (before ?? last)));
    },
  });
  useImperativeHandle(handle, () => ({
    toEnd: () => list.scrollToEnd(),
    toRow: (index) => list.scrollToIndex(index, { align: "start" }),
  }));
  const any = rows.length > 0;
  const isSeen = hasHeight(list);
  // biome-ignore lint/correctness/useExhaustiveDependencies: when there is an end to be at, or it can be seen again
  useEffect(() => {
    if (any && isSeen && left === undefined) list.scrollToEnd();
    shown.current = any && isSeen;
  }, [any, isSeen]);
  const items = list.getVirtualItems();
  const nearTop = left !== undefined && (items[0]?.index ?? NEAR_TOP) < NEAR_TOP;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when more came and it is still the top
  useEffect(() => {
    if (nearTop) onTop();
  }, [nearTop, rows[0]?.key]);
  return (
    <div className="live-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must be reached by keys */}
      <section className="live-scroll" ref={scroller} tabIndex={0} aria-label={label}>
        <ol className="live-rows" style={{ height: list.getTotalSize() }}>
          <li className="live-top">{top}</li>
          {items.map(({ key, index, start }) => (
            <li
              key={key}
              data-index={index}
              ref={list.measureElement}
              className="live-row"
              aria-setsize={rows.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start}px)` }}
            >
              {render(rows[index]!)}
            </li>
          ))}
        </ol>
      </section>
      {left !== undefined && (
        <Button small className="live-end" icon={<ArrowDown size={14} />} onClick={() => list.scrollToEnd()}>
          {sayNew(rows, left)}
        </Button>
      )}
    </div>
  );
}

function hasHeight({ scrollRect }: { scrollRect: { height: number } | null }): boolean {
  return (scrollRect?.height ?? 0) > 0;
}

function sayNew(rows: readonly Row[], left: string): string {
  let fresh = 0;
  for (let at = rows.length - 1; at >= 0 && rows[at]!.sort > left; at--) fresh++;
  return fresh === 0 ? "Follow" : `${fresh.toLocaleString("en")} new`;
}
