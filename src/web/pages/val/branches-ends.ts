import { useQuery } from "@tanstack/react-query";
import { query } from "../../client/queries.ts";
import { type Branch, branchSearch, MAIN, useBranch } from "./branch.ts";
import { useVal } from "./context.ts";

/** What a branch is merged with. */
export interface MergeEnds {
  /** What the parent is called: `main`, or `ann/hello` for the origin of a remix. */
  readonly parent: string;
  /** The branch can be merged into it as well: it is in this val. */
  readonly both: boolean;
  readonly parentSearch: { branch?: string };
}

/** The parent of a branch, or of a remix's main its origin; undefined when there is none for this direction. */
export function useMergeEnds(branch: Branch, direction: "up" | "down"): MergeEnds | undefined {
  const { val } = useVal();
  const { branches } = useBranch();
  const parent = branches.find(({ id }) => id === branch.forkedBranchId);
  const isRemix = parent === undefined && branch.name === MAIN && val.origin !== null;
  const origin = useQuery({
    ...query("getVal", { params: { val_id: val.origin?.valId ?? "" } }),
    enabled: isRemix,
  });
  if (parent !== undefined)
    return { parent: parent.name, both: true, parentSearch: branchSearch(parent.name) };
  if (!isRemix || direction === "up" || origin.data === undefined) return undefined;
  return { parent: `${origin.data.author.username}/${origin.data.name}`, both: false, parentSearch: {} };
}
