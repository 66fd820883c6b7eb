/** Conflicts of a merge, in words. */

import type { Answer } from "../../client/contract.ts";

/** What two branches do not agree about. */
export type Conflict = Answer<"previewMerge">["conflicts"][number];

/** What a conflict is, and what becomes of it when the parent's changes are taken. */
export function sayConflict({ kind, path, ours, theirs }: Conflict): string {
  if (kind === "content") return "both have changed the same lines; you choose which ones to keep";
  if (kind === "deleted") return "one has changed it, the other deleted it; it is kept";
  if (kind === "moved") return `one has moved it to ${theirs}, the other to ${ours}; it stays at ${ours}`;
  if (kind === "type") return "both have changed its type; that of the branch is kept";
  return `two different files have this place; the one that is merged is put at ${path}`;
}
