/** How code looks where it is compared: as in the editor, but as high as its text. */

import { Compartment, type Extension, Text } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { nonce } from "../client/boot.ts";
import { languageOf } from "../editor/language.ts";
import { loadLanguage } from "../editor/languages.ts";
import { theme } from "../editor/theme.ts";

const look = EditorView.theme({
  "&": { height: "auto", backgroundColor: "transparent" },
  ".cm-scroller": { fontSize: "0.87rem", lineHeight: "1.5" },
  ".cm-gutters": { backgroundColor: "transparent", borderRight: "none" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "3ch", padding: "0 8px 0 6px" },
  ".cm-content": { padding: "4px 0" },
  ".cm-line": { padding: "0 6px" },
});

const language = new Compartment();

/** What all compared texts have; `numbers` are those of lines that are parts of a whole. */
export function lookOf(label: string, numbers?: readonly number[]): Extension[] {
  const numberOf = (n: number) => (numbers === undefined ? String(n) : String(numbers[n - 1] || ""));
  return [
    EditorView.cspNonce.of(nonce),
    lineNumbers({ formatNumber: numberOf }),
    language.of([]),
    look,
    theme,
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label }),
  ];
}

/** Gives texts the colours of their language, once those are there. Returns what stops it. */
export function paint(path: string, views: readonly EditorView[]): () => void {
  let left = false;
  loadLanguage(languageOf(path)).then(
    (extension) => {
      for (const view of left ? [] : views) view.dispatch({ effects: language.reconfigure(extension) });
    },
    // Without its colours a text can be read all the same.
    () => undefined,
  );
  return () => {
    left = true;
  };
}

/** For texts that are only looked at: they can be gone through with the keyboard, but not changed. */
export const readOnly: Extension = [
  EditorView.editable.of(false),
  EditorView.contentAttributes.of({ tabindex: "0", "aria-readonly": "true" }),
];

/** A text as the editor has it, whatever its lines end with. */
export const toDoc = (text: string): Text => Text.of(text.split(/\r\n?|\n/));
