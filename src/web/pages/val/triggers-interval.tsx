import { CalendarClock, Play } from "lucide-react";
import { useState } from "react";
import { ask, call } from "../../client/call.ts";
import { invalidate } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Switch } from "../../ui/field.tsx";
import { Ago, Badge } from "../../ui/small.tsx";
import { toast, toastProblem } from "../../ui/toast.tsx";
import { useVal } from "./context.ts";
import type { Trigger, TriggerFile } from "./triggers.tsx";
import { Jobs } from "./triggers-jobs.tsx";
import { NextRuns } from "./triggers-next.tsx";
import { RunOutcome } from "./triggers-outcome.tsx";
import { PastRuns } from "./triggers-runs.tsx";
import { ScheduleEditor } from "./triggers-schedule.tsx";
import { useAct } from "./use-act.ts";
import { useRun } from "./use-run.ts";

/** When an interval file runs, and how that went. */
export function IntervalTrigger({ file, trigger }: { file: TriggerFile; trigger: Trigger }) {
  const { mayWrite } = useVal();
  const [edits, setEdits] = useState(false);
  const { run, start, stop, forget } = useRun();
  const runNow = async () => {
    await start((signal) =>
      ask("invokeFile", {
        params: { file_id: file.id },
        json: {},
        headers: { accept: "text/event-stream" },
        signal,
      }),
    );
    await invalidate("getTrigger", "listJobRuns");
  };
  const schedule = trigger.schedule ?? "";
  const timeZone = trigger.timeZone ?? "UTC";
  return (
    <>
      <Summary trigger={trigger} />
      {mayWrite && (
        <div className="panel-actions">
          <Active file={file} paused={trigger.paused ?? false} />
          <span className="grow" />
          {!edits && (
            <Button icon={<CalendarClock size={16} />} onClick={() => setEdits(true)}>
              Change schedule
            </Button>
          )}
          <Button icon={<Play size={16} />} busy={run?.state === "running"} onClick={() => void runNow()}>
            Run now
          </Button>
        </div>
      )}
      {run && <RunOutcome run={run} label="Run by hand" onStop={stop} onClose={forget} />}
      {edits && (
        <ScheduleEditor fileId={file.id} saved={{ schedule, timeZone }} onClose={() => setEdits(false)} />
      )}
      {!edits && trigger.nextRuns.length > 0 && (
        <NextRuns title="Next runs" next={trigger.nextRuns} timeZone={timeZone} />
      )}
      {mayWrite && <Jobs fileId={file.id} />}
      {mayWrite && <PastRuns fileId={file.id} none="The clock has not started it yet." />}
    </>
  );
}

function Summary({ trigger }: { trigger: Trigger }) {
  const { schedule, timeZone, paused, lastRunAt, nextRuns } = trigger;
  return (
    <div className="row wrap">
      <code>{schedule}</code>
      <span className="quiet">{timeZone}</span>
      <Badge kind={paused ? "warn" : "good"}>{paused ? "paused" : "active"}</Badge>
      <span className="quiet small">
        {lastRunAt === null ? (
          "has not run yet"
        ) : (
          <>
            last run <Ago at={lastRunAt} />
          </>
        )}
        {nextRuns[0] !== undefined && (
          <>
            , next <Ago at={nextRuns[0]} />
          </>
        )}
      </span>
    </div>
  );
}

/** Whether the clock starts it. */
function Active({ file, paused }: { file: TriggerFile; paused: boolean }) {
  const { busy, act } = useAct();
  const set = (on: boolean) =>
    act(async () => {
      try {
        await call("updateTrigger", { params: { file_id: file.id }, json: { paused: !on } });
        await invalidate("getTrigger", "listJobs");
        toast(on ? "It runs by the clock again, from its next time on." : "It is paused.");
      } catch (error) {
        toastProblem(error);
      }
    });
  return (
    <Switch label="Runs by the clock" checked={!paused} disabled={busy} onChange={(on) => void set(on)} />
  );
}
