import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { query } from "../../client/queries.ts";
import { Badge, count } from "../../ui/small.tsx";
import type { Branch } from "./branch.ts";
import { MAIN } from "./branch.ts";
import { useVal } from "./context.ts";

/** How far a branch and its parent are apart, counted in the files that a merge would change. */
export function Compared({
  branch,
  parent,
  automatic,
}: {
  branch: Branch;
  parent: Branch | undefined;
  automatic: boolean;
}) {
  const { val } = useVal();
  const isRemix = branch.name === MAIN && val.origin !== null;
  const asked = { val_id: val.id, branch_id: branch.id };
  const up = useQuery({
    ...query("previewMerge", { params: asked, query: { into: "parent" } }),
    enabled: automatic && parent !== undefined,
    staleTime: 0,
  });
  const down = useQuery({
    ...query("previewMerge", { params: asked, query: { from: "parent" } }),
    enabled: automatic && (parent !== undefined || isRemix),
    staleTime: 0,
  });
  const params = { user: val.author.username ?? "", val: val.name, branch: branch.name };
  const said = [
    ...(up.data?.changes.length ? [`${count(up.data.changes.length, "file")} ahead`] : []),
    ...(down.data?.changes.length ? [`${count(down.data.changes.length, "file")} behind`] : []),
  ];
  if (parent === undefined && !isRemix) return null;
  const search = parent === undefined ? { from: "parent" as const } : {};
  const isKnown = (up.data !== undefined || parent === undefined) && down.data !== undefined;
  const text = isKnown ? said.join(", ") || "same" : "Compare";
  const conflicts = up.data?.conflicts.length ?? 0;
  const unresolved = (down.data?.unresolved.length ?? 0) > 0;
  return (
    <span className="row branches-compared">
      <Link to="/x/$user/$val/branches/$branch" params={params} search={search}>
        {text}
      </Link>
      {conflicts > 0 && !unresolved && <Badge kind="warn">conflicts</Badge>}
      {unresolved && <Badge kind="warn">to be resolved</Badge>}
    </span>
  );
}
