/** One town that is killed around its slots and mails, again and again; then it is looked what became of them. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { median } from "../../bench/statistics.ts";
import { Ledger } from "../support/kill-ledger.ts";
import { type MailMoment, sendMails } from "../support/kill-mail.ts";
import { type JobRow, type Queue, readQueue, setSlots, unsound } from "../support/kill-store.ts";
import { MAIL_DOMAIN, readWritten, type StartedFile } from "../support/kill-vals.ts";
import { awaitGone, orphans } from "../support/processes.ts";
import { spawnHamlet, startHamlet, type TestHamlet } from "../support/server.ts";

export interface TriggerKillReport {
  readonly problems: readonly string[];
  /** How many slots, mails and runs there were, and what the kills have hit. */
  readonly counts: Readonly<Record<string, number>>;
  readonly readyMs: readonly number[];
}

/** When a life ends: so long after the town is ready or spawned, or with the n-th time that a mail has come so far. */
type Plan =
  | { readonly kind: "time"; readonly ms: number }
  | { readonly kind: "start"; readonly ms: number }
  | { readonly kind: "mail"; readonly moment: MailMoment; readonly nth: number; readonly turns: number };

const PEERS = 2;
const MAILS_EACH = 3;
/** More wait than a life can do: there are no new ones then. */
const BACKLOG = 12;
/** What the clock's own minute may be away to be waited for. */
const NEAR_MS = 2500;
const SETTLE_MS = 120_000;
const MOMENTS: readonly MailMoment[] = ["in DATA", "sent", "acknowledged", "acknowledged"];

/** How it is started. */
export type Town = Parameters<typeof spawnHamlet>[0] & { readonly token: string };

export class Killer {
  readonly #random: (below: number) => number;
  readonly #town: Town;
  readonly #files: readonly StartedFile[];
  readonly #ledger: Ledger;
  readonly #counts: Record<string, number> = {};
  readonly #readyMs: number[] = [];
  readonly #problems: string[] = [];
  #backlog = 0;

  constructor(random: (below: number) => number, town: Town, files: readonly StartedFile[]) {
    this.#random = random;
    this.#town = town;
    this.#files = files;
    this.#ledger = new Ledger(files);
  }

  get sentence(): string {
    return `start ${Math.round(median(this.#readyMs))} ms, ${this.#backlog} jobs wait`;
  }

