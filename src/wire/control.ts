/**
 * The control channel between the host and one worker.
 *
 * Host to guest: one JSON object a line on stdin; the first line is `hello`, with the nonce.
 * Guest to host: lines on stdout that begin with `${nonce} `; any other line is the val's own output.
 * Both sides drop a line that is too long, not JSON, or of an unknown kind: the other side may be newer, or hostile.
 */

/** Longest control line either side accepts, in UTF-16 code units. */
export const MAX_CONTROL_LINE = 256 * 1024;

export type LogLevel = "debug" | "info" | "warn" | "error";

/** How a val reaches its own town: by a unix socket, for which no name is looked up and no packet leaves. */
export interface ShortWay {
  /** Path of the socket, as the guest sees it. */
  readonly door: string;
  /** What is behind it, as in URLs, with the port where it is not the scheme's own; `.` at the start: all below it. */
  readonly hosts: readonly string[];
}

/** What starts a val; each is called in its own way inside the guest. */
export type Trigger = "http" | "interval" | "email" | "script";

/** How one start of a val that is no web request went; every text is the val's own word. */
export type Outcome =
  /** `value` shows the default export, if there is one. */
  { readonly ok: true; readonly value?: string } | { readonly ok: false; readonly error: Thrown };

/** What was thrown, as text. */
export interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** Host to guest. */
export type Command =
  /** Always first. `socket` is the path to listen on, as the guest sees it. */
  | { kind: "hello"; nonce: string; socket: string; logLines: number; logBytes: number }
  /** Become this val: import `entry` (a file: or https: URL) and answer with `loaded` or `failed`. */
  | {
      kind: "claim";
      entry: string;
      env: Record<string, string>;
      town?: ShortWay | undefined;
      /** `http` when missing. */
      trigger?: Trigger | undefined;
      /** How long one piece of work that outlives its request may last, ms. Missing: as long as the worker. */
      backgroundMs?: number | undefined;
    }
  /** Answer with `pong` of the same id as soon as the event loop gets to it. */
  | { kind: "ping"; id: number }
  /** No new requests will come: finish what is open, then exit 0. */
  | { kind: "drain" };

/** Guest to host. */
export type Report =
  | { kind: "ready" }
  | { kind: "loaded" }
  | { kind: "failed"; message: string }
  | { kind: "pong"; id: number }
  /** What was started under this trace is over, and all that it logged before has been reported. */
  | { kind: "ended"; trace: string; outcome: Outcome }
  /** Work that outlives its request (`waitUntil`) is under way, or none is any more: a worker that is not to be ended. */
  | { kind: "background"; busy: boolean }
  /** One call of `console.*` or an uncaught error. `time` in epoch milliseconds; `trace` empty outside a request. */
  | { kind: "log"; level: LogLevel; time: number; trace: string; text: string };

/** For the author: such work is no reason any more to keep its worker. */
export function stillUnderWay(ms: number): string {
  const time = ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`;
  return `waitUntil: still under way after ${time}, not waited for any longer`;
}
