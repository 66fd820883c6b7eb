import { ChevronDown, ChevronRight, ListFilter } from "lucide-react";
import { memo } from "react";
import { CopyButton, IconButton } from "../ui/button.tsx";
import { plain } from "./ansi.ts";
import type { Line } from "./model.ts";
import { sayTime } from "./say.ts";
import { LogText, opened } from "./text.tsx";

/** From here on a line may not fit. */
const LONG = 70;

/** More than the widest screen has room for. */
const MAX_SHOWN = 600;

/** A text in one line: an object without its line ends, of all else the first line. */
function inOne(text: string): string {
  const start = text.slice(0, MAX_SHOWN);
  if (/^\s*[[{]/.test(start)) return start.replace(/\s*\n\s*/g, " ");
  const end = start.indexOf("\n");
  return end < 0 ? start : `${start.slice(0, end)} ↵`;
}

/** What rows share, so that they need not be drawn anew. */
export interface LineActions {
  readonly toggle: (key: string) => void;
  readonly onlyTrace: (trace: string) => void;
  readonly openTrace: (trace: string) => void;
}

/** One line of output; opened, all of it. */
export const LineRow = memo(function LineRow({
  line,
  file,
  open,
  marked,
  actions,
}: {
  line: Line;
  file: string;
  open: boolean;
  marked: string;
  actions: LineActions;
}) {
  const { text, level, at, trace } = line;
  const more = text.includes("\n") || text.length > LONG || /^\s*[[{]./.test(text);
  return (
    <div className={`live-line ${level}`}>
      {more ? (
        <button
          type="button"
          className="live-toggle"
          aria-expanded={open}
          aria-label={open ? "Show one line" : "Show the whole text"}
          onClick={() => actions.toggle(line.key)}
        >
          {open ? <ChevronDown size={14} /> : <ChevronRight size={14} />}
        </button>
      ) : (
        <span className="live-toggle" />
      )}
      <time dateTime={new Date(at).toISOString()} title={new Date(at).toString()}>
        {sayTime(at)}
      </time>
      <span className="live-level">{level}</span>
      {open ? (
        <pre className="live-text">
          <LogText text={opened(text)} marked={marked} links />
        </pre>
      ) : (
        <code className="live-text cut">
          <LogText text={inOne(text)} marked={marked} />
        </code>
      )}
      <span className="live-file cut" title={file}>
        {file}
      </span>
      <span className="live-acts">
        {open && <CopyButton text={plain(text)} label="Copy this text" />}
        {trace !== "" && (
          <>
            <button
              type="button"
              className="live-trace mono"
              onClick={() => actions.openTrace(trace)}
              title="Show this call"
            >
              {trace.slice(-6)}
            </button>
            <IconButton label="Only this call" small onClick={() => actions.onlyTrace(trace)}>
              <ListFilter size={13} />
            </IconButton>
          </>
        )}
      </span>
    </div>
  );
});
