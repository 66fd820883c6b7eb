/** A new pull request: from a branch to its parent, or from a remix to this val. */

import "./history.css";
import "./pulls.css";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { signInPath } from "../../client/boot.ts";
import { call } from "../../client/call.ts";
import { sayProblem } from "../../client/problem.ts";
import { invalidate, query } from "../../client/queries.ts";
import { useTitle } from "../../shell/title.ts";
import { Button, buttonClass } from "../../ui/button.tsx";
import { Field, Select } from "../../ui/field.tsx";
import { Empty, Loading, Note } from "../../ui/states.tsx";
import { type Branch, branchesOf } from "./branch.ts";
import { MergeDiff } from "./branches-merge-diff.tsx";
import { useVal } from "./context.ts";
import { PullFields } from "./pull-edit.tsx";

/** One branch that can be proposed. */
interface Source {
  readonly branch: Branch;
  readonly label: string;
  readonly targetId: string | undefined;
  /** The branch of this val, or the name of this val for a remix. */
  readonly target: string;
  /** Of the remix; undefined for a branch of this val. */
  readonly valId: string | undefined;
}

/** The page on which a pull request is written. */
export function NewPull() {
  const { val, viewer } = useVal();
  const sources = useSources();
  useTitle("New pull request");
  const params = { user: val.author.username ?? "", val: val.name };
  if (viewer === null) {
    return (
      <Empty
        title="Sign in to propose changes"
        action={
          <a className={buttonClass({ kind: "primary" })} href={signInPath()}>
            Sign in
          </a>
        }
      />
    );
  }
  return (
    <div className="page stack history-version">
      <h2>New pull request</h2>
      {sources === undefined ? (
        <Loading />
      ) : sources.length === 0 ? (
        <Empty
          title="Nothing to propose yet"
          action={
            <Link to="/x/$user/$val/branches" params={params}>
              Branches
            </Link>
          }
        >
          A pull request proposes the changes of a branch to the branch that it was made from. Make a branch,
          or remix this val, and change something there.
        </Empty>
      ) : (
        <NewPullForm sources={sources} />
      )}
    </div>
  );
}

/** What is proposed is what is there now, not what was a moment ago. */
const FRESH = { staleTime: 0 };

/** What can be proposed here: branches of this val, and those of the remix that the address names. */
function useSources(): Source[] | undefined {
  const { val, mayWrite } = useVal();
  const { sourceVal } = useSearch({ strict: false }) as { sourceVal?: string };
  const own = useQuery({ ...branchesOf(val.id), enabled: mayWrite, ...FRESH });
  const isAsked = sourceVal !== undefined;
  const remix = useQuery({
    ...query("getValDetails", { params: { val_id: sourceVal ?? "" } }),
    enabled: isAsked,
  });
  const remixed = useQuery({ ...branchesOf(sourceVal ?? ""), enabled: isAsked, ...FRESH });
  if ((mayWrite && own.isLoading) || remix.isLoading || remixed.isLoading) return undefined;
  const branches = own.data?.data ?? [];
  const here = branches.flatMap((branch): Source[] => {
    const parent = branches.find(({ id }) => id === branch.forkedBranchId);
    if (parent === undefined) return [];
    return [{ branch, label: branch.name, targetId: parent.id, target: parent.name, valId: undefined }];
  });
  const from = remix.data;
  if (from?.origin?.valId !== val.id) return here;
  const name = `${from.author.username}/${from.name}`;
  const there = (remixed.data?.data ?? []).map((branch) => ({
    branch,
    label: branch.forkedBranchId === null ? name : `${name}@${branch.name}`,
    targetId: undefined,
    target: `${val.author.username}/${val.name}`,
    valId: from.id,
  }));
  return [...there, ...here];
}

function NewPullForm({ sources }: { sources: readonly Source[] }) {
  const { val } = useVal();
  const navigate = useNavigate();
  const { source: wanted } = useSearch({ strict: false }) as { source?: string };
  const [sourceId, setSourceId] = useState(
    () => (sources.find(({ branch }) => branch.id === wanted) ?? sources[0]!).branch.id,
  );
  const [title, setTitle] = useState("");
  const [description, setDescription] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const source = sources.find(({ branch }) => branch.id === sourceId) ?? sources[0]!;
  const open = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      const ends = { sourceBranchId: sourceId, ...(source.targetId && { targetBranchId: source.targetId }) };
      const json = { title, description: description.trim() || null, ...ends };
      const made = await call("openPull", { params: { val_id: val.id }, json });
      await invalidate("listPulls");
      const params = { user: val.author.username ?? "", val: val.name, number: String(made.number) };
      await navigate({ to: "/x/$user/$val/pulls/$number", params });
    } catch (error) {
      setProblem(sayProblem(error));
      setBusy(false);
    }
  };
  return (
    <>
      <form className="card stack pulls-form" onSubmit={open}>
        <Field label="Changes of" hint={`They are proposed to ${source.target}.`}>
          <Select value={sourceId} onChange={(event) => setSourceId(event.target.value)}>
            {sources.map(({ branch, label, target }) => (
              <option key={branch.id} value={branch.id}>
                {label} (v{branch.version}) → {target}
              </option>
            ))}
          </Select>
        </Field>
        <PullFields
          title={title}
          setTitle={setTitle}
          description={description}
          setDescription={setDescription}
        />
        {problem !== undefined && <Note kind="bad">{problem}</Note>}
        <div className="row">
          <Button kind="primary" type="submit" busy={busy}>
            Open pull request
          </Button>
        </div>
      </form>
      <Proposed source={source} key={source.branch.id} />
    </>
  );
}

/** What it would change. */
function Proposed({ source }: { source: Source }) {
  const { val } = useVal();
  const { branch, valId } = source;
  // From a remix, only the way back is told; what both come from is the same.
  const preview = useQuery({
    ...query("previewMerge", {
      params: { val_id: valId ?? val.id, branch_id: branch.id },
      query: valId === undefined ? { into: "parent" } : { from: "parent" },
    }),
    enabled: valId === undefined || branch.forkedBranchId === null,
    ...FRESH,
  });
  if (preview.data === undefined) return null;
  const ends = {
    base: preview.data.base,
    source: { branchId: branch.id, version: branch.version },
  };
  return (
    <>
      <h3>What it would change</h3>
      <MergeDiff preview={ends} {...(valId !== undefined && { otherVal: valId })} />
    </>
  );
}
