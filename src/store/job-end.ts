/** How an attempt of a job begins and ends, and what becomes of one whose process died. */
import type { Transaction } from "kysely";
import { noteDelivery } from "./inbox.ts";
import { runOf, toJob } from "./job-rows.ts";
import { trimRuns } from "./job-trim.ts";
import type { Job, JobOutcome, Recovered } from "./jobs.ts";
import type { TownSchema } from "./schema.ts";
import type { JobTable } from "./schema-jobs.ts";

type Trx = Transaction<TownSchema>;

const FREE = { begun: 0, lease_owner: null, lease_until: null, run_id: null } as const;
const INTERRUPTED = "The server ended while it ran.";

/** Whoever takes a lease away changes its owner in the same step, so that to look at the owner is enough. */
export async function beginJob(
  trx: Trx,
  job: Job,
  { trace, at }: { readonly trace: string; readonly at: number },
): Promise<boolean> {
  const row = await mine(trx, job);
  if (row === undefined || row.begun === 1) return false;
  const run = { ...runOf(row, row.attempts + 1), started_at: at, trace };
  await trx.insertInto("job_runs").values(run).execute();
  await trx
    .updateTable("jobs")
    .set({ begun: 1, attempts: run.attempt, run_id: run.id, updated_at: at })
    .where("id", "=", job.id)
    .execute();
  return true;
}

/** What did not even begin is an attempt as well, on record like the others. */
export async function finishJob(trx: Trx, job: Job, end: JobOutcome): Promise<void> {
  const row = await mine(trx, job);
  if (row === undefined) return;
  const ended = { ended_at: end.at, outcome: end.outcome, error: end.error ?? null };
  if (row.run_id !== null) {
    await trx.updateTable("job_runs").set(ended).where("id", "=", row.run_id).execute();
  } else {
    await trx
      .insertInto("job_runs")
      .values({ ...runOf(row, row.attempts + 1), ...ended })
      .execute();
  }
  const attempts = row.run_id === null ? row.attempts + 1 : row.attempts;
  await settle(trx, { ...row, attempts }, end);
  await tellInbox(trx, row, end);
  await trimRuns(trx, job.fileId);
}

/** @see Jobs.recover */
export async function recoverJobs(
  trx: Trx,
  { owner, at, alone }: { owner: string; at: number; alone: boolean },
): Promise<Recovered> {
  const left = trx
    .selectFrom("jobs")
    .selectAll()
    .where("state", "=", "running")
    .where("lease_owner", "!=", owner);
  const rows = await (alone ? left : left.where("lease_until", "<=", at)).orderBy("id").execute();
  const found = { queued: [] as Job[], interrupted: [] as Job[], dead: [] as Job[] };
  for (const row of rows) {
    const end: JobOutcome = { outcome: "interrupted", error: INTERRUPTED, at };
    if (row.run_id !== null) {
      const ended = { ended_at: at, outcome: end.outcome, error: INTERRUPTED };
      await trx.updateTable("job_runs").set(ended).where("id", "=", row.run_id).execute();
    }
    const fate = fateOf(row);
    if (fate === "queued") await settle(trx, row, { ...end, retryAt: row.begun === 1 ? at : row.run_at });
    else await settle(trx, row, fate === "dead" ? { ...end, dead: true } : end);
    if (row.begun === 1) await tellInbox(trx, row, end);
    found[fate].push(toJob(row.begun === 1 ? { ...row, error: INTERRUPTED } : row));
    if (row.begun === 1) await trimRuns(trx, row.file_id);
  }
  return found;
}

/** The list of mails says what came of each, longer than there are runs. */
async function tellInbox(trx: Trx, job: JobTable, { outcome, error }: JobOutcome): Promise<void> {
  if (job.kind !== "email") return;
  const run = await trx
    .selectFrom("job_runs")
    .select("trace")
    .where("id", "=", job.run_id ?? "")
    .executeTakeFirst();
  await noteDelivery(trx, job, { outcome, error: error ?? null, trace: run?.trace ?? null });
}

function fateOf(row: JobTable): keyof Recovered {
  if (row.begun === 0) return "queued";
  if (row.max_attempts === 1) return "interrupted";
  return row.attempts < row.max_attempts ? "queued" : "dead";
}

/** The job's row, if this process still has it. */
function mine(trx: Trx, { id, owner }: Job): Promise<JobTable | undefined> {
  return trx
    .selectFrom("jobs")
    .selectAll()
    .where("id", "=", id)
    .where("state", "=", "running")
    .where("lease_owner", "=", owner ?? "")
    .executeTakeFirst();
}

/** What becomes of the job itself. */
async function settle(trx: Trx, { id, attempts }: JobTable, end: JobOutcome): Promise<void> {
  if (end.retryAt === undefined && end.dead === undefined) {
    await trx.deleteFrom("jobs").where("id", "=", id).execute();
    return;
  }
  const state = end.dead ? "dead" : "queued";
  const due = end.retryAt === undefined ? {} : { run_at: end.retryAt };
  await trx
    .updateTable("jobs")
    .set({ ...FREE, ...due, state, attempts, error: end.error ?? null, updated_at: end.at })
    .where("id", "=", id)
    .execute();
}
