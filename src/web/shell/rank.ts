/** Which of many texts are meant by a few letters. */

/** How well a text fits; undefined when it does not. Smaller is better. */
export function scoreOf(asked: string, text: string): number | undefined {
  const want = asked.toLowerCase().replace(/\s+/g, "");
  if (want === "") return 0;
  const have = text.toLowerCase();
  const whole = have.indexOf(want);
  // The whole of it, best in the last part of a path, and at the beginning of a word.
  if (whole >= 0) {
    const inName = whole > have.lastIndexOf("/");
    const atStart = whole === 0 || !/[a-z0-9]/.test(have[whole - 1]!);
    return (inName ? 0 : 200) + (atStart ? 0 : 100) + have.length / 100;
  }
  let at = -1;
  let gaps = 0;
  for (const letter of want) {
    const next = have.indexOf(letter, at + 1);
    if (next < 0) return undefined;
    if (at >= 0 && next > at + 1) gaps += 1;
    at = next;
  }
  return 1000 + gaps * 50 + have.length / 100;
}

/** The best first, as many as one looks at; without letters as they are. */
export function rank<T>(asked: string, all: readonly T[], textOf: (one: T) => string, most = 50): T[] {
  return all
    .flatMap((one) => {
      const score = scoreOf(asked, textOf(one));
      return score === undefined ? [] : [{ one, score }];
    })
    .sort((a, b) => a.score - b.score)
    .slice(0, most)
    .map(({ one }) => one);
}
