/** What the API asks of whoever builds and serves vals, and of the services. */

import type { Finished } from "../../dispatch/dispatch.ts";
import type { PortableService } from "../../portable/portable.ts";
import type { Blobs } from "../../services/blob.ts";
import type { ConnectionService } from "../../services/connections.ts";
import type { Email } from "../../services/email.ts";
import type { OpenAi } from "../../services/openai.ts";
import type { SqliteService } from "../../services/sqlite.ts";
import type { TxtLookup } from "../../services/txt.ts";

/** One thing that is wrong with a source. */
export interface Diagnostic {
  readonly message: string;
  /** Path within the val. */
  readonly file?: string;
  /** Both from 1. */
  readonly line?: number;
  readonly column?: number;
  /** What to do about it. */
  readonly hint?: string;
}

/** What became of a build; it succeeded when there are no diagnostics. */
export interface BuildReport {
  readonly version: number;
  readonly diagnostics: Diagnostic[];
  /** What its author should know of it all the same. */
  readonly warnings?: readonly Diagnostic[];
  /** How much of it was bundled: 0 all, 1 but for some packages, 2 nothing; of several files the highest. */
  readonly level?: number;
  /** Why the level is not 0. */
  readonly reasons?: readonly string[];
}

export interface Deploy {
  /**
   * A branch has a new version: resolves when it is served, or could not be built. Undefined when there was nothing to
   * build. The API answers only then, so that the next request sees the new version; the save itself is on disk before.
   */
  saved(valId: string, branchId: string): Promise<BuildReport | undefined>;
  /** A val's environment, name, owner or privacy changed: resolves when no new call meets a worker of before. */
  configured(valId: string): Promise<void>;
  /** A host leads to this val from now on, or no longer: resolves when visitors find it so. */
  addressed(valId: string, host: string): Promise<void>;
  /** Whether something answers at this host: a val, or the town itself. */
  serves(host: string): Promise<boolean>;
  /** A val is gone, or only this branch of it: resolves when it is no longer served. */
  removed(valId: string, branchId?: string): Promise<void>;
}

/** Who answers the standard library. A town without one of them has none of its routes. */
export interface Services {
  readonly blobs?: Blobs;
  readonly connections?: ConnectionService;
  readonly email?: Email;
  readonly mailDoor?: MailDoor;
  readonly openai?: OpenAi;
  readonly portable?: PortableService;
  readonly sqlite?: SqliteService;
  /** Asks name servers; the system's own way when missing. */
  readonly txt?: TxtLookup;
}

/** What the operator allows an account; null for no limit. */
export interface Limits {
  /** Of all blobs together. */
  readonly blobBytes: number | null;
  /** Of each database. */
  readonly databaseBytes: number | null;
  readonly mailsPerMinute: number | null;
  /** Of all mails that wait for its vals. */
  readonly receivedBytes: number | null;
  readonly modelCallsPerMinute: number | null;
  readonly requestBytes: number | null;
  readonly workersPerFile: number | null;
  readonly workerMemoryBytes: number | null;
  readonly requestsInFlightPerVal: number | null;
  /** Between two runs of one schedule, of accounts that have no period of their own. */
  readonly minPeriodSeconds: number | null;
}

/** Of a town that says nothing of limits. */
export const NO_LIMITS: Limits = {
  blobBytes: null,
  databaseBytes: null,
  mailsPerMinute: null,
  receivedBytes: null,
  modelCallsPerMinute: null,
  requestBytes: null,
  workersPerFile: null,
  workerMemoryBytes: null,
  requestsInFlightPerVal: null,
  minPeriodSeconds: null,
};

/** How often one token may call. */
export interface RateLimit {
  /** Requests that come back evenly over a minute, and that may be used at once after a pause; 0 for no limit. */
  readonly perMinute: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: (() => number) | undefined;
}

/** The processes that vals run in, at one moment. */
export interface WorkerStats {
  readonly blank: number;
  readonly starting: number;
  readonly warm: number;
  readonly workers: readonly {
    readonly id: string;
    readonly val:
      | { readonly id: string; readonly username: string; readonly name: string; readonly version: number }
      | undefined;
    /** Whether it may take another call. */
    readonly live: boolean;
    /** Calls that hold it. */
    readonly leases: number;
    readonly rssBytes: number;
  }[];
}

/** What the town runs on. */
export interface Machine {
  workers(): WorkerStats;
  /** The data folder. */
  readonly folder: string;
}

/** What is to be run by hand. */
export interface RunRequest {
  readonly valId: string;
  readonly branchId: string | undefined;
  /** The newest when missing. */
  readonly version: number | undefined;
  readonly path: string;
  /** Whoever asked for it has left. */
  readonly signal: AbortSignal;
  /** It was built, and begins. */
  started?(trace: string): void;
  /** It has written a line. */
  line?(line: RunLine): void;
}

/** One line of output. `time` in epoch milliseconds. */
export interface RunLine {
  readonly time: number;
  readonly level: string;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** What became of a run, or why there was none. */
export type RunAnswer =
  | { readonly built: true; readonly version: number; readonly finished: Finished }
  | { readonly built: false; readonly version: number; readonly diagnostics: readonly Diagnostic[] };

/** A request to an endpoint, as a visitor would send it. */
export interface EndpointCall {
  /** One of the endpoint's host labels. */
  readonly label: string;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Those of the connection, and those that say who asks, are left out. */
  readonly headers: Headers;
  readonly body: Uint8Array | ReadableStream<Uint8Array> | undefined;
  /** Of a body that streams, if it is known. */
  readonly length?: string | null;
  /** Through how many vals the call has come. */
  readonly hops: string | undefined;
  readonly signal: AbortSignal;
}

/** A mail that an owner hands over for a file of his own, as if it had come. */
export interface TestMail {
  readonly fileId: string;
  readonly valId: string;
  readonly userId: string;
  /** To which it is sent. */
  readonly address: string;
  /** Who has sent it: of the envelope. */
  readonly from: string;
  readonly mail: AsyncIterable<Uint8Array>;
  /** Whoever waits for it has left. */
  readonly signal?: AbortSignal;
  /** The val gets it now. */
  started?(trace: string): void;
  /** The val has written a line; missing when nobody waits. */
  line?(line: RunLine): void;
}

/** Where mails come in. */
export interface MailDoor {
  /**
   * Resolves once the mail is durable; then it is delivered, whoever leaves. `ended` tells who waits of the first
   * attempt, which is not repeated then. Rejects with EmailError when it is not taken.
   */
  hand(mail: TestMail): Promise<{ mailId: string; jobId: string | undefined; ended: Promise<RunAnswer> }>;
  /** A mail as a file gets it at an address; undefined when it is not kept any more. */
  open(mailId: string, address: string): Promise<ReadableStream<Uint8Array> | undefined>;
  /** Of these mails nothing stays that nobody waits for. */
  release(mailIds: readonly string[]): Promise<void>;
}

/** Starts vals for who asks for it by hand. */
export interface Runs {
  /**
   * Rejects with StoreError `no_branch` or `no_file`, and with HamletError `overloaded` when too much of its owner's
   * runs already.
   */
  run(request: RunRequest): Promise<RunAnswer>;
  /** The answer of the endpoint, or of the gateway in its place. */
  call(request: EndpointCall): Promise<Response>;
}
