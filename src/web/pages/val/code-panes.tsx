/** Panes beside and above each other, with lines between them that can be moved by pointer and by keyboard. */

import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from "react";

const STEP = 24;

/** A size that is remembered in this browser. */
function useSize(name: string, first: number, least: number): [number, (size: number) => void] {
  const key = `hamlet-pane-${name}`;
  const [size, setSize] = useState(() => {
    const kept = Number(read(key));
    return Number.isFinite(kept) && kept >= least ? kept : first;
  });
  const set = (next: number) => {
    const bounded = Math.round(Math.max(next, least));
    setSize(bounded);
    write(key, String(bounded));
  };
  return [size, set];
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key) ?? "none";
  } catch {
    return "none";
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A browser that keeps nothing shows the first size the next time.
  }
}

export interface PaneOptions {
  /** Under which its size is kept. */
  readonly name: string;
  /** Of the line, for screen readers: "Width of the files". */
  readonly label: string;
  /** At which end of its surroundings it is. */
  readonly side: "left" | "right" | "bottom";
  readonly first: number;
  readonly least: number;
  /** So that what it takes its space from keeps some. */
  readonly most: string;
  readonly children: ReactNode;
}

/** A pane at a side, and the line at its inner edge. */
export function Pane({ name, label, side, first, least, most, children }: PaneOptions) {
  const [size, setSize] = useSize(name, first, least);
  const pane = useRef<HTMLDivElement>(null);
  const across = side !== "bottom";
  const grows = side === "left" ? 1 : -1;
  const measure = () => {
    const box = pane.current!.getBoundingClientRect();
    return across ? box.width : box.height;
  };
  const drag = (event: PointerEvent<HTMLElement>) => {
    event.preventDefault();
    const line = event.currentTarget;
    line.setPointerCapture(event.pointerId);
    const from = across ? event.clientX : event.clientY;
    const began = measure();
    const move = (now: globalThis.PointerEvent) =>
      setSize(began + grows * ((across ? now.clientX : now.clientY) - from));
    line.addEventListener("pointermove", move);
    line.addEventListener("lostpointercapture", () => line.removeEventListener("pointermove", move), {
      once: true,
    });
  };
  const press = (event: KeyboardEvent) => {
    const [less, more] = across ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
    const way = event.key === less ? -1 : event.key === more ? 1 : 0;
    if (way === 0) return;
    event.preventDefault();
    setSize(measure() + way * grows * STEP);
  };
  const line = (
    // biome-ignore lint/a11y/useSemanticElements: a rule that can be moved is a separator with a value
    <div
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={across ? "vertical" : "horizontal"}
      aria-valuenow={size}
      aria-valuemin={least}
      className={`code-line ${side}`}
      onPointerDown={drag}
      onKeyDown={press}
      onDoubleClick={() => setSize(first)}
    />
  );
  const style = across ? { width: size, maxWidth: most } : { height: size, maxHeight: most };
  return (
    <>
      {side !== "left" && line}
      <div className={`code-pane ${side}`} ref={pane} style={style}>
        {children}
      </div>
      {side === "left" && line}
    </>
  );
}
