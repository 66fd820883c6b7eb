/** Whatever starts a val and is no web request: a run by hand, later the clock and mails too. */

import { type ErrorCode, HamletError, toHamletError } from "../errors.ts";
import type { Target } from "../pool/types.ts";
import type { Deployment } from "../val/deployment.ts";
import type { Outcome } from "../wire/control.ts";
import { TRACE } from "../wire/headers.ts";
import type { Call, Dispatch } from "./dispatch.ts";
import { newTrace } from "./trace.ts";
import type { Run } from "./types.ts";

/** One start of a val. */
export interface Invocation {
  readonly deployment: Deployment;
  readonly kind: "interval" | "email" | "script";
  /** How long it may take, ms. */
  readonly timeMs: number;
  /** Whoever wanted it has left: it is stopped. */
  readonly signal: AbortSignal;
  /** Its trace, before anything of it runs. */
  started?(trace: string): void;
}

/** What became of it. */
export interface Finished {
  readonly trace: string;
  readonly outcome: Outcome;
  /** Missing when it went well. `val_threw`: the val itself did. */
  readonly error: ErrorCode | undefined;
  readonly durationMs: number;
}

type Settled = Pick<Finished, "outcome" | "error">;

/** How long the news of a worker's death may take when its socket is gone already. */
const DEATH_MS = 1000;

/**
 * Run it to its end in a worker that is for it alone, on record like a visitor's call.
 * @throws HamletError as `Dispatch.open` does
 */
export async function invoke(dispatch: Dispatch, invocation: Invocation): Promise<Finished> {
  const { deployment, kind, signal, started } = invocation;
  const trace = newTrace();
  const own = { ...deployment, id: `${deployment.id}-${trace}`, trigger: kind, once: trace };
  const start = clock();
  let [end, error]: [number, ErrorCode | undefined] = [0, undefined];
  started?.(trace);
  const call = await dispatch.open(
    own,
    () => ({
      ...QUIET,
      ...{ kind, url: deployment.module, start, end, error },
      aborted: signal.aborted,
    }),
    trace,
  );
  try {
    const settled = await settle(call, invocation);
    error = settled.error;
    return { ...settled, trace, durationMs: clock() - start };
  } finally {
    end = clock();
    call.end();
  }
}

/** What a web request has and this has not. */
const QUIET = {
  method: "RUN",
  status: 0,
  firstByte: 0,
  bytesIn: 0,
  bytesOut: 0,
  requestHeaders: "",
  responseHeaders: "",
} as const satisfies Partial<Run>;

const clock = () => performance.timeOrigin + performance.now();

async function settle(call: Call, { timeMs, signal }: Invocation): Promise<Settled> {
  const { promise, resolve } = Promise.withResolvers<Settled>();
  const fail = (error: HamletError) => resolve(failed(error));
  // Nobody's failure, and nobody is left to be told.
  const stop = () =>
    resolve({ ...failed(new HamletError("internal", "Whoever had started it has left.")), error: undefined });
  const limit = setTimeout(
    () =>
      fail(
        new HamletError(
          "time_limit",
          `It was stopped after ${timeMs / 1000} s, the longest that a run may take.`,
        ),
      ),
    timeMs,
  );
  signal.addEventListener("abort", stop);
  try {
    if (signal.aborted) stop();
    call.outcome().then((outcome) => resolve({ outcome, error: outcome.ok ? undefined : "val_threw" }));
    call.died.then(({ reason, message }) =>
      fail(new HamletError(reason === "load" ? "load_failed" : "val_died", message)),
    );
    deliver(call.target, call.trace).catch((error) => setTimeout(() => fail(toHamletError(error)), DEATH_MS));
    return await promise;
  } catch (error) {
    return failed(toHamletError(error));
  } finally {
    clearTimeout(limit);
    signal.removeEventListener("abort", stop);
  }
}

function failed(error: HamletError): Settled {
  const { code, name, message } = error;
  return { outcome: { ok: false, error: { name, message, stack: "" } }, error: code };
}

/** The guest answers at once; what it has to say comes by the control channel. */
async function deliver({ socketPath }: Target, trace: string): Promise<void> {
  const response = await fetch("http://val.invalid/", {
    unix: socketPath,
    method: "POST",
    headers: { [TRACE]: trace, connection: "close" },
    redirect: "manual",
  });
  await response.body?.cancel();
}
