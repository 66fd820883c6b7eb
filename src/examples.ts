/** The vals that a new town starts with. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Store } from "./store/store.ts";
import { NEW_SCHEDULE, UTC } from "./val/schedule.ts";

/** The file that answers at a val's endpoint. */
const ENTRY = /^main\.(ts|tsx|js|jsx)$/;
/** What the clock starts. */
const CRON = /^cron\.(ts|tsx|js|jsx)$/;
/** What mails start. */
const MAIL = /^email\.(ts|tsx|js|jsx)$/;
const MODULE = /\.(ts|tsx|js|jsx)$/;
const TYPES = [
  [ENTRY, "http"],
  [CRON, "interval"],
  [MAIL, "email"],
  [MODULE, "script"],
] as const;
const MAX_DESCRIPTION = 64;
const SCHEDULES: Readonly<Record<string, string>> = { rssDigest: "0 7 * * *", uptime: "every 5 minutes" };

/** A val as it lies in a folder. */
export interface Example {
  readonly name: string;
  readonly description: string;
  readonly files: readonly ExampleFile[];
}

/** A file as it lies in a folder, with the type that a val gives it. */
export interface ExampleFile {
  readonly path: string;
  readonly type: "http" | "interval" | "email" | "script" | "file";
  readonly content: string;
}

/** Each folder in `folder` as a val; its description is the first comment line of its entry. */
export async function readExamples(folder: string): Promise<Example[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(names.sort().map((name) => readExample(folder, name)));
}

/** Create the examples as public vals of a user; returns the branches to build. */
export async function loadExamples(
  store: Store,
  userId: string,
  examples: readonly Example[],
): Promise<{ valId: string; branchId: string }[]> {
  const branches: { valId: string; branchId: string }[] = [];
  for (const { name, description, files } of examples) {
    const val = await store.vals.create({ userId, name, description, privacy: "public" });
    for (const file of files)
      await store.files.create({ valId: val.id }, { ...file, schedule: scheduleOf(name) });
    const branch = await store.vals.branch(val.id);
    branches.push({ valId: val.id, branchId: branch!.id });
  }
  return branches;
}

/** Nobody has asked for them yet: they begin to run when their owner wants them to. */
function scheduleOf(name: string) {
  return { schedule: SCHEDULES[name] ?? NEW_SCHEDULE, timeZone: UTC, paused: true };
}

async function readExample(folder: string, name: string): Promise<Example> {
  const files = await readFiles(join(folder, name));
  const comment = /^\/\/\s*(.*)$/m.exec(files.find((file) => file.type === "http")?.content ?? "")?.[1] ?? "";
  return { name, description: comment.slice(0, MAX_DESCRIPTION), files };
}

/** All files below a folder, as a val would have them. */
export async function readFiles(root: string): Promise<ExampleFile[]> {
  const paths = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  return Promise.all(
    paths.map(async (entry) => {
      const full = join(entry.parentPath, entry.name);
      const path = full.slice(root.length + 1);
      const type = TYPES.find(([pattern]) => pattern.test(path))?.[1] ?? "file";
      return { path, type, content: await readFile(full, "utf8") } as const;
    }),
  );
}
