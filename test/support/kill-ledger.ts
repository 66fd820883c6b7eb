/** What became of slots and mails under kills: all that was seen of them, and what of it cannot be right. */

import type { SentMail } from "./kill-mail.ts";
import { type JobRow, type Queue, type RunRow, timeOf } from "./kill-store.ts";
import type { StartedFile, Written } from "./kill-vals.ts";

const MINUTE_MS = 60_000;
/** Between a tick's look at the clock and the ids of the jobs that it makes. */
const TICK_MS = 5000;
const ATTEMPTS = 5;

export class Ledger {
  readonly files: readonly StartedFile[];
  readonly mails: SentMail[] = [];
  readonly kills: number[] = [];
  /** By file. */
  readonly #slots = new Map<string, number[]>();
  /** The last that was seen of each run; the town keeps a hundred of each file. */
  readonly #runs = new Map<string, RunRow>();
  /** Subjects of stored mails, by file and mail. */
  readonly #stored = new Map<string, { subject: string; fileId: string; mailId: string }>();
  readonly #problems: string[] = [];

  constructor(files: readonly StartedFile[]) {
    this.files = files;
  }

  /** A slot that the test has set. */
  setSlot(fileId: string, slot: number): void {
    this.#slots.set(fileId, [...(this.#slots.get(fileId) ?? []), slot]);
  }

