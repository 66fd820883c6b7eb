/** What someone searches for: texts that must all occur, without regard to case. */
export interface Terms {
  readonly texts: readonly string[];
  /** One pattern per text, for repeated use. */
  readonly patterns: readonly RegExp[];
}

/** From the start of a match up to, not including, its end, in UTF-16 code units. */
export type Range = readonly [start: number, end: number];

/** Further words are not looked for: who types that many has pasted a text. */
const MAX_TERMS = 16;
/** Of each text so many trigrams are looked up; whether all of it occurs is seen in what they lead to. */
const MAX_TRIGRAMS = 24;

/**
 * Words, each of which must occur, or with `exact` all of it as one text. Words in double quotes are one text. There is no
 * other syntax: whatever else is typed is looked for as it is.
 */
export function parseTerms(query: string, exact = false): Terms {
  // No control character can be typed; NUL would end the query early within SQLite.
  const plain = query
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
  const texts = exact ? [plain] : splitWords(plain);
  const known = [...new Set(texts)].filter((text) => text !== "").slice(0, MAX_TERMS);
  return { texts: known, patterns: known.map((text) => new RegExp(RegExp.escape(text), "giu")) };
}

function splitWords(plain: string): string[] {
  const words = plain.matchAll(/(?<!\S)"([^"]+)"(?!\S)|(\S+)/g);
  return [...words].map(([, quoted, word]) => (quoted ?? word ?? "").trim());
}

/** Whether all of them occur in any of these texts. */
export function matchesAll({ patterns }: Terms, texts: readonly (string | null)[]): boolean {
  return patterns.every((pattern) => texts.some((text) => text !== null && text.search(pattern) !== -1));
}

/** Where they occur in a text: in order, none within another, at most `limit`. */
export function rangesIn({ patterns }: Terms, text: string, limit = 20): Range[] {
  const found: Range[] = [];
  for (const pattern of patterns) {
    let count = 0;
    for (const match of text.matchAll(pattern)) {
      if (count++ === limit) break;
      found.push([match.index, match.index + match[0].length]);
    }
  }
  found.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
  const apart: Range[] = [];
  for (const range of found) if (range[0] >= (apart.at(-1)?.[1] ?? 0)) apart.push(range);
  return apart.slice(0, limit);
}

/** Trigrams that must occur wherever all texts do, spread over each; none when all are shorter than three. */
export function trigramsOf({ texts }: Terms): string[] {
  const all = texts.flatMap((text) => {
    const points = Array.from(text);
    const count = points.length - 2;
    const step = Math.max(1, count / MAX_TRIGRAMS);
    const trigrams: string[] = [];
    for (let at = 0; at < count; at += step) trigrams.push(points.slice(at, Math.floor(at) + 3).join(""));
    return trigrams;
  });
  return [...new Set(all)];
}
