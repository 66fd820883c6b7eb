/** `hamlet trace`: one call of a val, and why it failed. */

import { SERVE_FLAGS } from "../config.ts";
import { HamletError } from "../errors.ts";
import type { Store, Trace, TracedCall } from "../store/store.ts";
import { triggerOf } from "../val/deployment.ts";
import { defineCommand } from "./command.ts";
import { withStore } from "./data.ts";
import { renderLog, toTime } from "./log-line.ts";
import { escapeControls } from "./terminal.ts";

const TRACE = /^[0-9a-f]{32}$/;

export const trace = defineCommand({
  name: "trace",
  usage: "ID",
  summary: "Print one call of a val, and what was logged during it.",
  flags: { data: SERVE_FLAGS.data },
  run: ({ data }, positionals, { out }) =>
    withStore(data, { mustExist: true }, async (store) => {
      const id = positionals[0]?.toLowerCase() ?? "";
      if (!TRACE.test(id) || positionals.length !== 1) {
        throw new HamletError(
          "config",
          "hamlet trace takes one id, as an answer's header x-hamlet-trace has it.",
        );
      }
      const found = await store.telemetry.call(id);
      if (found === undefined) {
        throw new HamletError(
          "config",
          `There is no trace ${id} in this data folder, or it is no longer kept.`,
        );
      }
      for (const line of await render(store, found)) out(line);
      return 0;
    }),
});

async function render(store: Store, { run, logs, more }: TracedCall): Promise<string[]> {
  const { username, val_id, file_id, version } = (run ?? logs[0])!;
  const [val, file] = await Promise.all([store.vals.find(val_id), store.files.find(file_id)]);
  const place = `${username}/${val?.name ?? val_id} ${file?.path ?? file_id} version ${version}`;
  return [
    ...(run === undefined
      ? ["The call itself is not on record: it has just begun, or too many came in the same second."]
      : [`${run.method} ${run.url} → ${outcomeOf(run)}`]),
    run === undefined
      ? place
      : `${place}, worker ${run.worker || "none"} (${run.cold === 1 ? "cold" : "warm"})`,
    ...(run === undefined ? [] : [timesOf(run)]),
    ...(more ? [`Only the last ${logs.length} lines are shown.`] : []),
  ]
    .map(escapeControls)
    .concat(logs.map(renderLog));
}

function outcomeOf({ kind, status, error, aborted, end_us }: Trace): string {
  if (triggerOf(kind) !== "http")
    return end_us === 0 ? "not ended yet" : (error ?? (aborted === 1 ? "stopped" : "ok"));
  const answer = status === 0 ? "no answer" : `${status}`;
  const left = aborted === 1 ? ", the visitor left" : "";
  return `${answer}${error === null ? "" : ` ${error}`}${left}${end_us === 0 ? ", not ended yet" : ""}`;
}

function timesOf({ start_us, first_us, end_us }: Trace): string {
  const since = (micros: number) => `${(micros - start_us) / 1000} ms`;
  return [
    toTime(start_us),
    ...(first_us === 0 ? [] : [`first byte after ${since(first_us)}`]),
    ...(end_us === 0 ? [] : [`ended after ${since(end_us)}`]),
  ].join(", ");
}
