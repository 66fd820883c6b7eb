/** What the triggers ask of whoever starts vals, and what they are told of each kind of job. */
import type { ErrorCode, HamletError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Job, JobKind, Jobs } from "../store/store.ts";
import type { Outcome } from "../wire/control.ts";

/** The triggers' only door to time. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Run once after `ms`; returns what cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** What a val gets. */
export type Content = string | Blob | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

/** How a start that came to its end did so. */
export interface Ended {
  readonly trace: string;
  readonly outcome: Outcome;
  /** Missing when it went well, or when it was stopped because nobody wanted it any more. */
  readonly error: ErrorCode | undefined;
}

/** What became of a start; `E` is what its maker knows of its end. */
export type Started<E extends Ended = Ended> =
  /** It had begun, whatever came of it. */
  | { readonly kind: "ran"; readonly finished: E }
  /** There is no good build of the file; its author has been told. */
  | { readonly kind: "unbuilt"; readonly message: string; readonly trace: string }
  /** The file, its val or its owner is gone, or it is of another type by now. */
  | { readonly kind: "gone" }
  /** Nothing of it has run: `begun` said no, there was no room, or Hamlet itself failed. */
  | { readonly kind: "refused"; readonly error?: HamletError };

/** What is to be started. */
export interface StartRequest {
  /** The job's, by which others may wait for it. */
  readonly key: string;
  readonly fileId: string;
  readonly kind: JobKind;
  /** It is to be stopped. */
  readonly signal: AbortSignal;
  readonly contentType: string;
  /** Vals that what starts it has come through. */
  readonly hops?: number;
  body(): Content | Promise<Content>;
  /** It waits for its file's build, which may take long and needs no worker; and then does no longer. */
  building?(waits: boolean): void;
  /** Asked when a worker is ready, and before it gets anything: whether it may. */
  begun(trace: string): Promise<boolean>;
}

/** Starts a file in a worker of its own, and resolves when that is over. */
export interface Starter {
  start(of: StartRequest): Promise<Started>;
}

/** How a job ended for good, or for now. */
export type Settlement =
  | { readonly kind: "ok"; readonly trace: string }
  /** There is another attempt. */
  | { readonly kind: "again"; readonly error: string; readonly trace: string | undefined }
  /** There is none: by itself, that is. */
  | { readonly kind: "failed" | "dead"; readonly error: string; readonly trace: string | undefined }
  | { readonly kind: "interrupted" }
  /** There is nothing left to be started, or its owner removed the job. */
  | { readonly kind: "gone" };

/** What there is to know of one kind of job. */
export interface JobKindSpec {
  readonly contentType: string;
  /** What the val gets; asked once it has begun. */
  body(job: Job): Content | Promise<Content>;
  /** Vals that what starts it has come through. */
  hops?(job: Job): number;
  /** Pauses before the second attempt and those after it; the last one goes for all that follow. */
  readonly backoffMs: readonly number[];
  /** What else is to be done then; its failure changes nothing. */
  settled?(job: Job, how: Settlement): Promise<void>;
}

/** What the triggers are made of. */
export interface TriggersOptions {
  readonly jobs: Jobs;
  readonly starter: Starter;
  readonly kinds: Readonly<Record<JobKind, JobKindSpec>>;
  /** Runs at once, in the whole town. */
  readonly maxRuns: number;
  /** Of those, so many may be getting their worker at once: that takes a processor, while most of a run is waiting. */
  readonly maxStarting: number;
  readonly maxRunsPerVal?: number;
  readonly leaseMs?: number;
  readonly clock?: Clock;
  /** Whether no other process works on this queue, so that what another one had is free at once. */
  readonly alone?: boolean;
  /** Hears of each job that ended badly for good. */
  readonly failed?: (job: Job, failure: Failure) => void;
  readonly log?: Log;
}

/** A job that failed. */
export interface Failure {
  readonly at: number;
  readonly error: string;
  readonly trace: string | undefined;
}

/** What starts vals by itself. */
export interface Triggers {
  /** There may be something to do. It is looked for at its time anyway. */
  wake(): void;
  /** Takes a job out of the queue; false when it runs, or there is none. */
  remove(jobId: string): Promise<boolean>;
  /** Nothing begins any more. What runs may end within the grace; what then still runs is interrupted. */
  close(graceMs: number): Promise<void>;
}
