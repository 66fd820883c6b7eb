/** A call as a picture over time, and below that what came. */

import "./stream.css";
import type { Recording } from "./recording.ts";
import { StreamChart } from "./stream-chart.tsx";
import { useRecording } from "./use-recording.ts";

export type { Bar, End, Recording } from "./recording.ts";

/** Shows a recording while it grows, or long after. */
export function StreamView({ recording }: { recording: Recording }) {
  const now = useRecording(recording);
  return (
    <div className="stream">
      <StreamChart recording={recording} now={now} />
    </div>
  );
}
