import { createElement, Fragment, type ReactNode } from "react";
import { type Span, spansOf } from "./ansi.ts";
import { piecesOf } from "./filter.ts";
import { AppLink } from "./link.tsx";
import { placesOf } from "./places.ts";

const classOf = ({ colour, bold, dim }: Span): string =>
  [colour && `ansi-${colour}`, bold && "ansi-bold", dim && "ansi-dim"].filter(Boolean).join(" ");

/** What cannot be seen is written as its number: neither does it turn the direction of text, nor hide anything. */
export function visible(text: string): string {
  return text.replace(
    /[^\P{Cc}\n\t]|\p{Bidi_Control}/gu,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Pieces of one text side by side: they never change places, so that they need no keys. */
const side = (pieces: readonly ReactNode[]) => createElement(Fragment, null, ...pieces);

/** A text that somebody's code wrote: with a terminal's colours, what is looked for marked, and places as links. */
export function LogText({
  text,
  marked = "",
  links = false,
}: {
  text: string;
  marked?: string;
  links?: boolean;
}) {
  return side(
    spansOf(text).map((span) => {
      const looks = classOf(span);
      const inner = (links ? linked : markedIn)(visible(span.text), marked);
      return looks === "" ? inner : createElement("span", { className: looks }, inner);
    }),
  );
}

function linked(text: string, marked: string): ReactNode {
  const pieces = text.split(/(?<=\n)/).flatMap(placesOf);
  return side(
    pieces.map(({ text: piece, href }) => {
      const inner = markedIn(piece, marked);
      return href === undefined ? inner : createElement(AppLink, { href, title: "Show this line" }, inner);
    }),
  );
}

function markedIn(text: string, marked: string): ReactNode {
  if (marked === "") return text;
  return side(
    piecesOf(text, marked).map((piece, at) => (at % 2 === 1 ? createElement("mark", null, piece) : piece)),
  );
}

/** What a line is when it is opened: JSON over several lines, anything else as it is. */
export function opened(text: string): string {
  const start = text.trimStart()[0];
  if (start !== "{" && start !== "[") return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
