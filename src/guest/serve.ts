/** Answers the gateway's requests on the worker's unix socket. */

import { ERROR } from "../wire/headers.ts";
import { describe } from "./console.ts";
import { chain, NativeResponse } from "./intrinsics.ts";
import type { Handler } from "./load.ts";
import type { Reporter } from "./report.ts";
import { currentTrace, enterTrace } from "./trace.ts";

export interface Server {
  /** Answer with `handler` from now on, the requests that are waiting first. */
  answerWith(handler: Handler): void;
  /** Let requests wait for the next `answerWith`; so it begins. */
  hold(): void;
  /** Stop accepting; settles when what is open has ended. */
  drain(): Promise<void>;
  /** Settles when the server has stopped for whatever reason. */
  readonly stopped: Promise<void>;
}

/** Listen on the unix socket `socket`. */
export function serve(socket: string, report: Reporter): Server {
  let handler: Handler;
  let answerHeld: (handler: Handler) => void;

  const hold = () => {
    const known = Promise.withResolvers<Handler>();
    answerHeld = known.resolve;
    handler = (request, info) =>
      chain(known.promise, (next: Handler) => next(request, info)) as Promise<Response>;
  };
  const answerWith = (next: Handler) => {
    handler = next;
    answerHeld(next);
  };
  hold();

  const server = Deno.serve(
    {
      path: socket,
      automaticCompression: false,
      onListen() {},
      // Also told of a response stream that fails midway: the answer given here is then ignored.
      onError(error) {
        report.log("error", describe(error), currentTrace());
        return threw();
      },
    },
    (request, info) => {
      enterTrace(request);
      return handler(request, info);
    },
  );

  return {
    answerWith,
    hold,
    drain: () => server.shutdown(),
    stopped: server.finished,
  };
}

function threw(): Response {
  const headers = { __proto__: null, [ERROR]: "val_threw" } as never;
  return new NativeResponse(null, { status: 500, headers });
}
