/** A text of somebody's, with what matched in it marked. */
export function Marked({
  text,
  ranges,
}: {
  text: string;
  ranges: readonly (readonly [from: number, to: number])[];
}) {
  let at = 0;
  const parts = ranges.flatMap(([from, to]) => {
    const before = text.slice(at, from);
    at = to;
    return [before, <mark key={from}>{text.slice(from, to)}</mark>];
  });
  return (
    <span className="search-marked">
      {parts}
      {text.slice(at)}
    </span>
  );
}