  /** It has not come, and is to be another one. */
  withdraw(fileId: string, slot: number): void {
    const kept = (this.#slots.get(fileId) ?? []).filter((one) => one !== slot);
    this.#slots.set(fileId, kept);
  }

  /** Remembers what lies in the store, before the town forgets it. */
  see({ runs, mails }: Queue): void {
    for (const run of runs) {
      const before = this.#runs.get(run.id);
      if (before?.outcome && before.outcome !== run.outcome)
        this.#problems.push(`The run ${run.id} was ${before.outcome} and is ${run.outcome} now.`);
      this.#runs.set(run.id, run);
    }
    for (const { mail_id: mailId, file_id: fileId, subject } of mails)
      this.#stored.set(`mail:${mailId}:${fileId}`, { subject, fileId, mailId });
  }

  /** Of the runs, how many ended how. */
  get outcomes(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { kind, outcome } of this.#runs.values()) {
      const name = `${kind} ${outcome}`;
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }

  /** Jobs that were given up, of which it is not on record that they were begun as often as that takes. */
  checkDead(jobs: readonly JobRow[]): void {
    for (const { key, state } of jobs) {
      const begun = [...this.#runs.values()].filter((run) => run.key === key && run.started_at !== null);
      if (state === "dead" && begun.length % ATTEMPTS !== 0)
        this.#problems.push(`${key} is dead after ${begun.length} attempts.`);
    }
  }

  /** Once nothing is left to be done. */
  problems(written: readonly Written[]): string[] {
    for (const { fileId, kind, what } of this.files) {
      const runs = [...this.#runs.values()].filter((run) => run.file_id === fileId);
      runs.sort((a, b) => (a.started_at ?? a.due_at) - (b.started_at ?? b.due_at));
      const own = written.filter((one) => one.what === what);
      this.#checkWindows(what, runs, own);
      if (kind === "email") this.#checkDeliveries(runs, own);
      else this.#checkSlots({ fileId, kind, what }, runs);
    }
    this.#checkMails();
    return this.#problems;
  }

  /** Each run that went well has written down one run; one that a kill has broken off, one at most; else there is none. */
  #checkWindows(what: string, runs: readonly RunRow[], own: readonly Written[]): void {
    const say = (text: string) => this.#problems.push(`${what}: ${text}`);
    const begun = runs.filter((run) => run.started_at !== null);
    const taken = new Map<string, Written[]>();
    for (const one of own) {
      const during = begun.filter((run) => covers(run, one) && matches(run, one));
      // Mails of one file run side by side; those of one mail do not.
      if (during.length !== 1) say(`${one.id} of ${one.at} was written during ${during.length} runs.`);
      else taken.set(during[0]!.id, [...(taken.get(during[0]!.id) ?? []), one]);
    }
    for (const run of begun) {
      const found = taken.get(run.id) ?? [];
      const named = `the run of ${new Date(run.due_at).toISOString()} (${run.key})`;
      if (found.length > 1) say(`${named} was run ${found.length} times.`);
      if (run.outcome === "ok" && found[0]?.ended == null) say(`${named} was not run to its end.`);
      if (run.outcome === "interrupted" && !this.#wasKilled(run)) say(`${named} was interrupted by nobody.`);
      if (run.outcome === "failed") say(`${named} failed: ${run.error}`);
      if (run.outcome === null) say(`${named} has no end.`);
    }
  }

  #wasKilled({ started_at, ended_at }: RunRow): boolean {
    return this.kills.some((at) => at >= started_at! && at <= ended_at!);
  }

  #checkSlots({ fileId, kind, what }: StartedFile, runs: readonly RunRow[]): void {
    const say = (text: string) => this.#problems.push(`${what}: ${text}`);
    const sorted = runs.toSorted((a, b) => a.due_at - b.due_at);
    const dues = sorted.map(({ due_at }) => due_at);
    for (const due of dues.filter((one, place) => dues.indexOf(one) !== place))
      say(`the slot ${due} has two rows.`);
    for (const skipped of runs.filter(({ outcome }) => outcome === "skipped")) {
      const at = timeOf(skipped.id);
      const before = runs.some((run) => timeOf(run.job_id) < at && at <= (run.ended_at ?? 0));
      if (!before) say(`the slot ${skipped.due_at} was skipped for no reason.`);
    }
    if (kind === "minute") this.#checkMinutes(sorted, say);
    else {
      // The first run is that of a new file.
      const slots = new Set([dues[0]!, ...(this.#slots.get(fileId) ?? [])]);
      for (const due of dues) if (!slots.delete(due)) say(`a run at ${due}, where no slot was.`);
      for (const slot of slots) say(`the slot ${slot} was lost.`);
    }
  }

  /** Between a slot and the next one there are only minutes that went by before its job was made. */
  #checkMinutes(sorted: readonly RunRow[], say: (text: string) => void): void {
    const clocked = sorted.filter(({ due_at }) => due_at % MINUTE_MS === 0);
    for (const [place, run] of clocked.slice(1).entries()) {
      const before = clocked[place]!;
      const made = timeOf(before.outcome === "skipped" ? before.id : before.job_id);
      const latest = Math.floor(made / MINUTE_MS + 1) * MINUTE_MS;
      if (run.due_at > latest) say(`no run between ${before.due_at} (made at ${made}) and ${run.due_at}.`);
      if (run.due_at <= made - TICK_MS) say(`${run.due_at} was covered by ${before.due_at} already.`);
    }
  }

  /** Each stored mail was delivered with success, once and no more. */
  #checkDeliveries(runs: readonly RunRow[], own: readonly Written[]): void {
    const mails = new Map(this.mails.map((mail) => [mail.token, mail]));
    for (const [key, { subject }] of this.#stored) {
      const of = runs.filter((run) => run.key === key);
      const well = of.filter(({ outcome }) => outcome === "ok").length;
      if (of.length > 0 && well !== 1)
        this.#problems.push(`${key} (${subject}) was delivered ${well} times.`);
    }
    for (const { subject, length } of own)
      if (mails.get(subject ?? "")?.length !== length)
        this.#problems.push(`The mail ${subject} came with ${length} characters of text.`);
  }

  #checkMails(): void {
    const stored = Map.groupBy(this.#stored.values(), ({ subject }) => subject);
    const keys = new Set([...this.#runs.values()].map(({ key }) => key));
    for (const [key, { subject }] of this.#stored)
      if (!keys.has(key)) this.#problems.push(`${key} (${subject}) is stored and was never delivered.`);
    for (const { token, to, fate } of this.mails) {
      const files = new Set((stored.get(token) ?? []).map(({ fileId }) => fileId));
      const ids = new Set((stored.get(token) ?? []).map(({ mailId }) => mailId));
      const lost = to.filter((fileId) => !files.has(fileId));
      if (fate === "acknowledged" && lost.length > 0)
        this.#problems.push(`The mail ${token} was acknowledged and is lost.`);
      if (fate === "doubtful" && lost.length > 0 && files.size > 0)
        this.#problems.push(`The mail ${token} has come to some of its files.`);
      if (ids.size > 1) this.#problems.push(`The mail ${token} is stored ${ids.size} times.`);
      if ((fate === "refused" || fate === "broken") && files.size > 0)
        this.#problems.push(`The mail ${token} was ${fate} and is stored.`);
    }
  }
}

function covers({ started_at, ended_at }: RunRow, { at, ended }: Written): boolean {
  return started_at! <= at && (ended ?? at) <= (ended_at ?? Infinity);
}

/** A mail says which one it is. */
function matches({ kind, key }: RunRow, { mail }: Written): boolean {
  return kind !== "email" || key.includes(`:${mail}:`);
}
