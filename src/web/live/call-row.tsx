import { memo } from "react";
import { sayBytes, sayDuration } from "../ui/small.tsx";
import type { Call } from "./model.ts";
import { isWeb, pathOfUrl, sayOutcome, sayTime } from "./say.ts";
import { LogText } from "./text.tsx";

/** One call; the whole row opens it. */
export const CallRow = memo(function CallRow({
  one,
  file,
  marked,
  onOpen,
}: {
  one: Call;
  file: string;
  marked: string;
  onOpen: (trace: string) => void;
}) {
  const web = isWeb(one.kind);
  const outcome = sayOutcome(one);
  return (
    <button type="button" className="live-call" onClick={() => onOpen(one.trace)}>
      <time dateTime={new Date(one.at).toISOString()} title={new Date(one.at).toString()}>
        {sayTime(one.at)}
      </time>
      <span className={`live-outcome ${looksOf(one)}`}>{outcome}</span>
      <span className="live-method">{web && one.kind === "http" ? one.method : one.kind}</span>
      <code className="live-text cut">
        <LogText text={web ? pathOfUrl(one.url) : file} marked={marked} />
      </code>
      <span className="live-file cut" title={file}>
        {one.error !== "" ? (
          <span className="bad">{one.error}</span>
        ) : one.aborted && web ? (
          "visitor left"
        ) : web ? (
          file
        ) : (
          ""
        )}
      </span>
      <span className="live-took">
        {one.durationMs === undefined ? "lasts" : sayDuration(one.durationMs)}
      </span>
      <span className="live-size">{web && one.durationMs !== undefined ? sayBytes(one.bytesOut) : ""}</span>
    </button>
  );
});

function looksOf({ failed, status, durationMs, aborted }: Call): string {
  if (failed) return "bad";
  if (durationMs === undefined) return "info";
  return status >= 400 || aborted ? "warn" : "good";
}
