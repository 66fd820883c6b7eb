/** One database as the host sees it: what is to be done in it, in which order, and what waits for its write lock. */

import { SqliteError } from "./sqlite-error.ts";
import type { Lane } from "./sqlite-lane.ts";
import type { Form, Frame, Order, Report } from "./sqlite-protocol.ts";

/** What a client gets. */
export interface Answer {
  readonly status: number;
  /** JSON text. */
  readonly body: Uint8Array;
}

/** Something to do, and who is told what came of it. */
export interface Job {
  readonly kind: "run" | "expire";
  readonly body: Uint8Array;
  readonly form: Form;
  /** For `expire`. */
  readonly stream: number;
  readonly uses: number;
  readonly signal: AbortSignal | undefined;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

interface Waiter {
  readonly job: Job;
  /** The order to resume; undefined: the job is run anew. */
  order: number | undefined;
  readonly timer: NodeJS.Timeout;
  /** It has waited for long enough: one last try. */
  isLate: boolean;
}

/** How long things may take that are not computing. */
export interface HomeTimes {
  /** How long a stream may be idle. */
  readonly idleMs: number;
  /** How long a statement waits for the write lock. */
  readonly lockMs: number;
}

const NOTHING = new Uint8Array();
const MAX_JOBS = 1000;
const MAX_JOB_BYTES = 64 * 2 ** 20;
/** The lock is held by nobody we know of, such as a process that is just closing the file. */
const RETRY_MS = 10;

/** The queue of one database; a lane asks it for its next order, and tells it what came of that. */
export class Home {
  readonly file: string;
  quota: number;
  lane: Lane | undefined;
  /** The job that its process is at. */
  running: Job | undefined;
  used = performance.now();
  /** Until then it is a neighbour to be kept apart. */
  penalUntil = Number.NEGATIVE_INFINITY;
  /** How long that was the last time. */
  penalty = 0;
  /** Streams that are open in its process. */
  open = 0;
  #locked = false;
  #pausedUntil = 0;
  readonly #times: HomeTimes;
  readonly #wake: (home: Home) => void;
  readonly #jobs: Job[] = [];
  #jobBytes = 0;
  readonly #waiters: Waiter[] = [];
  readonly #idle = new Map<number, NodeJS.Timeout>();
  /** What is known of the job that runs, should it have to wait: since when it does. */
  #resumed: Waiter | undefined;

  /** @param wake called when there is something to do that was not there before */
  constructor(file: string, quota: number, times: HomeTimes, wake: (home: Home) => void) {
    this.file = file;
    this.quota = quota;
    this.#times = times;
    this.#wake = wake;
  }

  get isMovable(): boolean {
    return this.open === 0 && this.running === undefined && this.#waiters.every((w) => w.order === undefined);
  }

  get isIdle(): boolean {
    return this.isMovable && this.#jobs.length === 0 && this.#waiters.length === 0;
  }

