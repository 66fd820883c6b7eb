/** What a run writes, and what became of it. */

import { Link } from "@tanstack/react-router";
import { useVal } from "../pages/val/context.ts";
import { Rows } from "../stream/rows.tsx";
import { buttonClass, CopyButton } from "../ui/button.tsx";
import { Badge, count, sayDuration } from "../ui/small.tsx";
import { Note } from "../ui/states.tsx";
import type { Run } from "./run.ts";

const LOUD: Readonly<Record<string, string>> = { error: "bad", warn: "warn" };

export function RunOutput({ run }: { run: Run }) {
  const { lines, result, problem, diagnostics, dropped, state } = run;
  return (
    <section className="answer" aria-label="Run">
      <div className="answer-head row wrap">
        <State run={run} />
        <span className="answer-times quiet small">
          {result?.durationMs !== undefined && `${sayDuration(result.durationMs)} · `}
          {count(lines.length, "line")}
          {dropped > 0 && ` · ${dropped} dropped`}
        </span>
        <span className="grow" />
        <TraceLink trace={run.traceId} />
      </div>
      {problem !== undefined && <Note kind="bad">{problem}</Note>}
      {diagnostics.map((one, at) => (
        // They stay where they are.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <p key={at} className="mono small bad">
          {one.file !== undefined && `${one.file}:${one.line ?? 1}:${one.column ?? 1} `}
          {one.message}
        </p>
      ))}
      {result?.error && (
        <Note kind="bad">
          <strong>
            {result.error.name}: {result.error.message}
          </strong>
          {result.error.stack !== "" && <pre className="run-stack small">{result.error.stack}</pre>}
        </Note>
      )}
      {result?.value !== undefined && (
        <div className="run-value">
          <pre className="grow">{result.value}</pre>
          <CopyButton text={result.value} label="Copy the value" />
        </div>
      )}
      {lines.length === 0 && problem === undefined && (
        <p className="quiet small">
          {state === "running" ? "It has written nothing yet." : "It wrote nothing."}
        </p>
      )}
      {lines.length > 0 && (
        <div className="socket-messages">
          <Rows
            {...{ count: lines.length, label: "Output", follow: true, className: "stream-text" }}
            row={(at) => <span className={LOUD[lines[at]!.level] ?? ""}>{lines[at]!.text || "\u200b"}</span>}
          />
        </div>
      )}
    </section>
  );
}

function State({ run: { state, result, problem } }: { run: Run }) {
  if (state === "running") return <Badge kind="info">running</Badge>;
  if (state === "stopped") return <Badge>stopped</Badge>;
  if (problem !== undefined || result?.status === "failed") return <Badge kind="bad">failed</Badge>;
  return <Badge kind="good">done</Badge>;
}

function TraceLink({ trace }: { trace: string | undefined }) {
  const { val } = useVal();
  if (trace === undefined || val.author.username === null) return null;
  return (
    <Link
      to="/x/$user/$val/traces/$trace"
      params={{ user: val.author.username, val: val.name, trace }}
      className={buttonClass({ kind: "plain", small: true })}
    >
      Trace
    </Link>
  );
}
