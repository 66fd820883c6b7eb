import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { query } from "../../client/queries.ts";
import { useBranch } from "./branch.ts";
import { useVal } from "./context.ts";

/** How a remix's changes are proposed to its origin; undefined when there is none, or it is not one's own. */
export function usePropose(): { readonly to: string; readonly go: () => void } | undefined {
  const { val, mayWrite } = useVal();
  const { branch } = useBranch();
  const navigate = useNavigate();
  const offered = mayWrite && val.origin !== null;
  const origin = useQuery({
    ...query("getVal", { params: { val_id: val.origin?.valId ?? "" } }),
    enabled: offered,
  });
  if (!offered || origin.data === undefined || branch === undefined) return undefined;
  const params = { user: origin.data.author.username ?? "", val: origin.data.name };
  const search = { source: branch.id, sourceVal: val.id };
  return {
    to: `${params.user}/${params.val}`,
    go: () => void navigate({ to: "/x/$user/$val/pulls/new", params, search }),
  };
}
