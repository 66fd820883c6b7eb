/** What becomes of a pull request: merged, closed, opened again. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { GitMerge } from "lucide-react";
import { useState } from "react";
import { call } from "../../client/call.ts";
import type { Answer } from "../../client/contract.ts";
import { Problem, sayProblem } from "../../client/problem.ts";
import { query } from "../../client/queries.ts";
import { Button, buttonClass } from "../../ui/button.tsx";
import { Ago, count } from "../../ui/small.tsx";
import { Note } from "../../ui/states.tsx";
import { toast, toastProblem } from "../../ui/toast.tsx";
import { branchSearch } from "./branch.ts";
import { ConflictList } from "./branches-conflicts.tsx";
import { useVal, type ValView } from "./context.ts";
import { Author } from "./history-author.tsx";
import { changedBranch } from "./history-revert.tsx";
import type { OnePull } from "./pull.tsx";

type Conflicts = Answer<"previewMerge">["conflicts"];

/** The buttons, or how it ended. */
export function PullActions({ pull }: { pull: OnePull }) {
  return pull.state === "open" ? <OpenActions pull={pull} /> : <Ended pull={pull} />;
}

function OpenActions({ pull }: { pull: OnePull }) {
  const view = useVal();
  const { val, mayWrite, viewer } = view;
  const [busy, setBusy] = useState<"merge" | "close">();
  const [problem, setProblem] = useState<unknown>();
  const params = { val_id: val.id, number: String(pull.number) };
  const source = pull.source;
  const isLost = source === null || pull.target === null;
  // Only merges within a val can be looked at before.
  const preview = useQuery({
    ...query("previewMerge", {
      params: { val_id: val.id, branch_id: source?.branchId ?? "" },
      query: { into: "parent" },
    }),
    enabled: source?.valId === val.id,
  });
  const conflicts = conflictsOf(problem) ?? preview.data?.conflicts ?? [];
  const unresolved = preview.data?.unresolved ?? [];
  const merge = async () => {
    setBusy("merge");
    setProblem(undefined);
    try {
      const json = source === null ? {} : { sourceVersion: source.version };
      const done = await call("mergePull", { params, json });
      const broken = done.diagnostics ? " It could not be built; the last good version is served." : "";
      toast(`Merged: this is version ${done.version} of ${pull.target?.branch}.${broken}`);
    } catch (error) {
      setProblem(error);
    }
    await changedBranch();
    setBusy(undefined);
  };
  const close = async () => {
    setBusy("close");
    await closePull(params, mayReopen(pull, view));
    setBusy(undefined);
  };
  return (
    <div className="stack tight">
      {isLost && <Note>One of its branches is gone, so there is nothing to merge. It can be closed.</Note>}
      {unresolved.length > 0 && source && <Unresolved branch={source.branch} paths={unresolved} />}
      {conflicts.length > 0 && <InTheWay pull={pull} conflicts={conflicts} />}
      {problem !== undefined && conflictsOf(problem) === undefined && (
        <Note kind="bad">{sayProblem(problem)}</Note>
      )}
      <div className="row wrap">
        {mayWrite && (
          <Button
            kind="primary"
            icon={<GitMerge size={16} />}
            busy={busy === "merge"}
            disabled={conflicts.length > 0 || unresolved.length > 0 || isLost}
            onClick={merge}
          >
            Merge
          </Button>
        )}
        {(mayWrite || pull.author.id === viewer?.id) && (
          <Button busy={busy === "close"} onClick={close}>
            Close without merging
          </Button>
        )}
      </div>
    </div>
  );
}

function Unresolved({ branch, paths }: { branch: string; paths: readonly string[] }) {
  const { val } = useVal();
  const params = { user: val.author.username ?? "", val: val.name, branch };
  return (
    <Note kind="warn">
      {count(paths.length, "file")} still {paths.length === 1 ? "has" : "have"} conflicts of an earlier merge.{" "}
      <Link to="/x/$user/$val/branches/$branch" params={params} search={{ from: "parent" }}>
        Resolve them
      </Link>
      , then this can be merged.
    </Note>
  );
}

/** The conflicts that a merge was refused for. */
function conflictsOf(problem: unknown): Conflicts | undefined {
  if (!(problem instanceof Problem) || problem.status !== 409) return undefined;
  const { conflicts } = problem.body as { conflicts?: Conflicts };
  return conflicts && conflicts.length > 0 ? conflicts : undefined;
}

function InTheWay({ pull, conflicts }: { pull: OnePull; conflicts: Conflicts }) {
  const { val, mayWrite, viewer } = useVal();
  const { source, target } = pull;
  const isTheirs = source !== null && (source.valId === val.id ? mayWrite : pull.author.id === viewer?.id);
  const [user = "", name = ""] = source?.val.split("/") ?? [];
  return (
    <Note kind="warn">
      <div className="stack tight">
        <strong>Both have changed the same, so this cannot be merged yet</strong>
        <ConflictList conflicts={conflicts} />
        <p>
          They are resolved in {source?.branch} of {source?.val}: by taking the changes of {target?.branch}{" "}
          into it.
          {!isTheirs && " Its author can do that; then it can be merged."}
        </p>
        {isTheirs && (
          <p>
            <Link
              to="/x/$user/$val/branches/$branch"
              params={{ user, val: name, branch: source.branch }}
              search={{ from: "parent" }}
              className={buttonClass()}
            >
              Take the changes and resolve
            </Link>
          </p>
        )}
      </div>
    </Note>
  );
}

interface PullParams {
  readonly val_id: string;
  readonly number: string;
}

/** Who may change the source: of somebody's remix, that is its author as far as we know. */
function mayReopen({ author, source }: OnePull, { val, mayWrite, viewer }: ValView): boolean {
  if (source === null) return false;
  return author.id === viewer?.id || (source.valId === val.id && mayWrite);
}

async function closePull(params: PullParams, undo: boolean): Promise<void> {
  try {
    await call("closePull", { params });
    const action = { label: "Undo", run: () => void reopenPull(params) };
    toast("Closed.", undo ? { action } : {});
  } catch (error) {
    toastProblem(error);
  }
  await changedBranch();
}

async function reopenPull(params: PullParams): Promise<void> {
  try {
    await call("reopenPull", { params });
    toast("Open again.");
  } catch (error) {
    toastProblem(error);
  }
  await changedBranch();
}

function Ended({ pull }: { pull: OnePull }) {
  const view = useVal();
  const { val } = view;
  const [busy, setBusy] = useState(false);
  const params = { user: val.author.username ?? "", val: val.name };
  const reopen = async () => {
    setBusy(true);
    await reopenPull({ val_id: val.id, number: String(pull.number) });
    setBusy(false);
  };
  return (
    <div className="row wrap">
      <p className="quiet">
        {pull.state === "merged" ? "Merged" : "Closed"}
        {pull.endedBy && (
          <>
            {" "}
            by <Author author={pull.endedBy} />
          </>
        )}
        {pull.endedAt !== null && (
          <>
            {" "}
            <Ago at={pull.endedAt} />
          </>
        )}
        {pull.mergedVersion !== null && pull.target && (
          <>
            {" as "}
            <Link
              to="/x/$user/$val/history/$version"
              params={{ ...params, version: String(pull.mergedVersion) }}
              search={branchSearch(pull.target.branch)}
            >
              version {pull.mergedVersion} of {pull.target.branch}
            </Link>
          </>
        )}
      </p>
      {pull.state === "closed" && mayReopen(pull, view) && (
        <Button small busy={busy} onClick={reopen}>
          Reopen
        </Button>
      )}
    </div>
  );
}
