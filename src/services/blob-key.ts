import { BlobError } from "./blob-error.ts";

/** Longest key, characters. */
const MAX_KEY = 512;

/**
 * Any text will do: what is a key is never a path.
 * @throws BlobError `bad_key`
 */
export function checkKey(key: string): void {
  const problem = keyProblem(key);
  if (problem !== undefined) throw new BlobError("bad_key", problem);
}

function keyProblem(key: string): string | undefined {
  const length = key.length > MAX_KEY ? [...key].length : key.length;
  if (length === 0 || length > MAX_KEY)
    return `A blob's key has 1 to ${MAX_KEY} characters; this one has ${length}.`;
  if (key.includes("\0")) return "A blob's key may hold any character but NUL (U+0000).";
  if (!key.isWellFormed())
    return "A blob's key must be well-formed Unicode: this one holds half a surrogate pair.";
  return undefined;
}
