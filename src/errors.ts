/**
 * What can go wrong, by name. Every error that is Hamlet's own (not a val's) has a code from this closed set;
 * the code fixes its HTTP status, to whom it is due, and the sentence that a visitor may read.
 */

export type Blame = "visitor" | "author" | "operator" | "us";

interface Kind {
  readonly status: number;
  readonly blame: Blame;
  readonly message: string;
}

const KINDS = {
  bad_request: {
    status: 400,
    blame: "visitor",
    message: "The request is not valid HTTP/1.1. Check the client that sent it.",
  },
  unknown_host: {
    status: 404,
    blame: "visitor",
    message: "No val answers at this address. Check the spelling, or ask its author.",
  },
  not_an_http_val: {
    status: 404,
    blame: "author",
    message: "This val has no HTTP file. Give one of its files the type http.",
  },
  request_timeout: {
    status: 408,
    blame: "visitor",
    message: "The request did not arrive in time. Send it again.",
  },
  body_too_large: {
    status: 413,
    blame: "visitor",
    message: "The request body is larger than this town allows. Send less.",
  },
  headers_too_large: {
    status: 431,
    blame: "visitor",
    message: "The request headers are larger than this town allows. Send fewer.",
  },
  upgrade_refused: {
    status: 426,
    blame: "visitor",
    message: "Only the websocket protocol can be upgraded to here.",
  },
  build_failed: {
    status: 500,
    blame: "author",
    message: "This val could not be built. Its author sees why in the save's answer.",
  },
  load_failed: {
    status: 500,
    blame: "author",
    message: "This val failed while it was loading. Its author sees why in the logs.",
  },
  val_threw: {
    status: 500,
    blame: "author",
    message: "This val threw an error. Its author sees it in the logs.",
  },
  bad_response: {
    status: 502,
    blame: "author",
    message: "This val answered with something that is not valid HTTP. Its author sees it in the logs.",
  },
  val_died: {
    status: 502,
    blame: "author",
    message: "This val stopped before it answered. Its author sees why in the logs. Try again.",
  },
  loop_detected: {
    status: 508,
    blame: "author",
    message: "Vals of this town call each other in a circle. Look where this val fetches itself.",
  },
  overloaded: {
    status: 503,
    blame: "operator",
    message: "Too many requests are in flight. Try again in a moment.",
  },
  shutting_down: {
    status: 503,
    blame: "operator",
    message: "This town is restarting. Try again in a moment.",
  },
  no_answer: {
    status: 504,
    blame: "author",
    message: "This val did not begin to answer in time. Its author sees it in the logs.",
  },
  time_limit: {
    status: 504,
    blame: "author",
    message: "This val was stopped: it ran longer than this town allows. Its author sees it in the logs.",
  },
  config: { status: 500, blame: "operator", message: "The configuration is not usable." },
  internal: {
    status: 500,
    blame: "us",
    message: "Hamlet itself failed. The operator's log has the details.",
  },
} as const satisfies Record<string, Kind>;

export type ErrorCode = keyof typeof KINDS;

/** One of Hamlet's own errors. `message` is for the operator's and the author's logs, `publicMessage` for anyone. */
export class HamletError extends Error {
  override readonly name = "HamletError";
  readonly code: ErrorCode;
  readonly status: number;
  readonly blame: Blame;
  readonly publicMessage: string;

  constructor(code: ErrorCode, detail?: string, options?: ErrorOptions) {
    super(detail ?? KINDS[code].message, options);
    this.code = code;
    this.status = KINDS[code].status;
    this.blame = KINDS[code].blame;
    this.publicMessage = KINDS[code].message;
  }
}

/** The error itself if it is ours, else an `internal` one that keeps it as its cause. */
export function toHamletError(error: unknown): HamletError {
  if (error instanceof HamletError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new HamletError("internal", detail, { cause: error });
}
