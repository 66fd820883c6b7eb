/** What a merge would do, found out from versions that do not change any more. */
import type { Kysely } from "kysely";
import { type Change, changeOf } from "../val/changes.ts";
import { type Conflict, type MergedNode, mergeTrees, type TreeNode } from "../val/merge.ts";
import { closingOf, hasMarkers, type Labels, openingOf } from "../val/merge-text.ts";
import { MAX_CONTENT } from "../val/name.ts";
import { pathProblem } from "../val/path.ts";
import type { VersionOf } from "../val/version.ts";
import type { Reading } from "./diff.ts";
import { StoreError } from "./failure.ts";
import { findBase } from "./merge-base.ts";
import type { TownSchema } from "./schema.ts";
import { newBudget } from "./text-jobs.ts";
import { textsAt, treeAt, type Wanted } from "./trees.ts";

/** A merge of one branch's newest version into another's. */
export interface MergePlan {
  readonly base: VersionOf;
  readonly source: VersionOf;
  readonly target: VersionOf;
  readonly conflicts: readonly Conflict[];
  /** Files in which markers of an earlier merge are still to be resolved: in the source, and in the target. */
  readonly unresolved: { readonly source: readonly string[]; readonly target: readonly string[] };
  /** What it changes in the target. */
  readonly changes: readonly Change[];
  readonly wanted: readonly Wanted[];
  /** Files of the target that get markers, with the lines between which a conflict lies. */
  readonly marked: readonly { readonly fileId: string; readonly opening: string; readonly closing: string }[];
}

/** Find out what merging `source` into `target` comes to. Rejects with StoreError `no_branch` or `unrelated`, or when the outcome would not be allowed. */
export async function planMerge(reading: Reading, sourceId: string, targetId: string): Promise<MergePlan> {
  const { db } = reading;
  const [source, target] = [await headOf(db, sourceId), await headOf(db, targetId)];
  const base = await findBase(db, source, target);
  if (base === undefined || sourceId === targetId) {
    throw new StoreError(
      "unrelated",
      "These branches do not come from each other, so they cannot be merged.",
    );
  }
  const labels = labelsOf(source, target);
  const [old, theirs, ours] = [await treeAt(db, base), await treeAt(db, source), await treeAt(db, target)];
  const { nodes, conflicts } = mergeTrees(old, ours, theirs, labels.theirs);
  const merged = await mergeTexts(reading, nodes, labels);
  const clashes = nodes.flatMap((node) => (merged.get(node)?.conflicts ? [contentConflict(node)] : []));
  const unresolved = { source: await unresolvedIn(db, sourceId), target: await unresolvedIn(db, targetId) };
  return {
    base,
    source: { branchId: source.branchId, version: source.version },
    target: { branchId: target.branchId, version: target.version },
    conflicts: [...conflicts, ...clashes].sort((a, b) => (a.path < b.path ? -1 : 1)),
    unresolved,
    changes: changesOf(nodes, ours, merged),
    wanted: await toWanted(db, targetId, nodes, ours, merged),
    marked: nodes.flatMap((node) =>
      merged.get(node)?.conflicts && node.ours !== undefined
        ? [{ fileId: node.ours.id, opening: openingOf(labels), closing: closingOf(labels) }]
        : [],
    ),
  };
}

interface Head extends VersionOf {
  readonly name: string;
  readonly valId: string;
  /** Owner and name of its val. */
  readonly val: string;
}

async function headOf(db: Kysely<TownSchema>, branchId: string): Promise<Head> {
  const row = await db
    .selectFrom("branches")
    .innerJoin("vals", "vals.id", "branches.val_id")
    .innerJoin("users", "users.id", "vals.user_id")
    .select(["branches.id", "branches.version", "branches.name", "vals.id as val_id", "vals.name as val"])
    .select("users.username")
    .where("branches.id", "=", branchId)
    .executeTakeFirst();
  if (row === undefined) throw new StoreError("no_branch", "Branch not found");
  const { version, name, val_id: valId, val, username } = row;
  return { branchId, version, name, valId, val: `${username}/${val}` };
}

/** Within a val the branches' names say enough. */
function labelsOf(source: Head, target: Head): Labels {
  if (source.valId === target.valId) return { ours: target.name, theirs: source.name };
  const label = ({ val, name }: Head) => (name === "main" ? val : `${val}@${name}`);
  return { ours: label(target), theirs: label(source) };
}

