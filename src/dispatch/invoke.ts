/** Whatever starts a val and is no web request: the clock, a mail, a person. */

import { type ErrorCode, HamletError, toHamletError } from "../errors.ts";
import type { Target } from "../pool/types.ts";
import type { Deployment } from "../val/deployment.ts";
import type { Outcome } from "../wire/control.ts";
import { HOPS, TRACE } from "../wire/headers.ts";
import { clock } from "./clock.ts";
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
  /** What it is given. */
  readonly body?: Body | undefined;
  /** Its trace, before anything of it runs. */
  started?(trace: string): void;
  /** A worker is held for it, and nothing of the val has run. Whoever answers false does not want it any more. */
  begun?(trace: string): Promise<boolean>;
}

/** What a start brings along; opened once, when it is delivered. */
export interface Body {
  /** A media type. */
  readonly type: string;
  /** Vals that it has come through. */
  readonly hops?: number;
  open(): Bun.BodyInit | Promise<Bun.BodyInit>;
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
 * Run it to its end in a worker that is for it alone, on record like a visitor's call. Undefined when it was not to begin.
 * @throws HamletError as `Dispatch.open` does, and what `begun` throws: then nothing of it has run
 */
export function invoke(
  dispatch: Dispatch,
  invocation: Invocation & { readonly begun?: undefined },
): Promise<Finished>;
export function invoke(dispatch: Dispatch, invocation: Invocation): Promise<Finished | undefined>;
export async function invoke(dispatch: Dispatch, invocation: Invocation): Promise<Finished | undefined> {
  const { deployment, kind, signal, started, begun } = invocation;
  const trace = newTrace();
  const own = { ...deployment, id: `${deployment.id}-${trace}`, trigger: kind, once: trace };
  const start = clock();
  let [end, error, left]: [number, ErrorCode | undefined, boolean] = [0, undefined, false];
  started?.(trace);
  const call = await dispatch.open(
    own,
    () => ({
      ...QUIET,
      ...{ method: METHODS[kind], kind, url: deployment.module, start, end, error },
      aborted: left || signal.aborted,
    }),
    trace,
  );
  try {
    left = true;
    if (begun !== undefined && (signal.aborted || !(await begun(trace)))) return undefined;
    left = false;
    const settled = await settle(call, invocation);
    error = settled.error;
    return { ...settled, trace, durationMs: clock() - start };
  } finally {
    end = clock();
    call.end();
  }
}

/** In the place of a method, in traces. */
const METHODS = { interval: "CRON", email: "EMAIL", script: "RUN" } as const;

/** What a web request has and this has not. */
const QUIET = {
  status: 0,
  firstByte: 0,
  bytesIn: 0,
  bytesOut: 0,
  requestHeaders: "",
  responseHeaders: "",
  timeline: undefined,
} as const satisfies Partial<Run>;

async function settle(call: Call, { timeMs, signal, body }: Invocation): Promise<Settled> {
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
  const over = new AbortController();
  try {
    const { target } = call;
    call.outcome().then((outcome) => resolve({ outcome, error: outcome.ok ? undefined : "val_threw" }));
    call.died.then(({ reason, message }) =>
      fail(new HamletError(reason === "load" ? "load_failed" : "val_died", message)),
    );
    if (signal.aborted) stop();
    else
      deliver(target, call.trace, { body, signal: over.signal }, (error) =>
        setTimeout(() => fail(toHamletError(error)), DEATH_MS),
      ).catch((error) => fail(toHamletError(error)));
    return await promise;
  } catch (error) {
    return failed(toHamletError(error));
  } finally {
    over.abort();
    clearTimeout(limit);
    signal.removeEventListener("abort", stop);
  }
}

function failed(error: HamletError): Settled {
  const { code, name, message } = error;
  return { outcome: { ok: false, error: { name, message, stack: "" } }, error: code };
}

/**
 * The guest answers at once; what it has to say comes by the control channel.
 * @param lost told when the worker did not take it
 */
async function deliver(
  { socketPath }: Target,
  trace: string,
  { body, signal }: { body: Body | undefined; signal: AbortSignal },
  lost: (error: unknown) => void,
): Promise<void> {
  const content = await body?.open();
  if (signal.aborted) return;
  const { type, hops = 0 } = body ?? {};
  const headers = new Headers({ [TRACE]: trace, connection: "close" });
  if (type !== undefined) headers.set("content-type", type);
  if (hops > 0) headers.set(HOPS, String(hops));
  try {
    const response = await fetch("http://val.invalid/", {
      ...{ unix: socketPath, method: "POST", headers, body: content, redirect: "manual", signal },
    });
    await response.body?.cancel();
  } catch (error) {
    lost(error);
  }
}
