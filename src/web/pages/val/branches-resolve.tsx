/** The conflicts that a merge has left in the files of a branch, to be resolved one file after the other. */

import "./history.css";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { ask, call } from "../../client/call.ts";
import { Problem, sayProblem } from "../../client/problem.ts";
import { findConflicts } from "../../diff/conflict.ts";
import { ConflictView } from "../../diff/diff-view.tsx";
import { Button } from "../../ui/button.tsx";
import { Badge, count } from "../../ui/small.tsx";
import { Failed, Loading, Note } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import type { Branch } from "./branch.ts";
import { dropDraft, keepDraft, keptDraft } from "./branches-drafts.ts";
import { useVal } from "./context.ts";
import { changedBranch } from "./history-revert.tsx";

/** All files that still have conflicts. */
export function Resolver({
  branch,
  parent,
  paths,
}: {
  branch: Branch;
  parent: string;
  paths: readonly string[];
}) {
  const { mayWrite } = useVal();
  return (
    <div className="stack">
      <Note kind="warn">
        {count(paths.length, "file")} of {branch.name} still {paths.length === 1 ? "has" : "have"} conflicts
        with {parent}. Nothing more is merged until they are resolved.{" "}
        {mayWrite
          ? "Choose a side, or write what is right, then save."
          : "Those who may change this val can resolve them."}
      </Note>
      {paths.map((path) => (
        <OneFile key={path} branch={branch} path={path} parent={parent} />
      ))}
    </div>
  );
}

interface Marked {
  readonly text: string;
  readonly etag: string | null;
}

function OneFile({ branch, path, parent }: { branch: Branch; path: string; parent: string }) {
  const { val } = useVal();
  const file = useQuery({
    queryKey: ["resolving", branch.id, path],
    queryFn: async (): Promise<Marked> => {
      const answer = await ask("getFileContent", {
        params: { val_id: val.id },
        query: { path, branch_id: branch.id },
      });
      return { text: await answer.text(), etag: answer.headers.get("etag") };
    },
    // What is being resolved is not to change under the hands.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  if (file.error instanceof Problem && file.error.status === 404)
    return <Elsewhere path={path} parent={parent} />;
  if (file.error) return <Failed error={file.error} onRetry={() => void file.refetch()} />;
  if (file.data === undefined) return <Loading />;
  if (findConflicts(file.data.text).length === 0) return <Elsewhere path={path} parent={parent} />;
  return (
    <Resolving
      key={file.data.etag}
      branch={branch}
      path={path}
      marked={file.data}
      reload={() => void file.refetch()}
    />
  );
}

/** A merge is refused for markers in either end; those of the other are resolved there. */
function Elsewhere({ path, parent }: { path: string; parent: string }) {
  return (
    <Note>
      <code>{path}</code> has markers of an earlier merge in {parent}. Resolve them there first.
    </Note>
  );
}

function Resolving({
  branch,
  path,
  marked,
  reload,
}: {
  branch: Branch;
  path: string;
  marked: Marked;
  reload: () => void;
}) {
  const { val, mayWrite } = useVal();
  const place = `${branch.id} ${path} ${marked.etag}`;
  const [text, setText] = useState(() => keptDraft(place) ?? marked.text);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const left = findConflicts(text).length;
  const change = (now: string) => {
    setText(now);
    keepDraft(place, now);
  };
  const save = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await call("updateFile", {
        params: { val_id: val.id },
        query: { path, branch_id: branch.id },
        json: { content: withEndsOf(marked.text, text) },
        ...(marked.etag !== null && { headers: { "if-match": marked.etag } }),
      });
      dropDraft(place);
      toast(`${path} is resolved.`);
      await changedBranch();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="history-file" aria-label={path}>
      <div className="row wrap history-file-head">
        <h3 className="mono cut">{path}</h3>
        {left > 0 ? (
          <Badge kind="warn">{count(left, "conflict")} left</Badge>
        ) : (
          <Badge kind="good">no conflicts left</Badge>
        )}
        <div className="row history-file-actions">
          <Button small kind="primary" busy={busy} disabled={left > 0 || !mayWrite} onClick={save}>
            Save resolved file
          </Button>
        </div>
      </div>
      {problem !== undefined && <Refused problem={problem} path={path} reload={reload} branch={branch} />}
      <ConflictView path={path} text={text} onChange={change} />
    </section>
  );
}

function Refused({
  problem,
  path,
  branch,
  reload,
}: {
  problem: unknown;
  path: string;
  branch: Branch;
  reload: () => void;
}) {
  const { val } = useVal();
  const params = { user: val.author.username ?? "", val: val.name };
  if (!(problem instanceof Problem) || problem.status !== 412) {
    return <Note kind="bad">{sayProblem(problem)} What you have written is kept here.</Note>;
  }
  return (
    <Note kind="bad">
      Somebody else has changed {path} meanwhile. What you have written is kept here until you{" "}
      <Button small onClick={reload}>
        load what is there now
      </Button>{" "}
      or look at the{" "}
      <Link to="/x/$user/$val/history" params={params} search={{ branch: branch.name }}>
        history
      </Link>
      .
    </Note>
  );
}

/** The editor has lines that end with a line feed; a file whose lines end otherwise gets its own back. */
function withEndsOf(original: string, text: string): string {
  return original.includes("\r\n") ? text.replace(/\r?\n/g, "\r\n") : text;
}
