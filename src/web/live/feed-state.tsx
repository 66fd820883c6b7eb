import { Button } from "../ui/button.tsx";
import type { Older } from "./feed.ts";
import type { FollowState } from "./live.ts";

/** How the stream is. */
export function FeedState({
  state,
  why,
  paused,
  waiting,
  onAgain,
}: {
  state: FollowState;
  why: string | undefined;
  paused: boolean;
  /** How many came since the pause. */
  waiting: number;
  onAgain: () => void;
}) {
  const [look, text] = said(state, paused);
  return (
    <span className="live-state small" title={why}>
      <span className={`live-dot ${look}`} aria-hidden />
      <span role="status">{text}</span>
      {paused && waiting > 0 && <span>{waiting.toLocaleString("en")} new</span>}
      {state === "ended" && (
        <Button small onClick={onAgain}>
          Connect again
        </Button>
      )}
    </span>
  );
}

function said(state: FollowState, paused: boolean): [look: string, text: string] {
  if (state === "ended") return ["bad", "Ended"];
  if (state === "reconnecting") return ["warn", "Reconnecting…"];
  if (paused) return ["warn", "Paused"];
  return state === "open" ? ["good", "Live"] : ["", "Connecting…"];
}

/** What is before the first row. */
export function FeedTop({ older, onLoad }: { older: Older; onLoad: () => void }) {
  if (older === "loading") return <span role="status">Loading older ones…</span>;
  if (older === "none") return <span>Nothing older is kept.</span>;
  if (older === "full") return <span>As many as fit are shown. The API has the older ones.</span>;
  return (
    <Button small kind="plain" onClick={onLoad}>
      {older === "failed" ? "That did not work. Try again" : "Load older ones"}
    </Button>
  );
}
