/** Where log lines and calls come from. */

import { call, pathOf } from "../client/call.ts";
import type { StreamEvent } from "./event-stream.ts";
import type { Source } from "./feed.ts";
import { type Call, type Line, toCall, toLine } from "./model.ts";

/** What is to be shown: all of a val, or one file of it. */
export interface Wanted {
  readonly valId: string;
  readonly fileId?: string | undefined;
}

/** Just behind an instant in ns, as the lists take it: two of the same microsecond are both before it. */
function behind(sort: string): string {
  const micros = BigInt(sort) / 1000n + 1n;
  const iso = new Date(Number(micros / 1000n)).toISOString();
  return `${iso.slice(0, -1)}${String(micros % 1000n).padStart(3, "0")}Z`;
}

const PAGE = 100;
type Links = { next?: string | undefined };
const endOf = ({ next }: Links): string | undefined =>
  next === undefined ? undefined : (new URL(next, location.href).searchParams.get("end") ?? undefined);

function read<A, T>(event: StreamEvent, name: string, show: (row: A) => T): T | undefined {
  return event.event === name ? show(JSON.parse(event.data) as A) : undefined;
}

/** Log lines. */
export function logsOf({ valId, fileId }: Wanted): Source<Line> {
  const filter = { val_id: valId, file_id: fileId };
  return {
    path: pathOf("liveLogs", { query: filter }),
    async page(end, signal) {
      const query = { ...filter, limit: String(PAGE), end };
      const { data, links } = await call("listLogs", { query, signal });
      return { rows: data.map(toLine), end: endOf(links) };
    },
    read: (event) => read(event, "log", toLine),
    newer: (before) => before,
    behind: ({ sort }) => behind(sort),
  };
}

/** Calls: of requests, the clock, mails and people. */
export function callsOf({ valId, fileId }: Wanted): Source<Call> {
  const filter = { val_id: valId, file_id: fileId };
  return {
    path: pathOf("liveTraces", { query: filter }),
    async page(end, signal) {
      const query = { ...filter, limit: String(PAGE), end };
      const { data, links } = await call("listTraces", { query, signal });
      return { rows: data.map(toCall), end: endOf(links) };
    },
    read: (event) => read(event, "trace", toCall),
    newer: (before, now) => (before.durationMs === undefined ? now : before),
    behind: ({ sort }) => behind(sort),
    open: ({ durationMs }) => durationMs === undefined,
  };
}
