import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { call } from "../../client/call.ts";
import type { Answer } from "../../client/contract.ts";
import { query } from "../../client/queries.ts";
import { Failed, Loading } from "../../ui/states.tsx";
import { useBranch } from "./branch.ts";
import { useVal } from "./context.ts";
import { type FileDiff, FileDiffs } from "./history-files.tsx";
import { idOf, textsOf } from "./history-texts.ts";

/** What is new in the branch that is merged, since both were the same. */
export function MergeDiff({
  preview,
  otherVal,
}: {
  preview: Pick<Answer<"previewMerge">, "base" | "source">;
  /** Where the state is that both come from, if it is not in this val: its origin, unless told otherwise. */
  otherVal?: string;
}) {
  const { val } = useVal();
  const { branches } = useBranch();
  const { base, source } = preview;
  const isOwn = (branchId: string) => branches.some(({ id }) => id === branchId);
  const valId = isOwn(base.branchId) ? val.id : (otherVal ?? val.origin?.valId ?? val.id);
  const isWhole = isOwn(base.branchId) && isOwn(source.branchId);
  const asked = useMemo(
    () => ({
      branch_id: base.branchId,
      from: base.version,
      to_branch_id: source.branchId,
      to: source.version,
    }),
    [base.branchId, base.version, source.branchId, source.version],
  );
  const found = useQuery(query("getDiff", { params: { val_id: valId }, query: asked }));
  const parts = useMemo(() => {
    const diff = found.data;
    if (diff === undefined) return undefined;
    return {
      id: idOf(diff),
      alone: async (path: string) => {
        const one = await call("getDiff", { params: { val_id: valId }, query: { ...asked, path } });
        return one.files.find((file) => file.path === path);
      },
      whole: isWhole ? (file: FileDiff) => textsOf(valId, diff, file) : undefined,
    };
  }, [found.data, valId, asked, isWhole]);
  if (found.error) return <Failed error={found.error} onRetry={() => void found.refetch()} />;
  if (found.data === undefined || parts === undefined) return <Loading lines={6} />;
  return <FileDiffs files={found.data.files} {...parts} />;
}
