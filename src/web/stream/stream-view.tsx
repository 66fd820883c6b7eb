/** A call as a picture over time, and below that what came. */

import "./stream.css";
import { Download, Eraser, Pause, Play } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { IconButton } from "../ui/button.tsx";
import { count, sayBytes, sayDuration } from "../ui/small.tsx";
import { type TabSpec, Tabs } from "../ui/tabs.tsx";
import { BodyText } from "./body-text.ts";
import type { Bytes } from "./bytes.ts";
import { sayState, totalOf } from "./describe.ts";
import { downloadName, VIEW_NAMES, type View, viewsOf } from "./kinds.ts";
import type { Recording } from "./recording.ts";
import { elapsedOf, longestGap, stalledMs } from "./scale.ts";
import { StreamChart } from "./stream-chart.tsx";
import { useRecording } from "./use-recording.ts";
import { ChunksView, EventsView, HexView, ImageView, JsonView, TextView } from "./views.tsx";

export type { Bar, End, Recording } from "./recording.ts";

/** Shows a recording while it grows, or long after. `more` are tabs beside those of what came. */
export function StreamView({
  recording,
  more = [],
}: {
  recording: Recording;
  more?: readonly TabSpec[];
}): ReactNode {
  const now = useRecording(recording);
  const { bytes } = recording;
  const textOf = bytes && ((chunk: number) => chunkText(recording, bytes, chunk));
  return (
    <div className="stream">
      <StreamChart recording={recording} now={now} {...(textOf && { textOf })} />
      <Summary recording={recording} now={now} />
      {bytes === undefined ? (
        <details className="stream-table">
          <summary>Chunks as a table</summary>
          <ChunksView recording={recording} />
        </details>
      ) : (
        <Body key={recording.startedAt} {...{ recording, bytes, more, textOf, now }} />
      )}
    </div>
  );
}

function Summary({ recording, now }: { recording: Recording; now: number }) {
  const { request, response, end } = recording;
  const elapsed = elapsedOf(recording, now);
  const gap = longestGap(response);
  const stalled = stalledMs(recording, elapsed) !== undefined;
  const kind = stalled ? "warn" : end === "broken" ? "bad" : end === "open" ? "info" : "";
  return (
    <div className="stream-summary row wrap small">
      <span className={`badge ${kind}`}>{sayState(recording, elapsed)}</span>
      <span className="unseen" role="status">
        {stalled ? "stalled" : sayState(recording, elapsed)}
      </span>
      <span>{count(response.length, "chunk")}</span>
      <span>{sayBytes(totalOf(response))}</span>
      <span>{sayDuration(elapsed)}</span>
      {gap && (
        <span>
          <span className="stream-wide">longest </span>gap {sayDuration(gap.toMs - gap.fromMs)}
        </span>
      )}
      {request.length > 0 && <span className="stream-summary-sent">{sayBytes(totalOf(request))} sent</span>}
    </div>
  );
}

interface BodyProps {
  readonly recording: Recording;
  readonly bytes: Bytes;
  readonly more: readonly TabSpec[];
  readonly textOf: ((chunk: number) => string) | undefined;
  readonly now: number;
}

/** What comes at once is read from its beginning, what goes on at its end. */
const AT_ONCE_MS = 700;

function Body({ recording, bytes, more, textOf, now }: BodyProps) {
  const { contentType, end } = recording;
  const [from, setFrom] = useState(0);
  const [paused, setPaused] = useState(false);
  const [chosen, choose] = useState<string>();
  const text = useMemo(() => new BodyText(bytes, from, contentType), [bytes, from, contentType]);
  if (!paused) text.advance();
  const ended = end !== "open";
  const beginning = bytes.slice(0, 512);
  const views = viewsOf({ contentType, beginning, size: bytes.size, ended });
  const follow = !ended && elapsedOf(recording, now) > AT_ONCE_MS;
  const show = { text, bytes, recording, textOf, follow };
  const tabs = [...views.map((view) => tabOf(view, show)), ...more];
  const value = tabs.some(({ name }) => name === chosen) ? chosen! : views[0]!;
  return (
    <Tabs
      label="What came"
      {...{ tabs, value, onChange: choose }}
      extra={
        <div className="row stream-tools">
          {paused && <span className="quiet small">{sayBytes(text.behind)} more</span>}
          {(!ended || paused) && (
            <IconButton label={paused ? "Go on" : "Pause"} small onClick={() => setPaused(!paused)}>
              {paused ? <Play size={15} /> : <Pause size={15} />}
            </IconButton>
          )}
          {!ended && (
            <IconButton label="Clear the text" small onClick={() => setFrom(bytes.kept)}>
              <Eraser size={15} />
            </IconButton>
          )}
          <IconButton
            label="Download what came"
            {...{ small: true, disabled: bytes.kept === 0, onClick: () => download(bytes, contentType) }}
          >
            <Download size={15} />
          </IconButton>
        </div>
      }
    />
  );
}

function tabOf(
  view: View,
  {
    text,
    bytes,
    recording,
    textOf,
    follow,
  }: Omit<BodyProps, "more" | "now"> & { text: BodyText; follow: boolean },
): TabSpec {
  const contents: Record<View, () => ReactNode> = {
    json: () => <JsonView bytes={bytes} text={text} />,
    image: () => <ImageView bytes={bytes} contentType={recording.contentType ?? ""} />,
    events: () => <EventsView events={text.reader.events} follow={follow} />,
    text: () => <TextView lines={text.lines} follow={follow} />,
    hex: () => <HexView bytes={bytes} follow={follow} />,
    chunks: () => <ChunksView recording={recording} textOf={textOf} follow={follow} />,
  };
  return { name: view, label: VIEW_NAMES[view], content: contents[view]() };
}

/** How a chunk begins, on one line. */
function chunkText({ response }: Recording, bytes: Bytes, chunk: number): string {
  let from = 0;
  for (let at = 0; at < chunk; at++) from += response[at]![1];
  const part = bytes.slice(from, from + Math.min(response[chunk]?.[1] ?? 0, 120));
  return new TextDecoder().decode(part).replace(/\r?\n/g, "⏎");
}

function download(bytes: Bytes, contentType: string | undefined): void {
  // Whatever it is: it is kept, not shown.
  const url = URL.createObjectURL(bytes.blob("application/octet-stream"));
  const link = document.createElement("a");
  link.href = url;
  link.download = downloadName(contentType);
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
