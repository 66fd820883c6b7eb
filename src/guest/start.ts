/** Calls a handler for what is no web request: once, for its process is for one run. */

import type { Outcome } from "../wire/control.ts";
import { NativeResponse } from "./intrinsics.ts";
import type { Handler } from "./load.ts";
import type { Reporter } from "./report.ts";
import { toThrown } from "./script.ts";
import { currentTrace } from "./trace.ts";

/**
 * Reads the request before anything of the val has run, answers it, and calls the handler with what was read. When that has
 * ended, with all that it awaits, the outcome is reported; a value that it returns is not.
 */
export function startOnce<T>(
  read: (request: Request) => Promise<T>,
  handler: (argument: T) => unknown,
  report: Reporter,
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
    run(() => handler(given()), trace, report);
    return new NativeResponse(null, { status: 202 });
  };
}

async function run(start: () => unknown, trace: string, report: Reporter): Promise<void> {
  let outcome: Outcome = { ok: true };
  try {
    await start();
  } catch (error) {
    outcome = { ok: false, error: toThrown(error) };
    report.log("error", `Uncaught ${outcome.error.stack}`, trace);
  }
  report.ended(trace, outcome);
}
