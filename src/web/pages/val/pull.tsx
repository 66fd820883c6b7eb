/** One pull request: what it proposes, what it changes, and what becomes of it. */

import "./history.css";
import "./pulls.css";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Pencil } from "lucide-react";
import { useMemo, useState } from "react";
import { call } from "../../client/call.ts";
import type { Answer } from "../../client/contract.ts";
import { query } from "../../client/queries.ts";
import { Markdown } from "../../markdown/markdown.tsx";
import { useTitle } from "../../shell/title.ts";
import { IconButton } from "../../ui/button.tsx";
import { Ago } from "../../ui/small.tsx";
import { Failed, Loading } from "../../ui/states.tsx";
import { useBranch } from "./branch.ts";
import { useVal } from "./context.ts";
import { Author } from "./history-author.tsx";
import { type FileDiff, FileDiffs } from "./history-files.tsx";
import { idOf, textsOf } from "./history-texts.ts";
import { PullActions } from "./pull-actions.tsx";
import { EditPull } from "./pull-edit.tsx";
import { Ends, StateBadge } from "./pull-ends.tsx";

/** One pull request as the API tells it. */
export type OnePull = Answer<"getPull">;

/** One pull request. */
export function PullPage() {
  const { val } = useVal();
  const { number } = useParams({ strict: false }) as { number: string };
  const asked = { params: { val_id: val.id, number } };
  const found = useQuery(query("getPull", asked));
  useTitle(found.data?.title ?? `Pull request ${number}`);
  if (found.error) return <Failed error={found.error} onRetry={() => void found.refetch()} />;
  return (
    <div className="page stack history-version">
      {found.data === undefined ? (
        <Loading lines={8} />
      ) : (
        <OnePullView pull={found.data} key={found.data.number} />
      )}
    </div>
  );
}

function OnePullView({ pull }: { pull: OnePull }) {
  const { val, mayWrite, viewer } = useVal();
  const [editing, setEditing] = useState(false);
  const mayChange = mayWrite || pull.author.id === viewer?.id;
  const params = { user: val.author.username ?? "", val: val.name };
  return (
    <>
      <Link to="/x/$user/$val/pulls" params={params} className="small">
        ← Pull requests
      </Link>
      <div className="row wrap">
        <h2>
          {pull.title} <span className="quiet pulls-number">#{pull.number}</span>
        </h2>
        {mayChange && (
          <IconButton label="Edit title and description" small onClick={() => setEditing(true)}>
            <Pencil size={15} />
          </IconButton>
        )}
      </div>
      <p className="row wrap quiet">
        <StateBadge state={pull.state} />
        <span>
          <Author author={pull.author} /> · <Ago at={pull.createdAt} /> · <Ends pull={pull} />
        </span>
      </p>
      {pull.description !== null && pull.description.trim() !== "" && (
        <div className="card">
          <Markdown text={pull.description} />
        </div>
      )}
      <PullActions pull={pull} />
      <PullDiff pull={pull} />
      {editing && <EditPull pull={pull} onClose={() => setEditing(false)} />}
    </>
  );
}

function PullDiff({ pull }: { pull: OnePull }) {
  const { val } = useVal();
  const { branches } = useBranch();
  const params = useMemo(() => ({ val_id: val.id, number: String(pull.number) }), [val.id, pull.number]);
  const found = useQuery(query("getPullDiff", { params }));
  const parts = useMemo(() => {
    const diff = found.data;
    if (diff === undefined) return undefined;
    const isOwn = (branchId: string) => branches.some(({ id }) => id === branchId);
    return {
      id: `${params.number} ${idOf(diff)}`,
      alone: async (path: string) => {
        const one = await call("getPullDiff", { params, query: { path } });
        return one.files.find((file) => file.path === path);
      },
      // Texts of somebody's remix may not be ours to read: there, the changes alone are shown.
      whole:
        isOwn(diff.from.branchId) && isOwn(diff.to.branchId)
          ? (file: FileDiff) => textsOf(val.id, diff, file)
          : undefined,
    };
  }, [found.data, params, branches, val.id]);
  if (found.error) return <Failed error={found.error} onRetry={() => void found.refetch()} />;
  if (found.data === undefined || parts === undefined) return <Loading lines={8} />;
  return <FileDiffs files={found.data.files} {...parts} />;
}
