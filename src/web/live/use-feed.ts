import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { Feed, type FeedView } from "./feed.ts";
import type { Row } from "./rows.ts";
import { callsOf, logsOf, type Wanted } from "./sources.ts";

/** A tab that nobody looks at gives its connection back: a browser has few of them for one host. */
const HIDDEN_MS = 20_000;

/** A feed and what it shows now. */
export interface LiveFeed<T extends Row> extends FeedView<T> {
  readonly feed: Feed<T>;
}

/** Log lines, followed while `active`. */
export function useLogs(wanted: Wanted, active: boolean) {
  return useFeed(wanted, logsOf, active);
}

/** Calls, followed while `active`. */
export function useCalls(wanted: Wanted, active: boolean) {
  return useFeed(wanted, callsOf, active);
}

function useFeed<T extends Row>(
  { valId, fileId }: Wanted,
  source: (wanted: Wanted) => ConstructorParameters<typeof Feed<T>>[0],
  active: boolean,
): LiveFeed<T> {
  const feed = useMemo(() => new Feed<T>(source({ valId, fileId })), [source, valId, fileId]);
  const seen = useSeen();
  useEffect(() => {
    if (!active || !seen) return;
    feed.resume();
    return () => feed.suspend();
  }, [feed, active, seen]);
  const view = useSyncExternalStore(feed.subscribe, () => feed.view);
  return { ...view, feed };
}

/** Whether somebody looks at this tab, or did a moment ago. */
function useSeen(): boolean {
  const [seen, setSeen] = useState(true);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(timer);
      if (document.visibilityState === "visible") setSeen(true);
      else timer = setTimeout(() => setSeen(false), HIDDEN_MS);
    };
    document.addEventListener("visibilitychange", look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  return seen;
}
