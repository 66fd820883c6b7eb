/** The versions of a branch. */

import "./history.css";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Undo2 } from "lucide-react";
import { useState } from "react";
import { call } from "../../client/call.ts";
import { query } from "../../client/queries.ts";
import { useTitle } from "../../shell/title.ts";
import { Button } from "../../ui/button.tsx";
import { Ago, Badge } from "../../ui/small.tsx";
import { Empty, Failed, Loading } from "../../ui/states.tsx";
import { type Branch, branchSearch, useBranch } from "./branch.ts";
import { useVal } from "./context.ts";
import { Author } from "./history-author.tsx";
import { RevertDialog } from "./history-revert.tsx";
import { byDay, type Change, sayVersion, type Version } from "./history-words.ts";

const PAGE = 50;

/** Versions of a branch. */
export function History() {
  const { val } = useVal();
  const { name, branch, unknown, error, refetch } = useBranch();
  useTitle(`History of ${val.name}`);
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (unknown) return <NoBranch name={name} />;
  return (
    <div className="page">
      <div className="row apart wrap history-top">
        <h2>History of {name}</h2>
      </div>
      {branch === undefined ? <Loading lines={8} /> : <Versions branch={branch} key={branch.id} />}
    </div>
  );
}

/** The address names a branch that is not there. */
export function NoBranch({ name }: { name: string }) {
  const { val } = useVal();
  const params = { user: val.author.username ?? "", val: val.name };
  return (
    <Empty
      title={`There is no branch ${name}`}
      action={
        <Link to="/x/$user/$val/branches" params={params}>
          All branches
        </Link>
      }
    >
      It may have been renamed, or deleted after a merge.
    </Empty>
  );
}

function Versions({ branch }: { branch: Branch }) {
  const { val } = useVal();
  const asked = { params: { val_id: val.id }, query: { branch_id: branch.id, limit: PAGE } };
  const versions = useInfiniteQuery({
    queryKey: ["listVersions", "all", asked],
    queryFn: ({ pageParam, signal }) =>
      call("listVersions", { ...asked, query: { ...asked.query, offset: pageParam }, signal }),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => (last.links.next === undefined ? undefined : pages.length * PAGE),
  });
  const builds = useQuery(
    query("listBuilds", { params: { val_id: val.id }, query: { branch_id: branch.id, limit: 100 } }),
  );
  const [reverting, setReverting] = useState<number>();
  if (versions.data === undefined) {
    if (versions.error) return <Failed error={versions.error} onRetry={() => void versions.refetch()} />;
    return <Loading lines={8} />;
  }
  const served = new Set(builds.data?.data.map(({ serving }) => serving?.version));
  const failed = new Set(builds.data?.data.map(({ failed: one }) => one?.version));
  const state = (n: number) => (failed.has(n) ? "failed" : served.has(n) ? "live" : undefined);
  return (
    <>
      {byDay(versions.data.pages.flatMap(({ data }) => data)).map(([day, all]) => (
        <section key={day} className="history-day">
          <h3 className="quiet small">{day}</h3>
          <ol className="history-list">
            {all.map((one) => (
              <VersionRow
                key={one.version}
                version={one}
                branch={branch}
                state={state(one.version)}
                onRevert={() => setReverting(one.version)}
              />
            ))}
          </ol>
        </section>
      ))}
      {versions.hasNextPage && (
        <Button busy={versions.isFetchingNextPage} onClick={() => void versions.fetchNextPage()}>
          Show older versions
        </Button>
      )}
      {reverting !== undefined && (
        <RevertDialog
          valId={val.id}
          branch={branch}
          version={reverting}
          onClose={() => setReverting(undefined)}
        />
      )}
    </>
  );
}

function VersionRow({
  version,
  branch,
  state,
  onRevert,
}: {
  version: Version;
  branch: Branch;
  state: "failed" | "live" | undefined;
  onRevert: () => void;
}) {
  const { val, mayWrite } = useVal();
  const { branches } = useBranch();
  const params = { user: val.author.username ?? "", val: val.name, version: String(version.version) };
  return (
    <li className="history-row">
      <span className="history-number mono">v{version.version}</span>
      <div className="grow">
        <div className="row wrap history-title">
          <Link to="/x/$user/$val/history/$version" params={params} search={branchSearch(branch.name)}>
            {sayVersion(version, branches)}
          </Link>
          {state === "live" && <Badge kind="good">live</Badge>}
          {state === "failed" && <Badge kind="bad">does not build</Badge>}
        </div>
        <div className="quiet small">
          <Author author={version.author} /> · <Ago at={version.createdAt} />
        </div>
        <Changes changes={version.changes} total={version.changeCount} />
      </div>
      {mayWrite && version.version !== branch.version && (
        <Button
          small
          icon={<Undo2 size={15} />}
          onClick={onRevert}
          aria-label={`Revert to version ${version.version}`}
        >
          <span className="history-word">Revert</span>
        </Button>
      )}
    </li>
  );
}

const MARKS: Readonly<Record<Change["kind"], string>> = {
  added: "+",
  modified: "~",
  removed: "−",
  renamed: "→",
  retyped: "~",
};
const SHOWN = 4;

/** Which files, when the sentence above does not say it. */
function Changes({ changes, total }: { changes: readonly Change[]; total: number }) {
  if (total < 2) return null;
  return (
    <ul className="history-changes mono">
      {changes.slice(0, SHOWN).map(({ kind, path }) => (
        <li key={path} className={kind}>
          <span aria-hidden>{MARKS[kind]} </span>
          <span className="unseen">{kind} </span>
          {path}
        </li>
      ))}
      {total > SHOWN && <li className="quiet">and {total - SHOWN} more</li>}
    </ul>
  );
}
