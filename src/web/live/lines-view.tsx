import { useCallback, useMemo, useState } from "react";
import { Button } from "../ui/button.tsx";
import { Empty, Loading } from "../ui/states.tsx";
import { FeedState, FeedTop } from "./feed-state.tsx";
import { linesThat } from "./filter.ts";
import { JumpDialog } from "./jump.tsx";
import { type LineActions, LineRow } from "./line-row.tsx";
import type { PaneView } from "./logs-pane.tsx";
import type { Line } from "./model.ts";
import { toText } from "./say.ts";
import { Toolbar } from "./toolbar.tsx";
import { useLogs } from "./use-feed.ts";
import { useView } from "./use-view.ts";
import { VirtualRows } from "./virtual-rows.tsx";

/** Log lines. */
export function LinesView(pane: PaneView) {
  const { valId, file, files, filter, onFilter, onTrace } = pane;
  const live = useLogs({ valId, fileId: file }, true);
  const choose = useCallback((rows: readonly Line[]) => linesThat(rows, filter), [filter]);
  const view = useView(live, { choose, toText, name: "logs" });
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [jumping, setJumping] = useState(false);
  const actions = useMemo<LineActions>(
    () => ({
      toggle: (key) => setOpen((before) => toggled(before, key)),
      onlyTrace: (trace) => onFilter({ trace }),
      openTrace: onTrace,
    }),
    [onFilter, onTrace],
  );
  const clear = () => onFilter({ after: live.rows.at(-1)?.sort ?? "" });
  return (
    <>
      <Toolbar
        {...pane}
        shown="logs"
        paused={view.paused}
        onPause={view.pause}
        onClear={clear}
        onCopy={() => void view.copy()}
        onDownload={view.download}
        onJump={() => setJumping(true)}
        state={<FeedState {...live} paused={view.paused} waiting={view.waiting} onAgain={view.again} />}
      />
      {live.gaps.length > 0 && <Gap />}
      {view.shown.length === 0 ? (
        <NoLines
          pane={pane}
          ready={live.ready}
          any={live.rows.length > 0}
          older={<FeedTop older={live.older} onLoad={view.older} />}
        />
      ) : (
        <VirtualRows
          rows={view.shown}
          label="Log lines"
          handle={view.list}
          onTop={view.older}
          top={<FeedTop older={live.older} onLoad={view.older} />}
          render={(line) => (
            <LineRow
              line={line}
              file={files.get(line.file) ?? ""}
              open={open.has(line.key)}
              marked={filter.text}
              actions={actions}
            />
          )}
        />
      )}
      {jumping && <JumpDialog onJump={view.jump} onClose={() => setJumping(false)} />}
    </>
  );
}

/** Lines that came and went while this view was away. */
export function Gap() {
  return (
    <p className="live-gap small" role="status">
      Some were removed before they could be shown: too many came, or this view was away for long.
    </p>
  );
}

function toggled(before: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(before);
  if (!next.delete(key)) next.add(key);
  return next;
}

function NoLines({
  pane,
  ready,
  any,
  older,
}: {
  pane: PaneView;
  ready: boolean;
  any: boolean;
  older: React.ReactNode;
}) {
  if (!ready && !any) {
    return (
      <div className="live-empty">
        <Loading lines={5} />
      </div>
    );
  }
  if (any) {
    return (
      <Empty
        title={pane.filter.after === "" ? "No line matches" : "Cleared"}
        action={
          <span className="row wrap">
            <Button onClick={() => pane.onFilter({ level: "all", text: "", trace: "", after: "" })}>
              Show all lines
            </Button>
            {older}
          </span>
        }
      >
        New lines appear here as they are written.
      </Empty>
    );
  }
  return (
    <Empty title="Nothing was logged yet">
      Run the val, or open its endpoint: what it writes appears here at once.{" "}
      <code>console.log("hello")</code> writes a line; <code>console.warn</code> and{" "}
      <code>console.error</code> write coloured ones.
    </Empty>
  );
}
