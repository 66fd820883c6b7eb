/** The one stretch in which two texts differ, so that replacing a text leaves cursor, folds and undo where they are. */
export function changeBetween(
  from: string,
  to: string,
): { from: number; to: number; insert: string } | undefined {
  if (from === to) return undefined;
  const most = Math.min(from.length, to.length);
  let start = 0;
  while (start < most && from.charCodeAt(start) === to.charCodeAt(start)) start++;
  let end = 0;
  while (end < most - start && from.charCodeAt(from.length - 1 - end) === to.charCodeAt(to.length - 1 - end))
    end++;
  return { from: start, to: from.length - end, insert: to.slice(start, to.length - end) };
}