  get hasWork(): boolean {
    return this.running === undefined && (this.#jobs.length > 0 || this.#readyWaiter() !== -1);
  }

  add(job: Job): void {
    const isFull = this.#jobs.length >= MAX_JOBS || this.#jobBytes + job.body.length > MAX_JOB_BYTES;
    if (isFull && job.kind === "run") {
      job.reject(
        new SqliteError(503, "TOO_MANY_REQUESTS", "Too many requests wait for this database. Try again."),
      );
      return;
    }
    this.#jobs.push(job);
    this.#jobBytes += job.body.length;
    this.used = performance.now();
    this.#wake(this);
  }

  /** What to do next; it runs from now on. */
  next(id: number): { order: Order; body: Uint8Array } | undefined {
    const { file } = this;
    const index = this.#readyWaiter();
    if (index !== -1) {
      const [waiter] = this.#waiters.splice(index, 1) as [Waiter];
      const { job, order, isLate: lastTry } = waiter;
      this.running = job;
      this.#resumed = waiter;
      if (order !== undefined) return { order: { kind: "resume", id, file, order, lastTry }, body: NOTHING };
      return { order: this.#run(id, job, lastTry), body: job.body };
    }
    const job = this.#take();
    if (job === undefined) return undefined;
    this.running = job;
    if (job.kind === "run") return { order: this.#run(id, job, false), body: job.body };
    return { order: { kind: "expire", id, file, stream: job.stream, uses: job.uses }, body: job.body };
  }

  /** What came of what ran. */
  done({ head, body }: Frame<Report>): void {
    const job = this.running;
    const resumed = this.#resumed;
    this.running = this.#resumed = undefined;
    this.used = performance.now();
    this.open = head.open;
    this.#locked = head.locked;
    if (head.closed !== undefined) this.#setIdle(head.closed, undefined);
    if (head.state !== "done") {
      const order = head.state === "again" ? undefined : (resumed?.order ?? head.id);
      if (job !== undefined) this.#wait(job, order, resumed);
      return;
    }
    if (resumed !== undefined) clearTimeout(resumed.timer);
    if (head.stream !== undefined) this.#setIdle(head.stream.number, head.stream.uses);
    job?.resolve({ status: head.status, body });
  }

  /** Its process is gone; `error` is what came of what ran, `lost` of what had begun. */
  orphan(error: Error, lost: Error): void {
    this.running?.reject(error);
    if (this.#resumed !== undefined) clearTimeout(this.#resumed.timer);
    this.running = this.#resumed = this.lane = undefined;
    this.open = 0;
    this.#locked = false;
    this.#stopTimers();
    for (const waiter of this.#waiters.filter(({ order }) => order !== undefined)) {
      clearTimeout(waiter.timer);
      this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
      waiter.job.reject(lost);
    }
  }

  /** Reject all that has not begun. */
  drop(error: Error): void {
    for (const job of this.#jobs.splice(0)) job.reject(error);
    this.#jobBytes = 0;
    for (const { job, timer } of this.#waiters.splice(0)) {
      clearTimeout(timer);
      job.reject(error);
    }
    this.#stopTimers();
  }

  #run(id: number, { form }: Job, lastTry: boolean): Order {
    return { kind: "run", id, file: this.file, quota: this.quota, form, lastTry };
  }

  #take(): Job | undefined {
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      this.#jobBytes -= job.body.length;
      if (!job.signal?.aborted) return job;
      job.reject(new SqliteError(499, "CANCELLED", "The client left before its turn."));
    }
    return undefined;
  }

  #readyWaiter(): number {
    const late = this.#waiters.findIndex(({ isLate }) => isLate);
    if (late !== -1 || this.#locked || performance.now() < this.#pausedUntil) return late;
    return this.#waiters.length > 0 ? 0 : -1;
  }

  /** One that waited before keeps its place, and its time. */
  #wait(job: Job, order: number | undefined, before: Waiter | undefined): void {
    if (!this.#locked) {
      this.#pausedUntil = performance.now() + RETRY_MS;
      setTimeout(() => this.#wake(this), RETRY_MS + 1);
    }
    if (before !== undefined) {
      before.order = order;
      this.#waiters.unshift(before);
      return;
    }
    const late = () => {
      waiter.isLate = true;
      this.#wake(this);
    };
    const waiter: Waiter = { job, order, timer: setTimeout(late, this.#times.lockMs), isLate: false };
    this.#waiters.push(waiter);
  }

  /** Count a stream's idle time anew, or no more. */
  #setIdle(stream: number, uses: number | undefined): void {
    clearTimeout(this.#idle.get(stream));
    this.#idle.delete(stream);
    if (uses === undefined) return;
    const expire = () => {
      this.#idle.delete(stream);
      const rest = { body: NOTHING, signal: undefined, resolve: () => {}, reject: () => {} };
      this.add({ ...rest, kind: "expire", form: "v2", stream, uses });
    };
    this.#idle.set(stream, setTimeout(expire, this.#times.idleMs));
  }

  #stopTimers(): void {
    for (const timer of this.#idle.values()) clearTimeout(timer);
    this.#idle.clear();
  }
}
