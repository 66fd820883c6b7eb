/** The tables of versions and of what happens between branches. */
import type { VersionKind } from "../val/version.ts";

/** Every version of every branch, without gaps from the branch's first one on. */
export interface VersionTable {
  branch_id: string;
  version: number;
  /** The user who made it, who may be gone by now. */
  author_id: string;
  created_at: number;
  kind: VersionKind;
  /** Of a revert, merge, fork or remix: what it was made from, which may be gone by now. */
  source_branch_id: string | null;
  source_version: number | null;
  /** How many files and directories it changed. */
  changes: number;
}

/** Where two branches last had the same state; without a row, where one was forked. Each pair in one order of ids. */
export interface MergeBaseTable {
  branch_id: string;
  other_id: string;
  base_branch_id: string;
  base_version: number;
}

/** A file into which a merge has written conflict markers, which may have been resolved since. */
export interface ConflictTable {
  file_id: string;
  /** The lines between which a conflict lies. */
  opening: string;
  closing: string;
}

/** What a val was copied from, which may be gone by now. */
export interface OriginTable {
  val_id: string;
  origin_val_id: string;
  origin_branch_id: string;
  origin_version: number;
}

/** Proposals to merge a branch into its parent or into the val that its own is a remix of. */
export interface PullTable {
  id: string;
  /** The val it was proposed to. */
  val_id: string;
  /** Counts up from 1 in each val. */
  number: number;
  title: string;
  description: string | null;
  state: "open" | "merged" | "closed";
  author_id: string;
  /** Both are null once the branch is gone. */
  source_branch_id: string | null;
  target_branch_id: string | null;
  created_at: number;
  updated_at: number;
  /** Who merged or closed it, and when. */
  ended_by: string | null;
  ended_at: number | null;
  /** The target's versions before and after the merge; they are equal when there was nothing left to merge. */
  merged_from: number | null;
  merged_version: number | null;
}

/** What versions add to the town's own database. */
export interface VersionsTables {
  versions: VersionTable;
  merge_bases: MergeBaseTable;
  conflicts: ConflictTable;
  origins: OriginTable;
  pulls: PullTable;
}
