import "./live.css";
import "./trace.css";
import { useQuery } from "@tanstack/react-query";
import { query } from "../client/queries.ts";
import { StreamView } from "../stream/stream-view.tsx";
import { CopyButton } from "../ui/button.tsx";
import { Badge, sayBytes, sayDuration } from "../ui/small.tsx";
import { Loaded, Note } from "../ui/states.tsx";
import { AppLink } from "./link.tsx";
import { Resend } from "./resend.tsx";
import { isWeb, pathOfUrl } from "./say.ts";
import { LogText, visible } from "./text.tsx";
import { TraceLogs } from "./trace-logs.tsx";
import {
  outcomeOf,
  phasesOf,
  recordingOf,
  sayError,
  type Traced,
  type TracedCall,
  toCurl,
} from "./trace-words.ts";

/** While a call lasts it is asked for again. */
const LASTING_MS = 2000;

/** One call: what was asked, what came, when, and what was logged for it. `base` is the val's own address. */
export function TraceView({ trace, base }: { trace: string; base: string }) {
  const found = useQuery({
    ...query("getTrace", { params: { trace_id: trace } }),
    refetchInterval: ({ state: { data } }) =>
      data !== undefined && (data.call === null || data.call.endedAt === null) ? LASTING_MS : false,
  });
  return (
    <Loaded query={found}>
      {(traced) => (
        <article className="trace">
          <Head traced={traced} base={base} />
          {traced.call === null ? (
            <Note>
              The call itself is not on record: it has just begun, or too many came in the same second. What
              was logged for it is below.
            </Note>
          ) : (
            <Facts traced={traced} call={traced.call} />
          )}
          <TraceLogs traced={traced} />
          {traced.call !== null && <Exchange traced={traced} call={traced.call} base={base} />}
        </article>
      )}
    </Loaded>
  );
}

function Head({ traced, base }: { traced: Traced; base: string }) {
  const { call, file, version, traceId } = traced;
  return (
    <header className="stack tight">
      <h2 className="trace-title">
        {call === null ? (
          "A call"
        ) : (
          <>
            <Badge kind={outcomeOf(call).look}>{outcomeOf(call).text}</Badge>
            <span className="quiet">{call.kind === "http" ? call.method : call.kind}</span>
            <code>
              <LogText text={isWeb(call.kind) ? pathOfUrl(call.url) : (file.path ?? "")} />
            </code>
          </>
        )}
      </h2>
      <div className="row wrap quiet small">
        {call !== null && <time dateTime={call.startedAt}>{new Date(call.startedAt).toLocaleString()}</time>}
        {file.path === null ? (
          <span>a file that is gone</span>
        ) : (
          <AppLink href={`${base}/code/${file.path.split("/").map(encodeURIComponent).join("/")}`}>
            {file.path}
          </AppLink>
        )}
        <span>version {version}</span>
        <span className="row trace-id">
          <code className="cut">{traceId}</code>
          <CopyButton text={traceId} label="Copy the call's id" />
        </span>
      </div>
    </header>
  );
}

function Facts({ traced, call }: { traced: Traced; call: TracedCall }) {
  const recording = recordingOf(traced);
  const { bytesIn, bytesOut, cold, worker, error, aborted, durationMs } = call;
  const web = isWeb(call.kind);
  return (
    <>
      {error !== null && (
        <Note kind="bad">
          <strong>{visible(error)}</strong> {sayError(error)}
        </Note>
      )}
      {aborted && error === null && (
        <Note kind="warn">
          {web
            ? "The visitor left before the answer was whole."
            : "It was stopped: nobody wanted it any more."}
        </Note>
      )}
      <dl className="trace-facts">
        <Fact name="Took" value={durationMs === null ? "lasts still" : sayDuration(durationMs)} />
        {web && <Fact name="First byte" value={sayFirst(call, recording?.firstMs)} />}
        <Fact name="Process" value={worker === null ? "none" : cold ? "started for it" : "was warm"} />
        {web && <Fact name="Came in" value={sayBytes(bytesIn)} />}
        {web && <Fact name="Went out" value={sayBytes(bytesOut)} />}
      </dl>
      {recording === undefined ? (
        <Phases call={call} />
      ) : (
        <section className="stack tight">
          <h3>The answer over time</h3>
          <StreamView recording={recording} />
        </section>
      )}
    </>
  );
}

const Fact = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

/** Of the body, where that is on record; else of the answer. */
function sayFirst({ firstByteAt, startedAt, bytesOut }: TracedCall, firstMs: number | undefined): string {
  if (firstByteAt === null || (firstMs === undefined && bytesOut === 0)) return "none";
  return `after ${sayDuration(firstMs ?? Date.parse(firstByteAt) - Date.parse(startedAt))}`;
}

/** A bar as long as the call, in as many parts as are known. */
function Phases({ call }: { call: TracedCall }) {
  const phases = phasesOf(call);
  const all = call.durationMs ?? 0;
  if (phases.length < 2 || all === 0) return null;
  return (
    <ul className="trace-phases">
      {phases.map(({ name, fromMs, toMs }, at) => (
        <li
          key={name}
          style={{ flexGrow: Math.max(0.02, (toMs - fromMs) / all) }}
          className={at === 0 ? "wait" : "send"}
        >
          <span className="trace-bar" aria-hidden />
          <span className="cut small" title={name}>
            {name}: {sayDuration(toMs - fromMs)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Exchange({ traced, call, base }: { traced: Traced; call: TracedCall; base: string }) {
  if (!isWeb(call.kind)) return null;
  return (
    <div className="trace-sides">
      <section className="stack tight">
        <div className="row apart">
          <h3>Request</h3>
          <span className="row">
            <Resend traced={traced} base={base} />
            <CopyButton text={toCurl(call)} label="Copy as a curl command" />
          </span>
        </div>
        <p className="trace-line mono">
          {call.method} <LogText text={call.url} />
        </p>
        <Headers fields={call.requestHeaders} />
      </section>
      <section className="stack tight">
        <div className="row">
          <h3>Answer</h3>
        </div>
        <p className="trace-line mono">{call.status ?? "None was begun."}</p>
        <Headers fields={call.responseHeaders} />
      </section>
    </div>
  );
}

function Headers({ fields }: { fields: Readonly<Record<string, string>> }) {
  const all = Object.entries(fields);
  if (all.length === 0) return <p className="quiet small">No headers are on record.</p>;
  return (
    <div className="table-wrap">
      <table className="table trace-headers">
        <tbody>
          {all.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{visible(name)}</th>
              <td className={value === "(hidden)" ? "quiet" : "mono"}>{visible(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
