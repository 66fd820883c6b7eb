/** What a build found wrong, at its lines; it moves with the text until the next build. */

import { type Diagnostic, linter } from "@codemirror/lint";
import { type Extension, StateEffect, StateField, type Text } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import type { Mark } from "./types.ts";

const setMarks = StateEffect.define<readonly Mark[]>();

const field = StateField.define<readonly Diagnostic[]>({
  create: () => [],
  update(found, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(setMarks)) return effect.value.map((mark) => place(transaction.newDoc, mark));
    }
    if (!transaction.docChanged) return found;
    return found.map((one) => ({
      ...one,
      from: transaction.changes.mapPos(one.from, 1),
      to: Math.max(transaction.changes.mapPos(one.from, 1), transaction.changes.mapPos(one.to, -1)),
    }));
  },
});

/** From a line and column to positions: the word there, or the rest of the line. */
function place(doc: Text, { message, line: number, column, severity = "error" }: Mark): Diagnostic {
  const line = doc.line(Math.min(Math.max(number, 1), doc.lines));
  const from = Math.min(line.from + Math.max((column ?? 1) - 1, 0), line.to);
  const word = /^[\w$]+|^\S/.exec(doc.sliceString(from, line.to))?.[0] ?? "";
  const to = column === undefined ? line.to : from + word.length;
  return { from, to: Math.max(from, to), message, severity, source: "build" };
}

/** Shows what `showMarks` was told. */
export const marks: Extension = [
  field,
  linter((view) => view.state.field(field), {
    delay: 0,
    needsRefresh: (update) =>
      update.transactions.some(({ effects }) => effects.some((effect) => effect.is(setMarks))),
  }),
];

/** These instead of those before. */
export function showMarks(view: EditorView, found: readonly Mark[]): void {
  view.dispatch({ effects: setMarks.of(found) });
}
