import type { ErrorCode } from "../errors.ts";
import type { Deployment } from "../val/deployment.ts";

/** What is known of one call when it has ended; times in epoch milliseconds with a fraction, sizes in bytes. */
export interface Run {
  readonly trace: string;
  readonly deployment: Deployment;
  /** A visitor's call, or what else has started the val. */
  readonly kind: "http" | "websocket" | "interval" | "email" | "script";
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly error: ErrorCode | undefined;
  readonly start: number;
  readonly firstByte: number;
  readonly end: number;
  /** Body bytes received from and sent to the visitor. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly worker: string;
  readonly cold: boolean;
  /** The visitor left before the end. */
  readonly aborted: boolean;
  /** Header lines as they were received, `name: value` separated by CRLF, without the start line. */
  readonly requestHeaders: string;
  readonly responseHeaders: string;
  /**
   * How the bodies passed, as `val/timeline.ts` writes it. Empty: without a request body, and the answer's body, if any,
   * came in one piece with its head. Missing where there are none.
   */
  readonly timeline: string | undefined;
}
