/** What is done with a list of either kind: pause, clear, copy, download, jump to a time. */

import { useCallback, useMemo, useRef, useState } from "react";
import { toast } from "../ui/toast.tsx";
import type { Row } from "./rows.ts";
import type { LiveFeed } from "./use-feed.ts";
import type { ListHandle } from "./virtual-rows.tsx";

interface Timed extends Row {
  readonly at: number;
}

export function useView<T extends Timed>(
  live: LiveFeed<T>,
  {
    choose,
    toText,
    name,
  }: { choose: (rows: readonly T[]) => readonly T[]; toText: (rows: readonly T[]) => string; name: string },
) {
  const [frozen, setFrozen] = useState<readonly T[]>();
  const list = useRef<ListHandle>(null);
  const { rows, feed } = live;
  const shown = useMemo(() => choose(frozen ?? rows), [choose, frozen, rows]);
  const older = useCallback(() => void feed.loadOlder(), [feed]);
  return {
    list,
    shown,
    older,
    paused: frozen !== undefined,
    waiting: frozen === undefined ? 0 : Math.max(0, rows.length - frozen.length),
    pause: () => setFrozen(frozen === undefined ? rows : undefined),
    unpause: () => setFrozen(undefined),
    async copy() {
      await navigator.clipboard.writeText(toText(shown));
      toast(`${shown.length.toLocaleString("en")} copied.`);
    },
    download: () =>
      saveFile(toText(shown), `${name}-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.txt`),
    async jump(at: number) {
      setFrozen(undefined);
      while ((feed.view.rows[0]?.at ?? 0) > at && (await feed.loadOlder(20)));
      const found = choose(feed.view.rows);
      const index = found.findIndex((row) => row.at >= at);
      // Once the list has drawn what was loaded.
      requestAnimationFrame(() => (index < 0 ? list.current?.toEnd() : list.current?.toRow(index)));
    },
    again() {
      feed.suspend();
      feed.resume();
    },
  };
}

function saveFile(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
