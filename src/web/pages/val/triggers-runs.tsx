import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Row } from "../../client/contract.ts";
import { query } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Ago, Badge, sayDuration } from "../../ui/small.tsx";
import { Loaded, Loading } from "../../ui/states.tsx";
import { TraceLink } from "./triggers-outcome.tsx";
import type { PastRun } from "./use-run.ts";

const FEW = 5;
const ALL = 100;
const ASK_EVERY_MS = 3000;
const KINDS = { ok: "good", failed: "bad", interrupted: "warn", skipped: "" } as const;

/** Runs that the clock or a mail started, the newest first. */
export function PastRuns({ fileId, none }: { fileId: string; none: string }) {
  const [limit, setLimit] = useState(FEW);
  const asked = useQuery({
    ...query("listJobRuns", { params: { file_id: fileId }, query: { limit: limit } }),
    placeholderData: keepPreviousData,
    // What is under way will be over soon.
    refetchInterval: ({ state }) =>
      state.data?.data.some(({ outcome }) => outcome === null) ? ASK_EVERY_MS : false,
  });
  return (
    <div className="panel-section">
      <div className="row apart">
        <h4>Past runs</h4>
        {limit === FEW && asked.data?.links.next !== undefined && (
          <Button small kind="plain" onClick={() => setLimit(ALL)}>
            Show the last {ALL}
          </Button>
        )}
      </div>
      <Loaded query={asked} loading={<Loading lines={2} />}>
        {({ data }) => (data.length === 0 ? <p className="quiet small">{none}</p> : <RunTable runs={data} />)}
      </Loaded>
    </div>
  );
}

function RunTable({ runs }: { runs: readonly PastRun[] }) {
  return (
    <div className="table-wrap triggers-runs">
      <table className="table panel-table" aria-label="Past runs">
        <thead>
          <tr>
            <th>Outcome</th>
            <th>Began</th>
            <th>Took</th>
            <th>Error</th>
            <th>Trace</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <td className="when">
                <Badge kind={run.outcome === null ? "info" : KINDS[run.outcome]}>
                  {run.outcome ?? "running"}
                </Badge>
                {run.attempt > 1 && <span className="quiet small"> attempt {run.attempt}</span>}
              </td>
              <td className="when quiet">
                <Ago at={run.startedAt ?? run.dueAt} />
              </td>
              <td className="when quiet">{took(run)}</td>
              <td className="triggers-error small" title={run.error ?? undefined}>
                {run.error}
              </td>
              <td>{run.traceId !== null && <TraceLink id={run.traceId}>Trace</TraceLink>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function took({ startedAt, endedAt }: Row<"listJobRuns">): string {
  if (startedAt === null || endedAt === null) return "";
  return sayDuration(Date.parse(endedAt) - Date.parse(startedAt));
}
