/** An editor of a text with conflicts: each has buttons above it that take one side, or both. */

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { type EditorState, RangeSetBuilder, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, keymap, WidgetType } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { type Choice, type Conflict, findConflicts, resolutionOf } from "./conflict.ts";
import { lookOf, paint, toDoc } from "./look.ts";

export interface ConflictEditorProps {
  readonly path: string;
  /** As it is at first; what becomes of it is told. */
  readonly text: string;
  readonly onChange: (text: string) => void;
}

/** Tells each change. */
export function ConflictEditor({ path, text, onChange }: ConflictEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const first = useRef(text);
  const told = useRef(onChange);
  told.current = onChange;
  useEffect(() => {
    const view = new EditorView({
      parent: place.current!,
      doc: toDoc(first.current),
      extensions: [
        lookOf(path),
        history(),
        keymap.of([...defaultKeymap, ...historyKeymap]),
        conflicts,
        EditorView.updateListener.of((update) => {
          if (update.docChanged) told.current(update.state.doc.toString());
        }),
      ],
    });
    const stop = paint(path, [view]);
    return () => {
      stop();
      view.destroy();
    };
  }, [path]);
  return <div ref={place} className="diff-texts conflict-editor" />;
}

const conflicts = StateField.define<DecorationSet>({
  create: decorate,
  update: (now, transaction) => (transaction.docChanged ? decorate(transaction.state) : now),
  provide: (field) => EditorView.decorations.from(field),
});

function decorate(state: EditorState): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  const { doc } = state;
  findConflicts(doc.toString()).forEach((conflict, index) => {
    const choices = new Choices(conflict, index);
    builder.add(conflict.from, conflict.from, Decoration.widget({ widget: choices, block: true, side: -1 }));
    for (let line = doc.lineAt(conflict.from); line.from < conflict.to; line = doc.line(line.number + 1)) {
      builder.add(line.from, line.from, Decoration.line({ class: classOf(conflict, line.from) }));
      if (line.number === doc.lines) break;
    }
  });
  return builder.finish();
}

function classOf({ theirs, ours }: Conflict, at: number): string {
  if (at >= theirs.from && at < theirs.to) return "conflict-theirs";
  return at >= ours.from && at < ours.to ? "conflict-ours" : "conflict-marker";
}

class Choices extends WidgetType {
  readonly #conflict: Conflict;
  readonly #index: number;

  constructor(conflict: Conflict, index: number) {
    super();
    this.#conflict = conflict;
    this.#index = index;
  }

  override eq(other: Choices): boolean {
    return JSON.stringify(this.#conflict) === JSON.stringify(other.#conflict) && this.#index === other.#index;
  }

  override get estimatedHeight(): number {
    return 36;
  }

  override toDOM(view: EditorView): HTMLElement {
    const { theirs, ours } = this.#conflict;
    const bar = document.createElement("div");
    bar.className = "conflict-choices";
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", `Conflict ${this.#index + 1}`);
    const rows: [Choice, string][] = [
      ["theirs", `Use ${theirs.label}`],
      ["ours", `Use ${ours.label}`],
      ["both", "Use both"],
    ];
    for (const [choice, label] of rows) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button small";
      button.textContent = label;
      button.onclick = () => this.#take(view, choice);
      bar.append(button);
    }
    return bar;
  }

  override ignoreEvent(): boolean {
    return true;
  }

  #take(view: EditorView, choice: Choice): void {
    const text = view.state.doc.toString();
    const conflict = findConflicts(text)[this.#index];
    if (conflict === undefined) return;
    const insert = resolutionOf(text, conflict, choice);
    const changes = { from: conflict.from, to: conflict.to, insert };
    view.dispatch({
      changes,
      selection: { anchor: conflict.from },
      scrollIntoView: true,
      userEvent: "input.merge",
    });
    view.focus();
  }
}
