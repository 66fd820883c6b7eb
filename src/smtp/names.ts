/** What do name servers say? Each answer is remembered for a while: who has written one mail often writes the next. */

export type Answer = string[][] | string[];
/** As `Resolver.resolve` of node:dns. */
export type Names = (name: string, type: string) => Promise<Answer>;

const KEPT_MS = 60_000;
/** What did not answer may be well again soon; until then no further mail waits for it. */
const FAILED_MS = 10_000;
const MAX_NAMES = 2000;
/** A longer answer is not remembered. */
const MAX_ANSWER = 4096;

/** Asks for each name once at a time. Its memory is bounded. */
export function rememberNames(ask: Names, now: () => number = () => performance.now()): Names {
  const known = new Map<string, { readonly answer: Promise<Answer>; until: number }>();
  return (name, type) => {
    const key = `${type} ${name.toLowerCase()}`;
    const found = known.get(key);
    if (found !== undefined && found.until > now()) return found.answer;
    const entry = { answer: ask(name, type), until: Number.POSITIVE_INFINITY };
    known.delete(key);
    if (known.size >= MAX_NAMES) known.delete(known.keys().next().value!);
    known.set(key, entry);
    entry.answer.then(
      (records) => {
        entry.until = JSON.stringify(records).length > MAX_ANSWER ? 0 : now() + KEPT_MS;
        if (entry.until === 0 && known.get(key) === entry) known.delete(key);
      },
      (error) => {
        entry.until = now() + (isAnswer(error) ? KEPT_MS : FAILED_MS);
      },
    );
    return entry.answer;
  };
}

/** There is no such name, or nothing of this type: that is known for certain. */
const isAnswer = ({ code }: NodeJS.ErrnoException) => code === "ENOTFOUND" || code === "ENODATA";
