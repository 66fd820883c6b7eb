import { useCallback, useState } from "react";
import { Button } from "../ui/button.tsx";
import { Empty, Loading } from "../ui/states.tsx";
import { CallRow } from "./call-row.tsx";
import { FeedState, FeedTop } from "./feed-state.tsx";
import { callsThat } from "./filter.ts";
import { JumpDialog } from "./jump.tsx";
import type { PaneView } from "./logs-pane.tsx";
import type { Call } from "./model.ts";
import { toTable } from "./say.ts";
import { Toolbar } from "./toolbar.tsx";
import { useCalls } from "./use-feed.ts";
import { useView } from "./use-view.ts";
import { VirtualRows } from "./virtual-rows.tsx";

/** Calls: requests, and what the clock, mails and people started. */
export function CallsView(pane: PaneView) {
  const { valId, file, files, filter, onFilter, onTrace } = pane;
  const live = useCalls({ valId, fileId: file }, true);
  const choose = useCallback((rows: readonly Call[]) => callsThat(rows, filter), [filter]);
  const view = useView(live, { choose, toText: toTable, name: "requests" });
  const [jumping, setJumping] = useState(false);
  const top = <FeedTop older={live.older} onLoad={view.older} />;
  return (
    <>
      <Toolbar
        {...pane}
        shown="calls"
        paused={view.paused}
        onPause={view.pause}
        onClear={() => onFilter({ after: live.rows.at(-1)?.sort ?? "" })}
        onCopy={() => void view.copy()}
        onDownload={view.download}
        onJump={() => setJumping(true)}
        state={<FeedState {...live} paused={view.paused} waiting={view.waiting} onAgain={view.again} />}
      />
      {view.shown.length === 0 ? (
        <NoCalls pane={pane} ready={live.ready} any={live.rows.length > 0} older={top} />
      ) : (
        <VirtualRows
          rows={view.shown}
          label="Requests"
          handle={view.list}
          onTop={view.older}
          top={top}
          render={(one) => (
            <CallRow one={one} file={files.get(one.file) ?? ""} marked={filter.text} onOpen={onTrace} />
          )}
        />
      )}
      {jumping && <JumpDialog onJump={view.jump} onClose={() => setJumping(false)} />}
    </>
  );
}

function NoCalls({
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
        title={pane.filter.after === "" ? "No request matches" : "Cleared"}
        action={
          <span className="row wrap">
            <Button onClick={() => pane.onFilter({ level: "all", text: "", trace: "", after: "" })}>
              Show all requests
            </Button>
            {older}
          </span>
        }
      >
        New ones appear here as they come.
      </Empty>
    );
  }
  return (
    <Empty title="Nobody has called this val yet">
      Open its endpoint, or run it: each call appears here with its status, time and size. So do calls by the
      clock and by mail.
    </Empty>
  );
}
