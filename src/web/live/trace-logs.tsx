import { sayDuration } from "../ui/small.tsx";
import { Note } from "../ui/states.tsx";
import { LogText, opened } from "./text.tsx";
import type { Traced } from "./trace-words.ts";

/** So much has room beside its time on the narrowest screen. */
const SHORT = 24;

/** What was logged for a call: whole, with stacks that lead to the code. */
export function TraceLogs({ traced: { logs, moreLogs, call } }: { traced: Traced }) {
  const start = call === null ? undefined : Date.parse(call.startedAt);
  return (
    <section className="stack tight">
      <h3>Logs</h3>
      {moreLogs && <Note>There were more. The last {logs.length} lines are shown.</Note>}
      {logs.length === 0 ? (
        <p className="quiet small">Nothing was logged.</p>
      ) : (
        <ol className="trace-logs">
          {logs.map(({ at, level, text }) => (
            <li
              key={at}
              className={`live-line ${level} ${text.length > SHORT || text.includes("\n") ? "tall" : ""}`}
            >
              <time dateTime={at} title={new Date(at).toString()}>
                {start === undefined ? new Date(at).toLocaleTimeString() : since(start, at)}
              </time>
              <span className="live-level">{level}</span>
              <pre className="live-text">
                <LogText text={opened(text)} links />
              </pre>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

const since = (start: number, at: string): string => `+${sayDuration(Math.max(0, Date.parse(at) - start))}`;
