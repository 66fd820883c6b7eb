import type { z } from "@hono/zod-openapi";
import type { Trace } from "../../store/store.ts";
import { type Bar, type Passage, readTimeline } from "../../val/timeline.ts";
import type { callSchema } from "../contract/traces.ts";

type Timeline = NonNullable<z.infer<typeof callSchema>["timeline"]>;

/** A picture of the bodies over time; null where none was kept. */
export function presentTimeline(run: Trace): Timeline | null {
  if (run.timeline === null) return null;
  const headMs = run.first_us === 0 ? null : (run.first_us - run.start_us) / 1000;
  const { request, response } = run.timeline === "" ? atOnce(run, headMs) : readTimeline(run.timeline);
  return { headMs, request: present(request), response: present(response), end: endOf(run) };
}

/** Nothing is written of what came in one piece with the answer's head. */
function atOnce({ bytes_out }: Trace, headMs: number | null): Record<"request" | "response", Passage> {
  const bars: Bar[] = headMs === null || bytes_out === 0 ? [] : [[headMs, bytes_out]];
  return {
    request: { pieces: 0, grainMs: 0, lastMs: undefined, bars: [] },
    response: { pieces: bars.length, grainMs: 0, lastMs: bars[0]?.[0], bars },
  };
}

function present({ bars, pieces, grainMs, lastMs }: Passage): Timeline["request"] {
  return {
    bars,
    bytes: bars.reduce((sum, [, bytes]) => sum + bytes, 0),
    pieces,
    grainMs,
    firstMs: bars[0]?.[0] ?? null,
    lastMs: lastMs ?? null,
  };
}

function endOf({ end_us, aborted, error, first_us }: Trace): Timeline["end"] {
  if (end_us === 0) return null;
  if (aborted === 1) return "visitor_left";
  if (error === null) return "complete";
  return first_us === 0 ? "no_answer" : "broke_off";
}
