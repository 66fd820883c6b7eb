/** One chunk of a recording, pointed at. */

import type { PointerEvent } from "react";
import { sayBytes, sayDuration } from "../ui/small.tsx";
import type { Bar, Recording } from "./recording.ts";

/** Goes from chunk to chunk with the pointer or the arrow keys. */
export function ChunkCursor({
  recording: { response },
  span,
  width,
  chunk,
  choose,
  textOf,
}: {
  recording: Recording;
  span: number;
  width: number;
  chunk: number | undefined;
  choose: (chunk: number | undefined) => void;
  textOf?: (chunk: number) => string;
}) {
  const last = response.length - 1;
  const move = (event: PointerEvent<HTMLInputElement>) => {
    const { left } = event.currentTarget.getBoundingClientRect();
    choose(nearest(response, ((event.clientX - left) / width) * span));
  };
  const bar = chunk === undefined ? undefined : response[chunk];
  const text = bar && textOf?.(chunk!);
  const words = bar && sayChunk(response, chunk!);
  return (
    <>
      <input
        type="range"
        className="stream-slider"
        aria-label="Chunk"
        min={1}
        max={last + 1}
        value={(chunk ?? 0) + 1}
        aria-valuetext={words === undefined ? "none chosen" : `${words}${text ? `: ${text}` : ""}`}
        onChange={(event) => choose(Number(event.target.value) - 1)}
        onPointerMove={move}
        onPointerLeave={() => choose(undefined)}
        onFocus={(event) => event.target.matches(":focus-visible") && choose(chunk ?? 0)}
        onBlur={() => choose(undefined)}
        onKeyDown={(event) => event.key === "Escape" && choose(undefined)}
      />
      {bar !== undefined && (
        <div className="stream-tip" style={tipPlace((bar[0] / span) * width, width)}>
          <span className="row wrap">{words}</span>
          {text !== undefined && text !== "" && <code className="cut">{text}</code>}
        </div>
      )}
    </>
  );
}

/** Beside the chunk, on the side where there is more room, and no wider than that. */
function tipPlace(x: number, width: number) {
  const [side, room] = x < width / 2 ? (["left", width - x] as const) : (["right", x] as const);
  return { [side]: width - room + 14, maxWidth: Math.max(120, room - 16) };
}

function sayChunk(bars: readonly Bar[], at: number): string {
  const [ms, bytes] = bars[at]!;
  const since = at > 0 ? ` · +${sayDuration(ms - bars[at - 1]![0])}` : "";
  return `#${at + 1} of ${bars.length} · ${sayDuration(ms)}${since} · ${sayBytes(bytes)}`;
}

function nearest(bars: readonly Bar[], ms: number): number {
  let low = 0;
  let high = bars.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bars[middle]![0] < ms) low = middle + 1;
    else high = middle;
  }
  return low > 0 && ms - bars[low - 1]![0] < bars[low]![0] - ms ? low - 1 : low;
}
