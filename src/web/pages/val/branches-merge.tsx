/** What a merge of a branch and its parent comes to, the merge itself, and the conflicts that it leaves. */

import "./branches.css";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { GitMerge } from "lucide-react";
import { useState } from "react";
import { call } from "../../client/call.ts";
import type { Answer } from "../../client/contract.ts";
import { sayProblem } from "../../client/problem.ts";
import { query } from "../../client/queries.ts";
import { useTitle } from "../../shell/title.ts";
import { Button } from "../../ui/button.tsx";
import { Empty, Failed, Loading, Note } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { type Branch, useBranch } from "./branch.ts";
import { Conflicts } from "./branches-conflicts.tsx";
import { type MergeEnds, useMergeEnds } from "./branches-ends.ts";
import { MergeDiff } from "./branches-merge-diff.tsx";
import { Resolver } from "./branches-resolve.tsx";
import { useVal } from "./context.ts";
import { NoBranch } from "./history.tsx";
import { changedBranch } from "./history-revert.tsx";

/** The merge of the branch that the address names: into its parent, or from it. */
export function MergePage() {
  const { name, branch, unknown, error, refetch } = useBranch();
  useTitle(`Merge ${name}`);
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (unknown) return <NoBranch name={name} />;
  return (
    <div className="page stack">
      {branch === undefined ? <Loading lines={6} /> : <OneMerge branch={branch} key={branch.id} />}
    </div>
  );
}

function OneMerge({ branch }: { branch: Branch }) {
  const { val, mayWrite } = useVal();
  const { from } = useSearch({ strict: false }) as { from?: "parent" };
  const ends = useMergeEnds(branch, from === "parent" ? "down" : "up");
  const down = from === "parent";
  const preview = useQuery({
    ...query("previewMerge", {
      params: { val_id: val.id, branch_id: branch.id },
      query: down ? { from: "parent" } : { into: "parent" },
    }),
    enabled: ends !== undefined,
    staleTime: 0,
  });
  if (ends === undefined) {
    return (
      <Empty title={`${branch.name} has no parent`}>There is nothing that it could be merged with.</Empty>
    );
  }
  return (
    <>
      <h2>
        {down
          ? `Take changes of ${ends.parent} into ${branch.name}`
          : `Merge ${branch.name} into ${ends.parent}`}
      </h2>
      {ends.both && <Directions branch={branch} ends={ends} />}
      {preview.error ? (
        <Failed error={preview.error} onRetry={() => void preview.refetch()} />
      ) : preview.data === undefined ? (
        <Loading lines={6} />
      ) : (
        <Outcome branch={branch} ends={ends} down={down} preview={preview.data} mayWrite={mayWrite} />
      )}
    </>
  );
}

const EXACT = { exact: true, includeSearch: true };

function Directions({ branch, ends }: { branch: Branch; ends: MergeEnds }) {
  const { val } = useVal();
  const params = { user: val.author.username ?? "", val: val.name, branch: branch.name };
  return (
    <nav className="tabs" aria-label="Direction">
      <Link to="/x/$user/$val/branches/$branch" params={params} className="tab" activeOptions={EXACT}>
        {branch.name} → {ends.parent}
      </Link>
      <Link
        to="/x/$user/$val/branches/$branch"
        params={params}
        search={{ from: "parent" }}
        className="tab"
        activeOptions={EXACT}
      >
        {ends.parent} → {branch.name}
      </Link>
    </nav>
  );
}

interface OutcomeProps {
  readonly branch: Branch;
  readonly ends: MergeEnds;
  readonly down: boolean;
  readonly preview: Answer<"previewMerge">;
  readonly mayWrite: boolean;
}

function Outcome(props: OutcomeProps) {
  const { branch, ends, down, preview, mayWrite } = props;
  const { val } = useVal();
  const params = { user: val.author.username ?? "", val: val.name, branch: branch.name };
  if (preview.unresolved.length > 0) {
    return <Resolver branch={branch} parent={ends.parent} paths={preview.unresolved} />;
  }
  if (preview.changes.length === 0) {
    return (
      <Empty
        title="Nothing to merge"
        action={
          down && ends.both ? (
            <Link to="/x/$user/$val/branches/$branch" params={params}>
              Merge {branch.name} into {ends.parent}
            </Link>
          ) : undefined
        }
      >
        {down
          ? `${branch.name} has all that is in ${ends.parent}.`
          : `${ends.parent} has all that is in ${branch.name}.`}
      </Empty>
    );
  }
  return (
    <>
      {preview.conflicts.length > 0 && <Conflicts {...props} />}
      {mayWrite && preview.mergeable && <MergeButton {...props} />}
      {!mayWrite && <Note>Only those who may change this val can merge.</Note>}
      <h3>What has changed in {down ? ends.parent : branch.name}</h3>
      <MergeDiff preview={preview} />
    </>
  );
}

function MergeButton({ branch, ends, down, preview }: OutcomeProps) {
  const { val } = useVal();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const merge = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const json = down ? { from: "parent" as const } : { into: "parent" as const };
      const done = await call("mergeBranch", { params: { val_id: val.id, branch_id: branch.id }, json });
      await changedBranch();
      const into = down ? branch.name : ends.parent;
      if (down && done.conflicts.some(({ kind }) => kind === "content")) {
        toast(`Version ${done.version} of ${into} has both sides of each conflict. Resolve them here.`);
        return;
      }
      const broken = done.diagnostics ? " It could not be built; the last good version is served." : "";
      toast(`Merged: this is version ${done.version} of ${into}.${broken}`);
      const params = { user: val.author.username ?? "", val: val.name, version: String(done.version) };
      const search = down ? { branch: branch.name } : ends.parentSearch;
      await navigate({ to: "/x/$user/$val/history/$version", params, search });
    } catch (error) {
      setProblem(sayProblem(error));
      void changedBranch();
    } finally {
      setBusy(false);
    }
  };
  const hasConflicts = preview.conflicts.length > 0;
  return (
    <div className="stack tight">
      <div>
        <Button kind="primary" icon={<GitMerge size={16} />} busy={busy} onClick={merge}>
          {down ? `Take the changes${hasConflicts ? " and resolve" : ""}` : `Merge into ${ends.parent}`}
        </Button>
      </div>
      {problem !== undefined && <Note kind="bad">{problem}</Note>}
    </div>
  );
}