type Texts = ReadonlyMap<MergedNode, { readonly text: string; readonly conflicts: number }>;

async function mergeTexts(
  { db, texts: thread }: Reading,
  nodes: readonly MergedNode[],
  labels: Labels,
): Promise<Texts> {
  const both = nodes.flatMap((node) => (node.texts === undefined ? [] : [{ node, ...node.texts }]));
  const merged = new Map<MergedNode, { text: string; conflicts: number }>();
  const budget = newBudget();
  for (const { node, base, ours, theirs } of both) {
    const texts = await textsAt(db, [ours, theirs, ...(base === null ? [] : [base])]);
    const [own, other] = [texts.get(ours), texts.get(theirs)];
    if (own === undefined || other === undefined) throw new StoreError("no_branch", "Branch not found");
    const from = (base === null ? undefined : texts.get(base)) ?? "";
    const one = await thread.run("merge", { base: from, ours: own, theirs: other, labels }, budget);
    if (one.text.length > MAX_CONTENT) {
      const length = `${node.path} would have ${one.text.length} characters after the merge`;
      throw new StoreError("too_long", `${length}; a file has at most ${MAX_CONTENT}. Shorten it first.`);
    }
    merged.set(node, one);
  }
  return merged;
}

function contentConflict({ path, ours, theirs }: MergedNode): Conflict {
  return { kind: "content", path, ours: ours?.path ?? null, theirs: theirs?.path ?? null };
}

function changesOf(nodes: readonly MergedNode[], ours: readonly TreeNode[], merged: Texts): Change[] {
  const kept = new Set(nodes.flatMap((node) => node.ours?.id ?? []));
  const changes = nodes.map((node) => {
    // A merged text is a new one, whatever its hash will be.
    const hash = merged.has(node) ? "" : node.hash;
    return changeOf(node.ours, { ...node, hash });
  });
  const removed = ours.filter((node) => !kept.has(node.id)).map((node) => changeOf(node, undefined));
  return [...changes, ...removed]
    .filter((change) => change !== undefined)
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The outcome as the target's files: its own, those that it had once, and new ones. */
async function toWanted(
  db: Kysely<TownSchema>,
  targetId: string,
  nodes: readonly MergedNode[],
  ours: readonly TreeNode[],
  merged: Texts,
): Promise<Wanted[]> {
  const lineages = nodes.flatMap((node) => (node.ours ? [] : (node.theirs?.lineage ?? [])));
  const gone = lineages.length === 0 ? [] : await removedFiles(db, targetId, lineages);
  const once = new Map(gone.map(({ id, lineage }) => [lineage, id]));
  const live = new Set(ours.map(({ lineage }) => lineage));
  return nodes.map((node) => {
    const { path, type, hash } = node;
    const problem = path === node.ours?.path ? undefined : pathProblem(path);
    if (problem !== undefined) throw new StoreError("bad_path", problem);
    const copied = node.theirs?.lineage ?? "";
    const id = node.ours?.id ?? once.get(copied);
    // Two files of a branch never have the same lineage.
    const lineage = live.has(copied) ? undefined : copied;
    return { path, type, hash, id, lineage, text: merged.get(node)?.text };
  });
}

function removedFiles(db: Kysely<TownSchema>, branchId: string, lineages: readonly string[]) {
  return db
    .selectFrom("files")
    .select(["id", "lineage"])
    .where("branch_id", "=", branchId)
    .where("deleted", "=", 1)
    .where("lineage", "in", lineages)
    .execute();
}

/** Files of a branch that still have the markers which a merge has written into them. */
async function unresolvedIn(db: Kysely<TownSchema>, branchId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("conflicts")
    .innerJoin("files", "files.id", "conflicts.file_id")
    .select(["files.path", "files.text_hash as hash", "conflicts.opening", "conflicts.closing"])
    .where("files.text_hash", "is not", null)
    .where("files.branch_id", "=", branchId)
    .where("files.deleted", "=", 0)
    .orderBy("files.path")
    .execute();
  const unresolved: string[] = [];
  // One after the other: all together they may be longer than what anyone should wait for.
  for (const { path, hash, opening, closing } of rows) {
    const content = (await textsAt(db, [hash!])).get(hash!) ?? "";
    if (hasMarkers(content, opening, closing)) unresolved.push(path);
  }
  return unresolved;
}
