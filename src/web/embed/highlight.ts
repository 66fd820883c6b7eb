/** Colours for code without an editor. */

import { highlightCode, tagHighlighter, tags } from "@lezer/highlight";
import { parser } from "@lezer/javascript";

const typescript = parser.configure({ dialect: "ts jsx" });
const classes = tagHighlighter([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], class: "keyword" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], class: "string" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], class: "number" },
  { tag: tags.comment, class: "comment" },
  { tag: [tags.typeName, tags.className, tags.tagName], class: "type" },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.attributeName],
    class: "name",
  },
]);

/** The code as text nodes, those of JavaScript and TypeScript within coloured elements. */
export function highlight(code: string, path: string): DocumentFragment {
  const made = document.createDocumentFragment();
  if (!/\.[mc]?[jt]sx?$/.test(path)) {
    made.append(code);
    return made;
  }
  const put = (text: string, style: string) => {
    if (style === "") return made.append(text);
    const span = document.createElement("span");
    span.className = style;
    span.textContent = text;
    made.append(span);
  };
  highlightCode(code, typescript.parse(code), classes, put, () => made.append("\n"));
  return made;
}
