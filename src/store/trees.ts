/** Whole branches as trees, whichever version of them, and changes of whole branches. */
import type { Kysely } from "kysely";
import type { TreeNode } from "../val/merge.ts";
import type { VersionOf } from "../val/version.ts";
import type { Content, Edit } from "./edit.ts";
import { revisionsAt } from "./file-reads.ts";
import type { TownSchema } from "./schema.ts";

/** Every file and directory of a branch as of a version, by path. */
export async function treeAt(db: Kysely<TownSchema>, { branchId, version }: VersionOf): Promise<TreeNode[]> {
  return revisionsAt(db, branchId, version)
    .select(["f.id", "f.lineage", "r.path", "r.type", "r.text_hash as hash"])
    .orderBy("r.path")
    .execute();
}

/** The texts with these hashes; what no version has any more is missing. */
export async function textsAt(
  db: Kysely<TownSchema>,
  hashes: readonly string[],
): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  const wanted = [...new Set(hashes)];
  // In portions, because a statement takes a bounded number of parameters.
  for (let from = 0; from < wanted.length; from += 500) {
    const rows = await db
      .selectFrom("texts")
      .selectAll()
      .where("hash", "in", wanted.slice(from, from + 500))
      .execute();
    for (const { hash, content } of rows) texts.set(hash, content);
  }
  return texts;
}

/** What a branch is to hold at one path. */
export interface Wanted extends Content {
  /** The file it is, which may have been removed; it is a new one when missing. */
  readonly id: string | undefined;
  /** Of a new one that is a copy. */
  readonly lineage?: string | undefined;
  /** Its text, when it is not remembered yet; `hash` is not looked at then. */
  readonly text?: string | undefined;
}

/** Give a branch exactly these files and directories. Every path must have its directories among them. */
export async function applyTree(edit: Edit, wanted: readonly Wanted[]): Promise<void> {
  const now = new Map((await edit.below("")).map((state) => [state.id, state]));
  const kept = new Map(wanted.flatMap((one) => (one.id === undefined ? [] : [[one.id, one] as const])));
  for (const state of now.values()) if (!kept.has(state.id)) await edit.remove(state);
  await edit.park([...now.values()].filter(({ id, path }) => kept.has(id) && kept.get(id)!.path !== path));
  for (const one of wanted) {
    const content = one.text === undefined ? one : { ...one, hash: await edit.text(one.text) };
    const before = one.id === undefined ? undefined : now.get(one.id);
    if (before !== undefined) await edit.set(before, content);
    else if (one.id !== undefined) await edit.restore(one.id, content);
    else await edit.insert(content);
  }
}
