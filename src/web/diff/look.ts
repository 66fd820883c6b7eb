/** How code looks where it is compared: colours by the page's tokens, languages by the file's name. */

import { css } from "@codemirror/lang-css";
import { html } from "@codemirror/lang-html";
import { javascript } from "@codemirror/lang-javascript";
import { json } from "@codemirror/lang-json";
import { markdown } from "@codemirror/lang-markdown";
import { sql } from "@codemirror/lang-sql";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { type Extension, Text } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { nonce } from "../client/boot.ts";

const style = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.controlKeyword], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.propertyName, tags.tagName], color: "var(--code-name)" },
  { tag: [tags.typeName, tags.className, tags.attributeName], color: "var(--code-type)" },
  { tag: tags.heading, fontWeight: "bold" },
  { tag: tags.link, textDecoration: "underline" },
]);

/** The language of a file, by its name. */
export function languageOf(path: string): Extension {
  const extension = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  if (/^[cm]?[jt]sx?$/.test(extension)) {
    return javascript({ typescript: extension.includes("t"), jsx: extension.endsWith("x") });
  }
  if (extension === "json" || extension === "jsonc") return json();
  if (extension === "md") return markdown();
  if (extension === "html" || extension === "htm" || extension === "svg") return html();
  if (extension === "css") return css();
  return extension === "sql" ? sql() : [];
}

const theme = EditorView.theme({
  "&": { fontSize: "13px", backgroundColor: "transparent", color: "var(--ink)" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5" },
  ".cm-gutters": { backgroundColor: "transparent", border: "none", color: "var(--quiet)" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "3ch", padding: "0 8px 0 6px" },
  ".cm-content": { padding: "4px 0" },
});

/** What all compared texts have; `numbers` are those of lines that are parts of a whole. */
export function lookOf(path: string, label: string, numbers?: readonly number[]): Extension[] {
  const numberOf = (n: number) => (numbers === undefined ? String(n) : String(numbers[n - 1] || ""));
  return [
    EditorView.cspNonce.of(nonce),
    lineNumbers({ formatNumber: numberOf }),
    languageOf(path),
    syntaxHighlighting(style),
    theme,
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label }),
  ];
}

/** For texts that are only looked at: they can be gone through with the keyboard, but not changed. */
export const readOnly: Extension = [
  EditorView.editable.of(false),
  EditorView.contentAttributes.of({ tabindex: "0", "aria-readonly": "true" }),
];

/** A text as the editor has it, whatever its lines end with. */
export const toDoc = (text: string): Text => Text.of(text.split(/\r\n?|\n/));
