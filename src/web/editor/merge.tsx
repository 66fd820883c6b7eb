/** Two texts side by side: the right one can be written in, and take parts of the left one. */

import { MergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { languageOf } from "./language.ts";
import { loadLanguage } from "./languages.ts";
import { editing, viewing } from "./setup.ts";

export function Merge({
  path,
  theirs,
  mine,
  onChange,
}: {
  path: string;
  theirs: string;
  mine: string;
  onChange: (text: string) => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(onChange);
  latest.current = onChange;
  useEffect(() => {
    let view: MergeView | undefined;
    let left = false;
    void loadLanguage(languageOf(path))
      .catch(() => [])
      .then((language) => {
        if (left) return;
        view = new MergeView({
          a: {
            doc: theirs,
            extensions: [viewing, language, EditorState.readOnly.of(true), named("What is saved")],
          },
          b: { doc: mine, extensions: [editing, language, told(latest), named("Your text")] },
          parent: place.current!,
          revertControls: "a-to-b",
          collapseUnchanged: { margin: 3, minSize: 6 },
          gutter: true,
        });
      });
    return () => {
      left = true;
      view?.destroy();
    };
  }, [path, theirs, mine]);
  return <div className="editor merge" ref={place} />;
}

const named = (label: string) => EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" });

const told = (latest: { readonly current: (text: string) => void }) =>
  EditorView.updateListener.of((update) => {
    if (update.docChanged) latest.current(update.state.doc.toString());
  });
