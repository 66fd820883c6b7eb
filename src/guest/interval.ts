/** What the clock starts: the handler is told when it ran before. */

import type { Background } from "./background.ts";
import { NativeDate, parse } from "./intrinsics.ts";
import type { Handler } from "./load.ts";
import type { Reporter } from "./report.ts";
import { startOnce } from "./start.ts";

/** The body says when the last run began, in epoch milliseconds; what the handler returns is nobody's business. */
export function intervalHandler(
  handler: (interval: Interval) => unknown,
  report: Reporter,
  background: Background,
): Handler {
  return startOnce(toInterval, handler, { report, background });
}

async function toInterval(request: Request): Promise<Interval> {
  const { lastRunAt } = parse((await request.text()) || "{}") as { lastRunAt?: number | null };
  return { lastRunAt: typeof lastRunAt === "number" ? new NativeDate(lastRunAt) : undefined };
}
