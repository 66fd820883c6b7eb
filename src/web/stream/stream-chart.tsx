/** The picture of a recording: what came when, and how much of it. */

import { useLayoutEffect, useRef, useState } from "react";
import { sayDuration } from "../ui/small.tsx";
import { ChunkCursor } from "./chunk-cursor.tsx";
import { describe } from "./describe.ts";
import { marksOf, placeLabels } from "./marks.ts";
import type { Bar, Recording } from "./recording.ts";
import { elapsedOf, gapsOf, outline, sayTick, spanOf, stalledMs, sumColumns, ticksOf } from "./scale.ts";

const PITCH = 3;
const TOP = 22;
const UP = 88;
const DOWN = 28;
const TICKS = 20;

/** Time goes right; what came stands above the axis, what was sent hangs below it. */
export function StreamChart({
  recording,
  now,
  textOf,
}: {
  recording: Recording;
  now: number;
  /** The beginning of a chunk of the answer, for its tooltip. */
  textOf?: (chunk: number) => string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [chosen, choose] = useState<number>();
  const elapsed = elapsedOf(recording, now);
  const span = spanOf(elapsed, recording.end === "open");
  const down = recording.request.length > 0 ? DOWN : 6;
  const height = TOP + UP + down + TICKS;
  const chunk = chosen === undefined ? undefined : Math.min(chosen, recording.response.length - 1);
  return (
    <div className="stream-chart" ref={box} style={{ height }}>
      <div role="img" aria-label={describe(recording, elapsed)}>
        <svg width={width} height={height} aria-hidden>
          <Hatch />
          <Axis span={span} width={width} down={down} />
          <Gaps recording={recording} span={span} width={width} />
          <Bars recording={recording} span={span} width={width} down={down} />
          <Moments recording={recording} span={span} width={width} elapsed={elapsed} />
          {chunk !== undefined && chunk >= 0 && (
            <line
              className="stream-cursor"
              {...{ x1: xOf(recording.response[chunk]!, span, width), y1: TOP - 4, y2: TOP + UP + down }}
              x2={xOf(recording.response[chunk]!, span, width)}
            />
          )}
        </svg>
      </div>
      {recording.response.length > 0 && (
        <ChunkCursor {...{ recording, span, width, chunk, choose }} {...(textOf && { textOf })} />
      )}
    </div>
  );
}

const xOf = ([ms]: Bar, span: number, width: number) => (ms / span) * width;

function useWidth(box: { current: HTMLDivElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (box.current === null) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    observer.observe(box.current);
    setWidth(Math.floor(box.current.clientWidth));
    return () => observer.disconnect();
  }, [box]);
  return width;
}

const Hatch = () => (
  <defs>
    {["quiet", "warn"].map((kind) => (
      <pattern
        key={kind}
        id={`stream-hatch-${kind}`}
        {...{ width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }}
      >
        <line y2="6" className={`stream-hatch ${kind}`} />
      </pattern>
    ))}
  </defs>
);

function Axis({ span, width, down }: { span: number; width: number; down: number }) {
  const axis = TOP + UP;
  return (
    <g className="stream-axis">
      {ticksOf(span, width).map((ms) => {
        const x = (ms / span) * width;
        const text = sayTick(ms);
        const late = x + 4 + text.length * 6 > width;
        return (
          <g key={ms}>
            <line x1={x} x2={x} y1={TOP} y2={axis + down + 3} />
            {(!late || ms === span) && (
              <text x={late ? width : x + 4} y={axis + down + TICKS - 5} textAnchor={late ? "end" : "start"}>
                {text}
              </text>
            )}
          </g>
        );
      })}
      <line className="base" x1={0} x2={width} y1={axis + 0.5} y2={axis + 0.5} />
    </g>
  );
}

function Gaps({ recording, span, width }: { recording: Recording; span: number; width: number }) {
  return gapsOf(recording.response, span).map(({ fromMs, toMs }) => {
    const x = (fromMs / span) * width + PITCH;
    const wide = ((toMs - fromMs) / span) * width - PITCH - 1;
    if (wide < 6) return null;
    return (
      <g key={fromMs} className="stream-gap">
        <rect x={x} y={TOP + UP - 22} width={wide} height={22} fill="url(#stream-hatch-quiet)" />
        {wide > 48 && (
          <text x={x + wide / 2} y={TOP + UP - 27} textAnchor="middle">
            {sayDuration(toMs - fromMs)}
          </text>
        )}
      </g>
    );
  });
}

function Bars({
  recording,
  span,
  width,
  down,
}: {
  recording: Recording;
  span: number;
  width: number;
  down: number;
}) {
  const columns = Math.max(1, Math.floor(width / PITCH));
  const came = sumColumns(recording.response, span, columns);
  const sent = sumColumns(recording.request, span, columns);
  const axis = TOP + UP;
  const up = outline(came, { most: Math.max(...came), axis, reach: UP - 8, pitch: PITCH });
  const under = outline(sent, { most: Math.max(...sent), axis: axis + 1, reach: 4 - down, pitch: PITCH });
  return (
    <>
      <path className="stream-came" d={up} />
      <path className="stream-sent" d={under} />
    </>
  );
}

function Moments({
  recording,
  span,
  width,
  elapsed,
}: {
  recording: Recording;
  span: number;
  width: number;
  elapsed: number;
}) {
  const marks = marksOf(recording);
  const axis = TOP + UP;
  return (
    <>
      {marks.map(({ ms, kind }) => {
        const x = Math.min(width - 1, Math.max(1, (ms / span) * width));
        return <line key={kind} className={`stream-mark ${kind}`} x1={x} x2={x} y1={TOP - 6} y2={axis} />;
      })}
      {placeLabels(marks, span, width).map(({ text, x, anchor, bad }) => (
        <text
          key={text}
          className={bad ? "stream-label bad" : "stream-label"}
          x={x}
          y={11}
          textAnchor={anchor}
        >
          {text}
        </text>
      ))}
      {recording.end === "open" && <Now {...{ recording, span, width, elapsed }} />}
    </>
  );
}

/** Where time is now, and whether anything comes. */
function Now({
  recording,
  span,
  width,
  elapsed,
}: {
  recording: Recording;
  span: number;
  width: number;
  elapsed: number;
}) {
  const x = (elapsed / span) * width;
  const axis = TOP + UP;
  const stalled = stalledMs(recording, elapsed);
  const waiting = recording.response.length === 0 && elapsed > 400;
  const from = ((recording.response.at(-1)?.[0] ?? recording.headMs ?? 0) / span) * width + PITCH;
  const quietMs = stalled ?? elapsed - (recording.headMs ?? 0);
  const text =
    stalled === undefined ? `waiting ${sayDuration(quietMs)}` : `stalled for ${sayDuration(quietMs)}`;
  const left = from + text.length * 7 < width ? from + 8 : width - 8;
  const late = left !== from + 8;
  return (
    <g className={stalled === undefined ? "stream-now" : "stream-now stalled"}>
      {(stalled !== undefined || waiting) && (
        <>
          <rect
            {...{ x: from, y: TOP + 6, width: Math.max(0, x - from), height: UP - 6 }}
            fill={`url(#stream-hatch-${stalled === undefined ? "quiet" : "warn"})`}
          />
          <text x={left} y={TOP + 26} textAnchor={late ? "end" : "start"}>
            {text}
          </text>
        </>
      )}
      <line x1={x} x2={x} y1={TOP} y2={axis} />
      <circle cx={x} cy={axis} r={4} />
      <circle className="halo" cx={x} cy={axis} r={4} />
    </g>
  );
}
