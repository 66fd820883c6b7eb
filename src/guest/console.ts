/** The val's `console` and its uncaught errors, as log reports formatted like Deno's own. */

import type { LogLevel } from "../wire/control.ts";
import { Console, indexOf, inspectArgs, preventDefault, slice } from "./intrinsics.ts";
import type { Reporter } from "./report.ts";
import { currentTrace } from "./trace.ts";

// Deno's printer numbers its levels: 0 debug, 1 log and info, 2 warn, 3 error.
const levelOf = (level: number): LogLevel =>
  level === 0 ? "debug" : level === 2 ? "warn" : level === 3 ? "error" : "info";

/** Take over `console`, uncaught errors and unhandled rejections; the process keeps serving after the latter two. */
export function installConsole(report: Reporter): void {
  const reporting = new Console((text, level) => {
    report.log(levelOf(level), slice(text, 0, -1), currentTrace());
  });
  // Into the same object, for `node:console` and others hold on to it.
  Object.assign(console, reporting);

  addEventListener("error", (event) => {
    preventDefault(event);
    report.log("error", `Uncaught ${describe(event.error)}`, currentTrace());
  });
  addEventListener("unhandledrejection", (event) => {
    preventDefault(event);
    report.log("error", `Uncaught (in promise) ${describe(event.reason)}`, currentTrace());
  });
  addEventListener("unload", () => report.finish());
}

/** Any thrown value as Deno shows it, with stack and causes, but for the guest's own frames. */
export function describe(error: unknown): string {
  // Showing a value may run the val's code (getters, custom inspection), which may throw again.
  try {
    return withoutOurFrames(inspectArgs([error]));
  } catch {
    return "an error that cannot be shown";
  }
}

const OURS = import.meta.url.slice(0, import.meta.url.lastIndexOf("/") + 1);

function withoutOurFrames(text: string): string {
  let kept = "";
  let start = 0;
  while (start < text.length) {
    const at = indexOf(text, "\n", start);
    const end = at < 0 ? text.length : at + 1;
    const line = slice(text, start, end);
    if (indexOf(line, OURS) < 0) kept += line;
    start = end;
  }
  return kept;
}
