/** Calls a handler for what is no web request: once, for its process is for one run. */

import type { Outcome } from "../wire/control.ts";
import type { Background } from "./background.ts";
import { NativeResponse } from "./intrinsics.ts";
import type { Handler } from "./load.ts";
import type { Reporter } from "./report.ts";
import { toThrown } from "./script.ts";
import { currentTrace } from "./trace.ts";

/** Who hears of its end, and what else it has to wait for. */
interface Told {
  readonly report: Reporter;
  readonly background: Background;
}

/**
 * Reads the request before anything of the val has run, answers it, and calls the handler with what was read. When that has
 * ended, with all that it awaits and all that it gave to `waitUntil`, the outcome is reported; a value that it returns is not.
 */
export function startOnce<T>(
  read: (request: Request) => Promise<T>,
  handler: (argument: T) => unknown,
  told: Told,
): Handler {
  return async (request) => {
    const trace = currentTrace();
    let given: () => T;
    try {
      const argument = await read(request);
      given = () => argument;
    } catch (error) {
      given = () => {
        throw error;
      };
    }
    run(() => handler(given()), trace, told);
    return new NativeResponse(null, { status: 202 });
  };
}

async function run(start: () => unknown, trace: string, { report, background }: Told): Promise<void> {
  let outcome: Outcome = { ok: true };
  try {
    await start();
  } catch (error) {
    outcome = { ok: false, error: toThrown(error) };
    report.log("error", `Uncaught ${outcome.error.stack}`, trace);
  }
  background.settled(() => report.ended(trace, outcome));
}
