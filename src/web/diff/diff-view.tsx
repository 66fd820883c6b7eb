/** What is different between two states of a file. */

import "./diff.css";
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { Loading } from "../ui/states.tsx";
import type { ConflictEditorProps } from "./conflict-editor.tsx";
import { type Hunk, sidesOf } from "./hunks.ts";
import { countHunks, countLines, type LineCounts } from "./line-counts.ts";

const Compare = lazy(() => import("./compare.tsx").then((part) => ({ default: part.Compare })));

/** From this width on both states are shown beside each other, in rem. */
const WIDE = 54;

/** Both states beside each other, or one below the other where there is little room. `null` is a file that is not there. */
export function DiffView({
  path,
  before,
  after,
  whole,
}: {
  path: string;
  before: string | null;
  after: string | null;
  /** Shows what is unchanged, too; else long parts of it are folded. */
  whole?: boolean;
}) {
  const { added, removed } = useMemo(() => countLines(before, after), [before, after]);
  return (
    <Shown counts={{ added, removed }}>
      {(sideBySide) => <Compare {...{ path, before, after, sideBySide, whole }} />}
    </Shown>
  );
}

/** The same of the parts that the API tells, where the whole texts cannot be had. */
export function HunksView({ path, hunks, kind }: { path: string; hunks: readonly Hunk[]; kind: string }) {
  const sides = useMemo(() => sidesOf(hunks), [hunks]);
  const before = kind === "added" ? null : sides.before;
  const after = kind === "removed" ? null : sides.after;
  return (
    <Shown counts={countHunks(hunks)}>
      {(sideBySide) => <Compare path={path} before={before} after={after} sideBySide={sideBySide} />}
    </Shown>
  );
}

function Shown({ counts, children }: { counts: LineCounts; children: (sideBySide: boolean) => ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const [wide, setWide] = useState<boolean>();
  useEffect(() => {
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const watch = new ResizeObserver(([entry]) => setWide(entry!.contentRect.width >= WIDE * rem));
    watch.observe(place.current!);
    return () => watch.disconnect();
  }, []);
  return (
    <div className="diff" ref={place}>
      {counts.added + counts.removed === 0 ? (
        <p className="diff-same quiet">The text is the same.</p>
      ) : (
        <Suspense fallback={<Loading lines={3} />}>{wide !== undefined && children(wide)}</Suspense>
      )}
    </div>
  );
}

const Conflicts = lazy(() =>
  import("./conflict-editor.tsx").then((part) => ({ default: part.ConflictEditor })),
);

/** A text with conflicts, in which one side or both can be taken, and all else be written. */
export function ConflictView(props: ConflictEditorProps) {
  return (
    <div className="diff">
      <Suspense fallback={<Loading lines={6} />}>
        <Conflicts {...props} />
      </Suspense>
    </div>
  );
}

/** `+3 −1` */
export function Counts({ added, removed }: LineCounts) {
  return (
    <span className="diff-counts mono">
      <span className="plus">
        +{added}
        <span className="unseen"> lines added, </span>
      </span>{" "}
      <span className="minus">
        −{removed}
        <span className="unseen"> lines removed</span>
      </span>
    </span>
  );
}
