/** The state of the town, asked for every few seconds while somebody looks; the last minutes are kept for the charts. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../client/call.ts";
import type { Answer } from "../../client/contract.ts";

export type TownState = Answer<"getTownState">;

const EVERY_MS = 3000;
/** Ten minutes. */
const KEPT = 200;

/** What the charts show of one moment. */
export interface Moment {
  readonly at: number;
  readonly warm: number;
  readonly calls: number;
  readonly workersBytes: number;
  readonly serverBytes: number;
  readonly waiting: number;
}

let moments: readonly Moment[] = [];

function keep({ workers, memory, jobs }: TownState): void {
  const moment = {
    at: Date.now(),
    warm: workers.warm,
    calls: workers.list.reduce((sum, one) => sum + one.calls, 0),
    workersBytes: memory.workersBytes,
    serverBytes: memory.serverBytes,
    waiting: jobs.queued + jobs.running,
  };
  moments = [...moments.slice(1 - KEPT), moment];
}

/** How it is now; `moments` are those that this page has seen, the oldest first. */
export function useTown() {
  const found = useQuery({
    queryKey: ["getTownState"],
    queryFn: async ({ signal }) => {
      const state = await call("getTownState", { signal });
      keep(state);
      return state;
    },
    // Not while the tab is hidden: that is what the library does.
    refetchInterval: EVERY_MS,
    staleTime: 0,
  });
  return { ...found, moments };
}
