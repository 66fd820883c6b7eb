/** How many branches a val may have. */
export const MAX_BRANCHES = 100;
/** How many files and directories one branch may have. */
export const MAX_FILES = 1000;

/**
 * What made a version: `create` the empty val, `edit` a save, `revert`, `merge`, and `fork` and `remix` the first version
 * of a copy, which changes nothing of what was copied.
 */
export const VERSION_KINDS = ["create", "edit", "revert", "merge", "fork", "remix"] as const;

/** What made a version. */
export type VersionKind = (typeof VERSION_KINDS)[number];

/** One version of one branch. */
export interface VersionOf {
  readonly branchId: string;
  readonly version: number;
}
