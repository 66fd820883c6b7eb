import type { Call, Dispatch } from "../dispatch/dispatch.ts";
import type { HamletError } from "../errors.ts";
import type { Deployment } from "../val/deployment.ts";
import type { Upstreams } from "./upstream.ts";

/** What of a val's call may be told with an error. */
export interface Answering extends Pick<Call, "trace"> {
  readonly deployment: Pick<Deployment, "version">;
}

/** What an exchange needs of the visitor's connection. */
export interface VisitorSide {
  readonly congested: boolean;
  send(data: string | Uint8Array): boolean;
  pause(): void;
  resume(): void;
  /** Deliver again what was not taken; `undefined` leaves it for the next request. */
  pump(): void;
  /** Absolute time by which something must happen, or 0; then `onDeadline` is called. */
  deadline: number;
  /** The exchange is over; `close`: end the connection after what was sent. */
  exchangeEnded(how: "keep" | "close"): void;
  /** The same, with this error as the answer; `call` is missing when it came to none. */
  exchangeFailed(error: HamletError, call: Answering | undefined, how: "keep" | "close"): void;
}

export interface ExchangeContext {
  readonly dispatch: Dispatch;
  readonly upstreams: Upstreams;
  readonly maxBodyBytes: number;
  readonly firstByteMs: number;
  /** A visitor-safe note for the author's log. */
  note(deployment: Deployment, trace: string, error: HamletError): void;
}
