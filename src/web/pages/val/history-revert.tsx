/** The way back to an older version. */

import { useState } from "react";
import { call } from "../../client/call.ts";
import { invalidate } from "../../client/queries.ts";
import { Confirm } from "../../ui/dialog.tsx";
import { toast, toastProblem } from "../../ui/toast.tsx";
import type { Branch } from "./branch.ts";

/** What is out of date once a branch has a new version. */
export const changedBranch = () =>
  invalidate(
    "listBranches",
    "listVersions",
    "listFiles",
    "getFile",
    "getFileContent",
    "getDiff",
    "listBuilds",
    "getVersionBuilds",
    "getValDetails",
    "previewMerge",
    "listPulls",
    "getPull",
    "getPullDiff",
  );

/** To which version, and of which file; all of them without a path. */
export interface Reverting {
  readonly version: number;
  readonly path?: string;
}

/** Asks, goes back, says which version that made, and offers to undo it. */
export function RevertDialog({
  valId,
  branch,
  version,
  path,
  onClose,
}: Reverting & { valId: string; branch: Branch; onClose: () => void }) {
  const [before] = useState(branch.version);
  const subject = path ?? branch.name;
  return (
    <Confirm
      title={`Revert ${subject} to version ${version}?`}
      text={
        path === undefined
          ? `This makes a new version of ${branch.name} that is as version ${version} was. Nothing is lost: all versions since stay in the history.`
          : `This makes a new version in which ${path} has the content that it had in version ${version}. The other files stay as they are.`
      }
      action="Revert"
      onConfirm={() => revert(valId, branch, { version, ...(path !== undefined && { path }) }, before)}
      onClose={onClose}
    />
  );
}

async function revert(valId: string, branch: Branch, { version, path }: Reverting, before: number) {
  const json = { version, branchId: branch.id, ...(path !== undefined && { path }) };
  const done = await call("revertVal", { params: { val_id: valId }, json });
  await changedBranch();
  if (!done.changed) {
    toast(`${path ?? branch.name} is as in version ${version} already.`);
    return;
  }
  const broken = done.diagnostics ? " It could not be built; the last good version is served." : "";
  toast(`Version ${done.version} has ${path ?? "everything"} as in version ${version}.${broken}`, {
    action: { label: "Undo", run: () => void undo(valId, branch.id, before) },
  });
}

async function undo(valId: string, branchId: string, version: number): Promise<void> {
  try {
    const done = await call("revertVal", { params: { val_id: valId }, json: { version, branchId } });
    await changedBranch();
    toast(`Undone: version ${done.version} is as version ${version} was.`);
  } catch (error) {
    toastProblem(error);
  }
}
