/** Runs a script: the work is its evaluation, the result its default export. */

import type { Outcome, Thrown } from "../wire/control.ts";
import type { Background } from "./background.ts";
import { describe } from "./console.ts";
import { NativeResponse } from "./intrinsics.ts";
import type { Handler } from "./load.ts";
import type { Reporter } from "./report.ts";
import { show } from "./show.ts";
import { currentTrace } from "./trace.ts";

/**
 * Imports the module when it is called, which is once: its process is for one run. The call is answered at once, and
 * the outcome reported when the module, with all that it awaits, has been evaluated, and what it has given to
 * `waitUntil` has ended. Whatever else it began ends with its process.
 */
export function scriptHandler(entry: string, report: Reporter, background: Background): Handler {
  return () => {
    run(entry, currentTrace(), report, background);
    return new NativeResponse(null, { status: 202 });
  };
}

async function run(entry: string, trace: string, report: Reporter, background: Background): Promise<void> {
  let outcome: Outcome;
  try {
    const exports: Record<string, unknown> = await import(entry);
    outcome = "default" in exports ? { ok: true, value: show(exports.default) } : { ok: true };
  } catch (error) {
    outcome = { ok: false, error: toThrown(error) };
    report.log("error", `Uncaught ${outcome.error.stack}`, trace);
  }
  background.settled(() => report.ended(trace, outcome));
}

/** Any thrown value as text, as it is reported. */
export function toThrown(error: unknown): Thrown {
  const stack = describe(error);
  return { name: field(error, "name"), message: field(error, "message") || show(error), stack };
}

function field(error: unknown, name: "name" | "message"): string {
  try {
    const value = (error as Record<string, unknown>)[name];
    return typeof value === "string" ? value : "";
  } catch {
    return "";
  }
}
