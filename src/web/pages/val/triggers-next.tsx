const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Times of a schedule, as its time zone shows them and as the clock here does. */
export function NextRuns({
  title,
  next,
  timeZone,
}: {
  title: string;
  next: readonly string[];
  timeZone: string;
}) {
  const both = !isSame(timeZone);
  return (
    <div className="table-wrap triggers-next">
      <table className="table panel-table" aria-label={title}>
        <thead>
          <tr>
            <th>
              {title}
              {both && ` (${timeZone})`}
            </th>
            {both && <th>For you ({HERE})</th>}
          </tr>
        </thead>
        <tbody>
          {next.map((at) => (
            <tr key={at}>
              <td className="when">
                <time dateTime={at}>{sayTime(at, timeZone)}</time>
              </td>
              {both && <td className="when quiet">{sayTime(at, HERE)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Whether clocks there show the same as here, now and half a year from now. */
function isSame(timeZone: string): boolean {
  const now = Date.now();
  const half = 182 * 86_400_000;
  return [now, now + half].every((at) => sayTime(at, timeZone) === sayTime(at, HERE));
}

/** `Mon, 26 Oct 2026, 09:30`, as clocks of that zone show it. */
function sayTime(at: string | number, timeZone: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(new Date(at));
}
