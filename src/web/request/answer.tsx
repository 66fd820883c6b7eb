/** What came of a request. */

import { Link } from "@tanstack/react-router";
import { CornerDownRight } from "lucide-react";
import { use } from "react";
import { TRACE } from "../../wire/headers.ts";
import { ValContext } from "../pages/val/context.ts";
import { StreamView } from "../stream/stream-view.tsx";
import { useRecording } from "../stream/use-recording.ts";
import { Button, buttonClass, CopyButton } from "../ui/button.tsx";
import { count, sayBytes } from "../ui/small.tsx";
import { Note } from "../ui/states.tsx";
import { toCurl } from "./curl.ts";
import type { Draft } from "./draft.ts";
import type { Answered, Exchange } from "./exchange.ts";
import { StatusBadge } from "./status.tsx";

export interface AnswerProps {
  readonly exchange: Exchange;
  /** As it was sent. */
  readonly draft: Draft;
  readonly endpoint: string;
  readonly onFollow: (path: string) => void;
}

/** Status and times, the picture, the body, the headers. */
export function Answer({ exchange, draft, endpoint, onFollow }: AnswerProps) {
  useRecording(exchange.recording);
  const { answered, problem, recording, wanted } = exchange;
  const fileName = wanted.body instanceof File ? wanted.body.name : undefined;
  const uploading = recording.end === "open" && exchange.uploaded < exchange.size;
  return (
    <section className="answer" aria-label="Answer">
      <div className="answer-head row wrap">
        {answered ? (
          <StatusBadge status={answered.status} text={answered.statusText} />
        ) : (
          recording.end === "open" && <span className="badge">…</span>
        )}
        <span className="grow" />
        <TraceLink answered={answered} />
        <CopyButton label="Copy as curl" text={toCurl(endpoint, draft, fileName)} />
      </div>
      {uploading && <Uploading exchange={exchange} />}
      {problem !== undefined && <Note kind="bad">{problem}</Note>}
      {answered && <Follow answered={answered} endpoint={endpoint} draft={draft} onFollow={onFollow} />}
      {problem === undefined && (
        <StreamView
          recording={recording}
          more={
            answered
              ? [
                  {
                    name: "headers",
                    label: (
                      <>
                        Headers <span className="quiet small">{answered.headers.length}</span>
                      </>
                    ),
                    content: <HeadersTable answered={answered} />,
                  },
                ]
              : []
          }
        />
      )}
    </section>
  );
}

function Uploading({ exchange: { uploaded, size } }: { exchange: Exchange }) {
  const percent = Math.floor((uploaded / size) * 100);
  return (
    <div className="answer-upload row">
      <progress aria-label="Upload" max={size} value={uploaded} />
      <span className="small">
        {sayBytes(uploaded)} of {sayBytes(size)} · {percent} %
      </span>
    </div>
  );
}

function TraceLink({ answered }: { answered: Answered | undefined }) {
  const view = use(ValContext);
  const trace = answered?.headers.find(([name]) => name === TRACE)?.[1];
  const user = view?.val.author.username;
  if (trace === undefined || !view?.mayWrite || user == null) return null;
  return (
    <Link
      to="/x/$user/$val/traces/$trace"
      params={{ user, val: view.val.name, trace }}
      className={buttonClass({ kind: "plain", small: true })}
    >
      Trace
    </Link>
  );
}

/** Redirects are shown, and gone to only by who wants it. */
function Follow({
  answered,
  endpoint,
  draft,
  onFollow,
}: Omit<AnswerProps, "exchange"> & { answered: Answered }) {
  const location = answered.headers.find(([name]) => name === "location")?.[1];
  if (answered.status < 300 || answered.status >= 400 || location === undefined) return null;
  const url = URL.parse(location, `${endpoint}${draft.path}`);
  const own = url?.origin === new URL(endpoint).origin;
  const isWeb = url?.protocol === "http:" || url?.protocol === "https:";
  return (
    <Note>
      <span className="row wrap">
        <span className="grow">
          Redirects to <code>{location}</code>
        </span>
        {url && own && (
          <Button
            small
            icon={<CornerDownRight size={14} />}
            onClick={() => onFollow(url.pathname + url.search)}
          >
            Follow
          </Button>
        )}
        {url && !own && isWeb && (
          <a className={buttonClass({ small: true })} href={url.href} target="_blank" rel="noreferrer">
            Open in a new tab
          </a>
        )}
      </span>
    </Note>
  );
}

function HeadersTable({ answered: { headers, more } }: { answered: Answered }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no pointer scrolls it with the arrow keys
    <section className="answer-headers" aria-label="Headers of the answer" tabIndex={0}>
      <table className="table">
        <caption className="unseen">{count(headers.length, "header")} of the answer</caption>
        <tbody>
          {headers.map(([name, value], at) => (
            // Some come twice.
            // biome-ignore lint/suspicious/noArrayIndexKey: they stay where they are
            <tr key={at}>
              <th scope="row">{name}</th>
              <td className="mono">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {more && <p className="stream-note quiet small">There are more than are shown.</p>}
    </section>
  );
}