  /** One life, from the start to the kill. */
  async round(n: number): Promise<void> {
    const plan = this.#plan();
    if (plan.kind === "start") {
      const child = spawnHamlet(this.#town);
      await Bun.sleep(plan.ms);
      this.#killed();
      child.kill("SIGKILL");
      await child.exited;
      this.#count("kills before it was ready");
    } else {
      const hamlet = await startHamlet(this.#town);
      this.#readyMs.push(hamlet.readyMs);
      this.#count("kills while it ran");
      await this.#live(hamlet, n, plan);
    }
    for (const { command } of await awaitGone(leftBehind)) this.#problems.push(`An orphan: ${command}`);
    this.#look();
  }

  /** The life in which all was set up. */
  async end(hamlet: TestHamlet): Promise<void> {
    this.#readyMs.push(hamlet.readyMs);
    await hamlet.stop("SIGTERM");
    this.#look();
  }

  /** Lets it do all that is left, and tells what became of everything. */
  async settle(): Promise<TriggerKillReport> {
    // The slots that were set last are to come before it is looked at them.
    await Bun.sleep(2 * this.#readyMs.at(-1)!);
    const hamlet = await startHamlet(this.#town);
    this.#readyMs.push(hamlet.readyMs);
    const problems = this.#problems;
    for (const deadline = Date.now() + SETTLE_MS; ; await Bun.sleep(100)) {
      const queue = readQueue(this.#town.data);
      const { jobs } = this.#see(queue);
      for (const { id, state } of jobs) if (state === "dead") await this.#revive(hamlet, id);
      const spooled = readdirSync(join(this.#town.data, "mails"));
      if (jobs.length === 0 && spooled.length === 0 && !isNearMinute(queue)) break;
      if (Date.now() < deadline) continue;
      for (const job of jobs) problems.push(`After ${SETTLE_MS} ms there is still ${JSON.stringify(job)}`);
      for (const name of spooled) problems.push(`Nobody needs the mail ${name}.`);
      break;
    }
    if ((await hamlet.stop("SIGTERM")) !== 0) problems.push(`SIGTERM did not end it well: ${hamlet.log}`);
    this.#see(readQueue(this.#town.data));
    problems.push(...unsound(this.#town.data), ...this.#ledger.problems(readWritten(this.#town.data)));
    for (const { fate } of this.#ledger.mails) this.#count(`mails ${fate}`);
    return { problems, counts: { ...this.#counts, ...this.#ledger.outcomes }, readyMs: this.#readyMs };
  }

  /** As long as the start takes on this machine, so do runs: moments are spread over so much time. */
  #plan(): Plan {
    const random = this.#random;
    const startMs = Math.max(1, Math.round(this.#readyMs.at(-1)!));
    const chance = random(10);
    if (chance === 0) return { kind: "start", ms: random(startMs) };
    if (chance < 6) return { kind: "time", ms: random(startMs) };
    const moment = MOMENTS[random(MOMENTS.length)]!;
    return { kind: "mail", moment, nth: 1 + random(4), turns: random(3) === 0 ? 0 : random(60) };
  }

  async #live(hamlet: TestHamlet, n: number, plan: Exclude<Plan, { kind: "start" }>): Promise<void> {
    const random = this.#random;
    const struck = Promise.withResolvers<void>();
    const untilMinute = 60_000 - (Date.now() % 60_000);
    const atMinute = untilMinute < NEAR_MS;
    if (atMinute) this.#count("kills around a minute's beginning");
    const ms = atMinute
      ? untilMinute - 100 + random(900)
      : plan.kind === "time"
        ? plan.ms
        : 1.5 * hamlet.readyMs;
    const timer = setTimeout(struck.resolve, ms);
    let left = plan.kind === "mail" && !atMinute ? plan.nth : Infinity;
    const heard = async (moment: MailMoment) => {
      if (plan.kind !== "mail" || moment !== plan.moment || --left !== 0) return;
      for (let turn = 0; turn < plan.turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      struck.resolve();
    };
    const sending = this.#backlog > BACKLOG ? [] : this.#send(hamlet, n, heard);
    await struck.promise;
    clearTimeout(timer);
    this.#killed();
    await hamlet.stop("SIGKILL");
    await Promise.all(sending);
  }

  #send(hamlet: TestHamlet, n: number, heard: (moment: MailMoment) => void): Promise<void>[] {
    const random = this.#random;
    const port = smtpPortOf(hamlet);
    const emails = this.#files.filter(({ kind }) => kind === "email");
    const boxes = new Map(emails.map(({ fileId }) => [fileId, `tester-${fileId.replaceAll("-", "")}`]));
    return Array.from({ length: PEERS }, (_, peer) =>
      sendMails(
        {
          port,
          name: `${n}-${peer}`,
          count: 1 + random(MAILS_EACH),
          boxes,
          domain: MAIL_DOMAIN,
          random,
          heard,
        },
        this.#ledger.mails,
      ),
    );
  }

  #killed(): void {
    this.#ledger.kills.push(Date.now());
  }

  #see(queue: Queue): Queue {
    this.#ledger.see(queue);
    this.#ledger.checkDead(queue.jobs);
    return queue;
  }

  /** While it is dead: what the kill has hit, and what comes next. */
  #look(): void {
    const random = this.#random;
    const queue = this.#see(readQueue(this.#town.data));
    const at = this.#ledger.kills.at(-1) ?? 0;
    const due = [...queue.next.values()].filter((slot) => slot <= at);
    const waiting = queue.jobs.filter(({ state }) => state !== "dead");
    if (at > 0) {
      this.#count("hit: slot due, not yet a job", due.length);
      for (const job of waiting) this.#count(`hit: ${this.#stageOf(job, queue)}`);
    }
    this.#backlog = waiting.length + due.length;
    if (this.#backlog > BACKLOG) return;
    const now = Date.now();
    const span = 2 * Math.round(this.#readyMs.at(-1)!);
    const free = this.#files.filter(({ fileId, kind }) => kind === "set" && queue.next.get(fileId)! > now);
    const slots = new Map(
      free.filter(() => random(3) > 0).map(({ fileId }) => [fileId, now + 1 + random(span)]),
    );
    // One that is to come may be withdrawn: it is the test's.
    for (const [fileId] of slots) this.#ledger.withdraw(fileId, queue.next.get(fileId)!);
    setSlots(this.#town.data, slots);
    for (const [fileId, slot] of slots) this.#ledger.setSlot(fileId, slot);
    this.#count("slots set", slots.size);
  }

  #stageOf(job: JobRow, { runs }: Queue): string {
    const kind = job.key.startsWith("cron:") ? "slot" : "mail";
    if (job.state === "queued") return `${kind} queued`;
    if (job.begun === 0) return `${kind} claimed`;
    const what = this.#files.find(({ fileId }) => fileId === job.file_id)?.what;
    const begun = runs.find(({ id }) => id === job.run_id)?.started_at ?? 0;
    const own = readWritten(this.#town.data).filter((one) => one.what === what && one.at >= begun);
    const of = own.find(({ mail }) => mail === null || job.key.includes(mail));
    if (of === undefined) return `${kind} begun`;
    return of.ended === null ? `${kind} in its handler` : `${kind} done, not yet on record`;
  }

  async #revive(hamlet: TestHamlet, id: string): Promise<void> {
    this.#count("dead letters revived");
    await hamlet.api(`/v3/jobs/${id}/retry`, { method: "POST" });
  }

  #count(what: string, by = 1): void {
    this.#counts[what] = (this.#counts[what] ?? 0) + by;
  }
}

/** A slot of the clock is about to come: what it makes is not to be missed. */
function isNearMinute({ next }: Queue): boolean {
  const away = 60_000 - (Date.now() % 60_000);
  return away < 1000 || away > 59_000 || [...next.values()].some((slot) => slot <= Date.now());
}

/** Our own children, of all towns: whoever else is one was left behind by a server that is dead. */
const servers = new Set<number>();
/** To be told of each server. */
export const spawned = (pid: number) => servers.add(pid);
const leftBehind = () => orphans([...servers]);

function smtpPortOf({ log }: TestHamlet): number {
  return Number(/comes in at [^,]+, port (\d+)/.exec(log)?.[1]);
}
