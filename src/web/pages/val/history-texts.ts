/** Texts of files as they were. */

import { ask, call } from "../../client/call.ts";
import type { Answer } from "../../client/contract.ts";

/** Both states of a file; null where it was not there. */
export interface Texts {
  readonly before: string | null;
  readonly after: string | null;
}

type Diff = Answer<"getDiff">;
type End = Diff["from"];

/** Tells a diff from others. */
export const idOf = ({ from, to }: Diff): string =>
  [from, to].map(({ branchId, version }) => `${branchId}@${version}`).join();

/** The text of a file as of a version. */
export async function textAt(valId: string, { branchId, version }: End, path: string): Promise<string> {
  const query = { path, branch_id: branchId, version };
  return (await ask("getFileContent", { params: { val_id: valId }, query })).text();
}

/** Both texts of a file of a diff within one val. */
export async function textsOf(
  valId: string,
  { from, to }: Diff,
  file: Diff["files"][number],
): Promise<Texts> {
  const [before, after] = await Promise.all([
    file.kind === "added" ? null : textAt(valId, from, file.oldPath ?? file.path),
    file.kind === "removed" ? null : textAt(valId, to, file.path),
  ]);
  return { before, after };
}

/** The difference of one file alone, which a long list leaves out. */
export async function diffAlone(valId: string, { from, to }: Diff, path: string) {
  const query = {
    from: from.version,
    branch_id: from.branchId,
    to: to.version,
    to_branch_id: to.branchId,
    path,
  };
  const { files } = await call("getDiff", { params: { val_id: valId }, query });
  return files.find((file) => file.path === path);
}
