/** What a terminal would do with a text, as far as it is about looks. All else it could be told is left out. */

export interface Span {
  readonly text: string;
  /** Of the terminal's eight, by name. */
  readonly colour?: Colour;
  readonly bold?: true;
  readonly dim?: true;
}

const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;
export type Colour = (typeof COLOURS)[number];

const ESCAPE = "\u001b";
const BELL = "\u0007";
/** CSI … final byte (ECMA-48 §5.4), or OSC … BEL or ST; bounded, so that a lone start eats no text. */
const SEQUENCE = new RegExp(
  `${ESCAPE}(?:\\[([0-?]{0,64})[ -/]{0,4}([@-~])|\\][^${BELL}${ESCAPE}]{0,2048}(?:${BELL}|${ESCAPE}\\\\)|[@-Z\\\\-_])`,
  "g",
);

/** The pieces of a text that look alike. */
export function spansOf(text: string): Span[] {
  if (!text.includes(ESCAPE)) return text === "" ? [] : [{ text }];
  const spans: Span[] = [];
  let look: Omit<Span, "text"> = {};
  let start = 0;
  for (const match of text.matchAll(SEQUENCE)) {
    if (match.index > start) spans.push({ text: text.slice(start, match.index), ...look });
    start = match.index + match[0].length;
    if (match[2] === "m") look = lookOf(match[1] ?? "", look);
  }
  if (start < text.length) spans.push({ text: text.slice(start), ...look });
  return spans;
}

/** Without any of it. */
export function plain(text: string): string {
  return text.includes(ESCAPE) ? text.replace(SEQUENCE, "") : text;
}

function lookOf(codes: string, before: Omit<Span, "text">): Omit<Span, "text"> {
  let look = before;
  const numbers = codes.split(";").map(Number);
  for (let at = 0; at < numbers.length; at++) {
    const code = numbers[at]!;
    // 38 and 48 bring their own colours, which the town's palette does not have.
    if (code === 38 || code === 48) at += numbers[at + 1] === 5 ? 2 : 4;
    else look = withCode(code, look);
  }
  return look;
}

function withCode(code: number, look: Omit<Span, "text">): Omit<Span, "text"> {
  const { colour, bold, dim } = look;
  if (code === 0) return {};
  if (code === 1) return { ...look, bold: true };
  if (code === 2) return { ...look, dim: true };
  if (code === 22) return { ...(colour && { colour }) };
  if (code === 39) return { ...(bold && { bold }), ...(dim && { dim }) };
  const named = COLOURS[code >= 90 ? code - 90 : code - 30];
  return named === undefined ? look : { ...look, colour: named };
}
