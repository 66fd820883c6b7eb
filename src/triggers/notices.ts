/** Who hears by mail that something of his failed? The val's owner, at most once an hour for each file. */
import type { Log } from "../log.ts";
import type { Email } from "../services/email.ts";
import type { Job, Store } from "../store/store.ts";
import type { Failure } from "./types.ts";

export interface NoticeOptions {
  readonly store: Pick<Store, "files" | "jobs" | "orgs" | "users" | "vals">;
  readonly email: Pick<Email, "hasRelay" | "notify">;
  /** Where the API is found. */
  readonly api: string;
  /** The app's address. */
  readonly app: string;
  readonly log?: Log;
}

/** Between two mails about one file. */
const QUIET_MS = 60 * 60_000;
/** Of a subject, which is one line. */
const MAX_SUBJECT = 180;

/** Tells of a job that failed for good; never rejects. Without a relay nobody is told, nor is it remembered that he was. */
export function createNotices(options: NoticeOptions): (job: Job, failure: Failure) => Promise<void> {
  const { email, log } = options;
  return async (job, failure) => {
    if (!email.hasRelay) return;
    try {
      await tell(options, job, failure);
    } catch (error) {
      log?.error("A notice of a failed run could not be sent.", { job: job.id, file: job.fileId, error });
    }
  };
}

async function tell(options: NoticeOptions, job: Job, failure: Failure): Promise<void> {
  const { store, email } = options;
  const to = await addressee(options, job.userId);
  const val = await store.vals.find(job.valId);
  const file = await store.files.find(job.fileId);
  if (to === undefined || val === undefined || file === undefined) return;
  if (!(await store.jobs.mayTell(job.fileId, failure.at, QUIET_MS))) return;
  const name = `${val.username}/${val.name}`;
  const subject = `${name}: ${file.path} failed`.replace(/\p{Cc}/gu, " ").slice(0, MAX_SUBJECT);
  await email.notify({ to, subject, text: textOf(options, job, { ...failure, name, path: file.path }) });
}

/** The person's own choice: of an organization it is its first owner who reads its mail. */
async function addressee({ store }: NoticeOptions, userId: string): Promise<string | undefined> {
  const account = await store.users.find(userId);
  if (account === undefined) return undefined;
  const id = account.type === "org" ? await store.orgs.firstOwner(userId) : userId;
  const person = id === undefined ? undefined : await store.users.find(id);
  if (person === undefined || !person.failureMails || person.suspendedAt !== null) return undefined;
  return store.users.verifiedEmail(person.id);
}

function textOf(
  { api, app }: NoticeOptions,
  job: Job,
  about: Failure & { name: string; path: string },
): string {
  const { name, path, at, error, trace } = about;
  const what =
    job.kind === "interval"
      ? `The run of ${path} in ${name} that was due at ${iso(job.dueAt)} failed at ${iso(at)}:`
      : `${path} in ${name} could not take the mail that came at ${iso(job.dueAt)}. The last of ${job.maxAttempts} attempts failed at ${iso(at)}:`;
  const more =
    trace === undefined ? [] : [`Its logs: GET ${api}/v3/traces/${trace}, or: hamlet trace ${trace}`];
  const again = job.kind === "interval" ? [] : [`To try it again: POST ${api}/v3/jobs/${job.id}/retry`];
  return [
    what,
    "",
    error
      .split("\n")
      .map((line) => `  ${line}`)
      .join("\n"),
    "",
    ...more,
    `All its runs: GET ${api}/v3/files/${job.fileId}/runs`,
    ...again,
    "",
    "You are told of each file at most once an hour, however often it fails.",
    `To get no such mails: PATCH ${api}/v3/me with {"failureMails": false}, at ${app}.`,
    "",
  ].join("\n");
}

const iso = (ms: number) => new Date(ms).toISOString();
