/** What is stored of versions, merges and pull requests, as the contract promises it. */
import type { z } from "@hono/zod-openapi";
import type { Diff, FileDiff, MergePreview, Pull, PullEnd, Version } from "../../store/store.ts";
import type { Change } from "../../val/changes.ts";
import { type Looker, mayRead } from "../../val/visibility.ts";
import type { mergePreviewSchema } from "../contract/merges.ts";
import type { endSchema, pullSchema } from "../contract/pulls.ts";
import type { changeSchema, diffSchema, fileDiffSchema, versionSchema } from "../contract/versions.ts";

const toDate = (at: number) => new Date(at).toISOString();

export function presentChange({
  kind,
  path,
  oldPath,
  type,
  oldType,
  modified,
}: Change): z.infer<typeof changeSchema> {
  return {
    kind,
    path,
    ...(oldPath !== undefined && { oldPath }),
    type,
    ...(oldType && { oldType }),
    modified,
  };
}

export function presentVersion(version: Version): z.infer<typeof versionSchema> {
  const { branchId, version: number, kind, author, createdAt, source, changeCount, changes } = version;
  return {
    branchId,
    version: number,
    kind,
    author: { ...author },
    createdAt: toDate(createdAt),
    source: source === undefined ? null : { ...source },
    changeCount,
    changes: changes.map(presentChange),
  };
}

export function presentDiff({ from, to, files }: Diff): z.infer<typeof diffSchema> {
  return { from: { ...from }, to: { ...to }, files: files.map(presentFileDiff) };
}

function presentFileDiff(file: FileDiff): z.infer<typeof fileDiffSchema> {
  const { text, isBinary, isOmitted } = file;
  const hunks = text?.hunks.map(({ lines, ...span }) => ({ ...span, lines: [...lines] }));
  return {
    ...presentChange(file),
    ...(text && hunks && { unified: text.unified, hunks }),
    ...(isBinary && { binary: true }),
    ...(isOmitted && { omitted: true }),
  };
}

/** `mergeable` is left to who knows how conflicts are dealt with. */
export function presentMerge(merge: MergePreview): Omit<z.infer<typeof mergePreviewSchema>, "mergeable"> {
  const { base, source, target, conflicts, unresolved, changes } = merge;
  return {
    base: { ...base },
    source: { ...source },
    target: { ...target },
    conflicts: conflicts.map((conflict) => ({ ...conflict })),
    unresolved: [...unresolved.source, ...unresolved.target],
    changes: changes.map(presentChange),
  };
}

export function presentPull(pull: Pull, viewer: Looker | undefined): z.infer<typeof pullSchema> {
  const { number, title, description, state, author, source, target, endedAt, endedBy, merged } = pull;
  // Being open, it shows its source to all who may see it; after that the source is as private as it is.
  const seen = source !== undefined && (state === "open" || mayRead(source, viewer)) ? source : undefined;
  return {
    number,
    title,
    description,
    state,
    author: { ...author },
    source: presentEnd(seen),
    target: presentEnd(target),
    createdAt: toDate(pull.createdAt),
    updatedAt: toDate(pull.updatedAt),
    endedAt: endedAt === null ? null : toDate(endedAt),
    endedBy: endedBy === undefined ? null : { ...endedBy },
    mergedVersion: merged?.version ?? null,
  };
}

function presentEnd(end: PullEnd | undefined): z.infer<typeof endSchema> | null {
  if (end === undefined) return null;
  const { valId, username, valName, branchId, branch, version } = end;
  return { valId, val: `${username}/${valName}`, branchId, branch, version };
}
