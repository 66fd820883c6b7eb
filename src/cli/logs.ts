/** `hamlet logs`: what a val wrote, read from the data folder. */

import { SERVE_FLAGS } from "../config.ts";
import { HamletError } from "../errors.ts";
import { integer, toggle } from "../flags.ts";
import type { Log, Store } from "../store/store.ts";
import { defineCommand, type Output } from "./command.ts";
import { withStore } from "./data.ts";

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
      const valId = await findVal(store, positionals);
      // One at least, to know where what follows begins.
      const last = await store.telemetry.lastLogs(valId, Math.max(lines, 1));
      if (lines > 0) print(last, output);
      if (follow) await followLogs(store, valId, last.at(-1)?.id ?? 0, output);
      return 0;
    }),
});

async function findVal(store: Store, positionals: readonly string[]): Promise<string> {
  const [, username, name] = /^@?([^/]+)\/([^/]+)$/.exec(positionals[0] ?? "") ?? [];
  if (!username || !name || positionals.length !== 1) {
    throw new HamletError("config", "hamlet logs takes one val, such as me/hello.");
  }
  const val = await store.vals.findByName(username, name);
  if (!val) throw new HamletError("config", `There is no val ${username}/${name} in this data folder.`);
  return val.id;
}

async function followLogs(store: Store, valId: string, from: number, output: Output): Promise<never> {
  for (let after = from; ; ) {
    const fresh = await store.telemetry.logsAfter(valId, { after, limit: PAGE });
    print(fresh, output);
    after = fresh.at(-1)?.id ?? after;
    if (fresh.length < PAGE) await Bun.sleep(LOOK_MS);
  }
}

function print(rows: readonly Log[], { out }: Output): void {
  for (const { time_us, level, text } of rows) {
    const time = new Date(Math.floor(time_us / 1000)).toISOString();
    out(`${time} ${level.padEnd(5)} ${escapeControls(text)}`);
  }
}

/** Line breaks and tabs stay, further lines are indented; nothing else of a val may drive the reader's terminal. */
function escapeControls(text: string): string {
  return text
    .trimEnd()
    .replace(/[^\P{Cc}\n\t]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .replaceAll("\n", "\n    ");
}
