const OPENING = /^\s*```\w*\n/;
const CLOSING = /\n?```\s*$/;
/** Long enough to tell a fence from a page. */
const ENOUGH = 24;

/** Text without the Markdown fence that models like to put around code, passed on piece by piece. */
export async function* unfence(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let held = "";
  let begun = false;
  for await (const piece of pieces) {
    held += piece;
    if (!begun && held.length < ENOUGH) continue;
    if (!begun) held = held.replace(OPENING, "");
    begun = true;
    // A backtick may be the beginning of the closing fence: it waits for what comes after it.
    const tail = /\n?`+\s*$|\n$/.exec(held)?.[0].length ?? 0;
    yield held.slice(0, held.length - tail);
    held = held.slice(held.length - tail);
  }
  yield (begun ? held : held.replace(OPENING, "")).replace(CLOSING, "");
}
