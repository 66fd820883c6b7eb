/** `hamlet logs`: what a val wrote, read from the data folder. */

import { SERVE_FLAGS } from "../config.ts";
import { integer, toggle } from "../flags.ts";
import type { Log, Store } from "../store/store.ts";
import { defineCommand, type Output } from "./command.ts";
import { findVal, withStore } from "./data.ts";
import { renderLog } from "./log-line.ts";

/** The server writes from another process, which cannot call us: we look this often. */
const LOOK_MS = 250;
const PAGE = 1000;

export const logs = defineCommand({
  name: "logs",
  usage: "USER/VAL",
  summary: "Print what a val logged.",
  flags: {
    follow: toggle({ help: "Go on with what it logs next.", short: "f" }),
    lines: integer(100, 0, 100_000, { help: "How many of the last lines to begin with.", short: "n" }),
    data: SERVE_FLAGS.data,
  },
  run: ({ follow, lines, data }, positionals, output) =>
    withStore(data, { mustExist: true }, async (store) => {
      const { id: valId } = await findVal(store, "logs", positionals);
      // One at least, to know where what follows begins.
      const last = await store.telemetry.lastLogs(valId, Math.max(lines, 1));
      if (lines > 0) print(last, output);
      if (follow) await followLogs(store, valId, last.at(-1)?.id ?? 0, output);
      return 0;
    }),
});

async function followLogs(store: Store, valId: string, from: number, output: Output): Promise<never> {
  for (let after = from; ; ) {
    const fresh = await store.telemetry.logsAfter(valId, { after, limit: PAGE });
    print(fresh, output);
    after = fresh.at(-1)?.id ?? after;
    if (fresh.length < PAGE) await Bun.sleep(LOOK_MS);
  }
}

function print(rows: readonly Log[], { out }: Output): void {
  for (const row of rows) out(renderLog(row));
}
