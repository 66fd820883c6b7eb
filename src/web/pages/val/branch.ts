/** Which branch of a val is looked at: the one in the path (`/branch/dev/…`) or in `?branch=`, else `main`. */

import { useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import type { Row } from "../../client/contract.ts";
import { query } from "../../client/queries.ts";
import { useVal } from "./context.ts";

/** One branch of a val. */
export type Branch = Row<"listBranches">;

/** What is known of the branch that the address names. */
export interface BranchView {
  /** As the address has it. */
  readonly name: string;
  /** Undefined while it is asked for, and when there is none of this name. */
  readonly branch: Branch | undefined;
  /** The val has no branch of this name. */
  readonly unknown: boolean;
  /** Why the branches could not be had. */
  readonly error: unknown;
  /** All of the val, `main` first; empty while they are asked for. */
  readonly branches: readonly Branch[];
  readonly refetch: () => unknown;
}

/** The name that branches are switched to when none is asked for. */
export const MAIN = "main";

/** All branches of the val whose page this is; it can have no more than one page of them. */
export const branchesOf = (valId: string) =>
  query("listBranches", { params: { val_id: valId }, query: { limit: 100 } });

/** The branch that the address names. After a save: `invalidate("listBranches")`, for its version is another. */
export function useBranch(): BranchView {
  const { val } = useVal();
  const name = useBranchName();
  const { data, error, refetch } = useQuery(branchesOf(val.id));
  const branches = data?.data ?? NONE;
  const branch = branches.find((one) => one.name === name);
  return { name, branch, unknown: data !== undefined && branch === undefined, error, branches, refetch };
}

const NONE: readonly Branch[] = [];

/** The name of the branch that the address names, known at once. */
export function useBranchName(): string {
  const { branch: inPath } = useParams({ strict: false }) as { branch?: string };
  const { branch: inSearch } = useSearch({ strict: false }) as { branch?: string };
  return inPath ?? inSearch ?? MAIN;
}

/** The search that names a branch in the address; `main` needs no name. */
export const branchSearch = (name: string): { branch?: string } => (name === MAIN ? {} : { branch: name });
