import { useEffect, useRef, useState } from "react";
import type { Row } from "../../client/contract.ts";
import { sayProblem } from "../../client/problem.ts";
import { readEvents } from "./run-events.ts";

/** A line that a run wrote. */
export interface RunLine {
  readonly at: string;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** A run by hand, as far as it has come. */
export interface Run {
  readonly state: "running" | "ok" | "failed";
  readonly startedAt: number;
  readonly lines: readonly RunLine[];
  readonly traceId?: string;
  readonly durationMs?: number;
  readonly error?: string;
}

interface Ended {
  readonly status: "ok" | "failed";
  readonly traceId?: string;
  readonly durationMs?: number;
  readonly error?: { readonly name: string; readonly message: string };
}

const MAX_LINES = 1000;

/** Runs something that answers with events, and tells how far it is. Who leaves the page stops it. */
export function useRun() {
  const [run, setRun] = useState<Run>();
  const left = useRef<AbortController>(undefined);
  useEffect(() => () => left.current?.abort(), []);
  const start = async (ask: (signal: AbortSignal) => Promise<Response>): Promise<void> => {
    left.current?.abort();
    const mine = new AbortController();
    left.current = mine;
    const change = (more: Partial<Run>) =>
      setRun((before) => (left.current === mine && before ? { ...before, ...more } : before));
    setRun({ state: "running", startedAt: Date.now(), lines: [] });
    const lines: RunLine[] = [];
    try {
      for await (const { event, data } of readEvents(await ask(mine.signal))) {
        if (event === "start") change({ traceId: (data as { traceId: string }).traceId });
        if (event === "log" && lines.length < MAX_LINES) {
          lines.push(data as RunLine);
          change({ lines: [...lines] });
        }
        if (event === "result" || event === "error") change(toEnd(data as Ended));
      }
      setRun((now) =>
        now?.state === "running" && left.current === mine
          ? { ...now, state: "failed", error: "The connection ended before the run did." }
          : now,
      );
    } catch (error) {
      if (mine.signal.aborted) return;
      change({ state: "failed", error: sayProblem(error) });
    }
  };
  const stop = () => {
    left.current?.abort();
    setRun((now) => (now?.state === "running" ? { ...now, state: "failed", error: "Stopped by you." } : now));
  };
  return { run, start, stop, forget: () => setRun(undefined) };
}

function toEnd({ status, traceId, durationMs, error }: Ended): Partial<Run> {
  return {
    state: status,
    ...(traceId !== undefined && { traceId }),
    ...(durationMs !== undefined && { durationMs }),
    ...(error && { error: `${error.name}: ${error.message}` }),
  };
}

/** What a row of past runs is. */
export type PastRun = Row<"listJobRuns">;
