/** `hamlet cron`: when the interval files of a val run, and how the last runs went. */

import { SERVE_FLAGS } from "../config.ts";
import { HamletError } from "../errors.ts";
import { optional, text, toggle } from "../flags.ts";
import type { JobRun, Store, Val } from "../store/store.ts";
import type { FileEntry } from "../val/file.ts";
import { toZoned } from "../val/schedule.ts";
import { defineCommand } from "./command.ts";
import { findVal, withStore } from "./data.ts";
import { escapeControls } from "./terminal.ts";

const SHOWN_RUNS = 5;
const PAST_RUNS = 10;
const MAX_FILES = 1000;

export const cronCommand = defineCommand({
  name: "cron",
  usage: "USER/VAL[/PATH]",
  summary: "Print when the interval files of a val run, or change when one does.",
  flags: {
    set: optional(
      text("", 'a schedule such as "every 15 minutes" or "30 9 * * 1-5"', /./, {
        help: 'Its new schedule, such as "every 15 minutes" or "30 9 * * 1-5".',
      }),
      "as it is",
    ),
    timeZone: optional(
      text("", "a time zone such as Europe/Berlin", /./, {
        help: "Where the schedule is read, such as Europe/Berlin.",
      }),
      "as it is",
    ),
    pause: toggle({ help: "Let it run no more." }),
    resume: toggle({ help: "Let it run again, from its next time on." }),
    minPeriod: SERVE_FLAGS.minPeriod,
    data: SERVE_FLAGS.data,
  },
  run: ({ set, timeZone, pause, resume, minPeriod, data }, positionals, { out }) =>
    withStore(data, { mustExist: true }, async (store) => {
      const [, place = "", path] = /^(@?[^/]+\/[^/]+)(?:\/(.+))?$/.exec(positionals[0] ?? "") ?? [];
      const val = await findVal(store, "cron", [place, ...positionals.slice(1)]);
      const files = await intervalsOf(store, val, path);
      const change = { schedule: set, timeZone, ...(pause !== resume && { paused: pause }) };
      if (pause && resume) throw new HamletError("config", "--pause and --resume contradict each other.");
      if (Object.values(change).some((value) => value !== undefined)) {
        const [file, ...others] = files;
        if (file === undefined || others.length > 0)
          throw new HamletError(
            "config",
            `Name one of its files: ${files.map((one) => one.path).join(", ")}.`,
          );
        await store.schedules.set(file.id, change, minPeriod);
      }
      for (const file of files) {
        for (const line of await show(store, file, minPeriod)) out(escapeControls(line));
      }
      return 0;
    }),
});

async function intervalsOf(store: Store, val: Val, path: string | undefined): Promise<FileEntry[]> {
  const branch = await store.vals.branch(val.id);
  const query = { path: "", recursive: true, limit: MAX_FILES, offset: 0 };
  const { rows } = await store.files.list({ valId: val.id, branchId: branch!.id }, query);
  const files = rows.filter((file) => file.type === "interval" && (path === undefined || file.path === path));
  if (files.length > 0) return files;
  const which = path === undefined ? "no file" : `no file ${path}`;
  throw new HamletError(
    "config",
    `${val.username}/${val.name} has ${which} of type interval. Change the type of one first.`,
  );
}

async function show(store: Store, { id, path }: FileEntry, periodMs: number): Promise<string[]> {
  const found = await store.schedules.of(id);
  if (found === undefined) return [];
  const { schedule, timeZone, paused } = found;
  const next = await store.schedules.next(id, SHOWN_RUNS, periodMs);
  const { rows } = await store.jobs.runsOf(id, { limit: PAST_RUNS, offset: 0 });
  return [
    `${path}: ${schedule} (${timeZone})${paused ? ", paused" : ""}`,
    ...next.map((at) => `  next  ${toZoned(at, timeZone)}`),
    ...rows.map((run) => `  past  ${toZoned(run.startedAt ?? run.dueAt, timeZone)} ${outcomeOf(run)}`),
  ];
}

function outcomeOf({ outcome, error, trace }: JobRun): string {
  const how = error === undefined ? (outcome ?? "under way") : `${outcome}: ${error.split("\n")[0]}`;
  return trace === undefined ? how : `${how} (hamlet trace ${trace})`;
}
