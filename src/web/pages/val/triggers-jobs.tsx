import { useQuery } from "@tanstack/react-query";
import { call } from "../../client/call.ts";
import type { Row } from "../../client/contract.ts";
import { invalidate, queryAll } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Ago, Badge } from "../../ui/small.tsx";
import { toast, toastProblem } from "../../ui/toast.tsx";
import { useVal } from "./context.ts";
import { useAct } from "./use-act.ts";

type Job = Row<"listJobs">;
const KINDS = { queued: "info", running: "info", dead: "bad" } as const;
const ASK_EVERY_MS = 5000;

/** What waits for a file, is under way, or was given up; nothing when there is none. */
export function Jobs({ fileId }: { fileId: string }) {
  const { val } = useVal();
  const asked = useQuery({
    ...queryAll("listJobs", { params: { val_id: val.id } }),
    refetchInterval: ({ state }) =>
      (state.data as readonly Job[] | undefined)?.some((job) => job.state !== "dead") ? ASK_EVERY_MS : false,
  });
  const jobs = ((asked.data ?? []) as readonly Job[]).filter(({ file }) => file.id === fileId);
  if (jobs.length === 0) return null;
  return (
    <div className="panel-section">
      <h4>Waiting and given up</h4>
      <div className="table-wrap">
        <table className="table panel-table" aria-label="Jobs">
          <thead>
            <tr>
              <th>State</th>
              <th>Due</th>
              <th>Attempts</th>
              <th>Error</th>
              <th>
                <span className="unseen">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {jobs.map((job) => (
              <JobRow key={job.id} job={job} />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function JobRow({ job }: { job: Job }) {
  const { busy, act } = useAct();
  const params = { job_id: job.id };
  const change = (route: "retryJob" | "deleteJob", said: string) =>
    act(async () => {
      try {
        await call(route, { params });
        toast(said);
      } catch (error) {
        toastProblem(error);
      }
      await invalidate("listJobs", "listJobRuns", "listReceivedMails");
    });
  return (
    <tr>
      <td className="when">
        <Badge kind={KINDS[job.state]}>{job.state === "dead" ? "given up" : job.state}</Badge>
      </td>
      <td className="when quiet">
        <Ago at={job.nextAttemptAt ?? job.dueAt} />
      </td>
      <td className="when quiet">
        {job.attempts} of {job.maxAttempts}
      </td>
      <td className="triggers-error small" title={job.error ?? undefined}>
        {job.error}
      </td>
      <td className="acts">
        {job.state !== "running" && (
          <div className="panel-actions end">
            <Button small busy={busy} onClick={() => void change("retryJob", "It is attempted now.")}>
              Try now
            </Button>
            <Button
              small
              kind="danger"
              busy={busy}
              onClick={() => void change("deleteJob", "It is taken out of the queue.")}
            >
              Drop
            </Button>
          </div>
        )}
      </td>
    </tr>
  );
}
