/** What every editor can do, whatever it shows. */

import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import {
  bracketMatching,
  codeFolding,
  foldGutter,
  foldKeymap,
  indentOnInput,
  indentUnit,
} from "@codemirror/language";
import { lintGutter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import {
  crosshairCursor,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
} from "@codemirror/view";
import { nonce } from "../client/boot.ts";
import { theme } from "./theme.ts";

/** What is only shown: highlighted, with line numbers and folds. */
export const viewing: Extension = [
  EditorView.cspNonce.of(nonce),
  theme,
  lineNumbers(),
  foldGutter(),
  codeFolding(),
  highlightSpecialChars(),
  bracketMatching(),
  search({ top: true }),
  highlightSelectionMatches(),
  EditorState.tabSize.of(2),
];

/** What can be written in besides. */
export const editing: Extension = [
  viewing,
  history(),
  lintGutter(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  drawSelection(),
  dropCursor(),
  EditorState.allowMultipleSelections.of(true),
  rectangularSelection(),
  crosshairCursor(),
  indentOnInput(),
  indentUnit.of("  "),
  closeBrackets(),
  autocompletion(),
  keymap.of([
    ...closeBracketsKeymap,
    // ⌘↵ runs; that it opens a line is of less use.
    ...defaultKeymap.filter(({ key }) => key !== "Mod-Enter"),
    ...searchKeymap,
    ...historyKeymap,
    ...foldKeymap,
    ...completionKeymap,
    ...lintKeymap,
    // Escape, then Tab leaves the editor: CodeMirror's own way out for the keyboard.
    indentWithTab,
  ]),
];
