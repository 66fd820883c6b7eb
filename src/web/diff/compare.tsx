/** The part of a diff that needs the editor; it is loaded when the first diff is shown. */

import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import type { NumberedText } from "./hunks.ts";
import { lookOf, paint, readOnly, toDoc } from "./look.ts";

export interface CompareProps {
  readonly path: string;
  /** Null: the file was not there. */
  readonly before: NumberedText | string | null;
  readonly after: NumberedText | string | null;
  readonly sideBySide: boolean;
  /** Shows what is unchanged, too. */
  readonly whole?: boolean | undefined;
}

const WORK = { scanLimit: 5000, timeout: 250 };
const COLLAPSE = { margin: 3, minSize: 6 };

/** Two texts, with what is different. */
export function Compare(props: CompareProps) {
  const { path, before, after, sideBySide, whole } = props;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const view = show(place.current!, { path, before, after, sideBySide, whole });
    const stop = paint(path, view instanceof MergeView ? [view.a, view.b] : [view]);
    return () => {
      stop();
      view.destroy();
    };
  }, [path, before, after, sideBySide, whole]);
  return <div ref={place} className="diff-texts" />;
}

function show(parent: HTMLElement, { path, before, after, sideBySide, whole }: CompareProps) {
  const looks = (side: NumberedText | string | null, label: string): Extension => [
    lookOf(`${path}, ${label}`, side === null || typeof side === "string" ? undefined : side.numbers),
    readOnly,
  ];
  const [old, now] = [toDoc(textOf(before)), toDoc(textOf(after))];
  if (before === null || after === null) {
    const [label, side] = before === null ? ["added", after] : ["removed", before];
    const doc = toDoc(textOf(side).replace(/\r?\n$/, ""));
    const only = EditorView.editorAttributes.of({ class: before === null ? "diff-added" : "diff-removed" });
    return new EditorView({
      parent,
      state: EditorState.create({ doc, extensions: [looks(side, label), only] }),
    });
  }
  const shared = { ...(!whole && { collapseUnchanged: COLLAPSE }), diffConfig: WORK, gutter: true };
  if (sideBySide) {
    return new MergeView({
      parent,
      a: { doc: old, extensions: looks(before, "before") },
      b: { doc: now, extensions: looks(after, "after") },
      ...shared,
    });
  }
  const unified = unifiedMergeView({ original: old, mergeControls: false, ...shared });
  return new EditorView({
    parent,
    state: EditorState.create({ doc: now, extensions: [looks(after, "changes"), unified] }),
  });
}

const textOf = (side: NumberedText | string | null): string =>
  side === null ? "" : typeof side === "string" ? side : side.text;
