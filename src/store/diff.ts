import type { Kysely } from "kysely";
import { type Change, compareTrees, type Difference } from "../val/changes.ts";
import type { Budget } from "../val/line-diff.ts";
import { type PatchHunk, unified } from "../val/patch.ts";
import type { VersionOf } from "../val/version.ts";
import type { TownSchema } from "./schema.ts";
import { newBudget } from "./text-jobs.ts";
import type { TextThread } from "./text-thread.ts";
import { textsAt, treeAt } from "./trees.ts";

/** One file that is different. */
export interface FileDiff extends Change {
  /** What changed of its text; undefined when nothing did, when it is no text, or when there is too much of it. */
  readonly text: { readonly hunks: readonly PatchHunk[]; readonly unified: string } | undefined;
  /** It has characters that no text has. */
  readonly isBinary: boolean;
  /** Its text is left out, because the whole would be too long: ask for this file alone. */
  readonly isOmitted: boolean;
}

/** What is different between two versions. */
export interface Diff {
  readonly from: VersionOf;
  readonly to: VersionOf;
  readonly files: readonly FileDiff[];
}

export interface DiffQuery {
  /** Only what is at this path in one of the versions, or below it. */
  readonly path?: string | undefined;
}

/** How long the texts of one diff may be together, in characters. One file alone is never longer. */
const MAX_TEXT = 400_000;

/** What comparing takes: where the texts are, and the thread that does it. */
export interface Reading {
  readonly db: Kysely<TownSchema>;
  readonly texts: TextThread;
}

/** Compare two versions, of the same branch or of others. */
export async function diffVersions(
  reading: Reading,
  from: VersionOf,
  to: VersionOf,
  { path }: DiffQuery = {},
): Promise<Diff> {
  const all = compareTrees(await treeAt(reading.db, from), await treeAt(reading.db, to));
  const budget = newBudget();
  const files: FileDiff[] = [];
  let left = MAX_TEXT;
  for (const difference of all.filter((one) => isWithin(one.change, path))) {
    const file = await diffFile(reading, difference, left, budget);
    left -= file.text?.unified.length ?? 0;
    files.push(file);
  }
  return { from, to, files };
}

function isWithin({ path, oldPath }: Change, asked: string | undefined): boolean {
  if (asked === undefined || asked === "") return true;
  return [path, oldPath].some((one) => one === asked || one?.startsWith(`${asked}/`));
}

async function diffFile(
  { db, texts: thread }: Reading,
  { change, before, after }: Difference,
  left: number,
  budget: Budget,
): Promise<FileDiff> {
  const [old, now] = [before?.hash ?? undefined, after?.hash ?? undefined];
  const none = { ...change, text: undefined, isBinary: false, isOmitted: false };
  if (old === now) return none;
  if (left <= 0) return { ...none, isOmitted: true };
  const texts = await textsAt(
    db,
    [old, now].filter((hash) => hash !== undefined),
  );
  const [was, is] = [texts.get(old ?? "") ?? "", texts.get(now ?? "") ?? ""];
  if (was.includes("\0") || is.includes("\0")) return { ...none, isBinary: true };
  const hunks = await thread.run("diff", { before: was, after: is }, budget);
  const text = unified(before?.path ?? null, after?.path ?? null, hunks);
  // The first one is there however long it is: its own length is bounded.
  if (text.length > left && left < MAX_TEXT) return { ...none, isOmitted: true };
  return { ...none, text: { hunks, unified: text } };
}
