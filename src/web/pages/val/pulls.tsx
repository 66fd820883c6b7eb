/** The pull requests to a val. */

import "./history.css";
import "./pulls.css";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { GitPullRequest, GitPullRequestCreate } from "lucide-react";
import type { ReactNode } from "react";
import { call } from "../../client/call.ts";
import type { Row } from "../../client/contract.ts";
import { useTitle } from "../../shell/title.ts";
import { Button, buttonClass } from "../../ui/button.tsx";
import { Ago } from "../../ui/small.tsx";
import { Empty, Failed, Loading } from "../../ui/states.tsx";
import { useVal } from "./context.ts";
import { Author } from "./history-author.tsx";
import { Ends, StateBadge } from "./pull-ends.tsx";
import { usePropose } from "./pulls-propose.ts";

/** A pull request as lists have it. */
export type Pull = Row<"listPulls">;

const STATES = [undefined, "merged", "closed"] as const;
const LABELS = { open: "Open", merged: "Merged", closed: "Closed" } as const;
const PAGE = 30;
const EXACT = { exact: true, includeSearch: true };

/** Pull requests to a val. */
export function Pulls() {
  const { val, mayWrite } = useVal();
  const { state } = useSearch({ strict: false }) as { state?: "merged" | "closed" };
  const propose = usePropose();
  const params = { user: val.author.username ?? "", val: val.name };
  useTitle(`Pull requests to ${val.name}`);
  return (
    <div className="page stack">
      <div className="row apart wrap">
        <h2>Pull requests</h2>
        <div className="row wrap">
          {propose && (
            <Button icon={<GitPullRequestCreate size={16} />} onClick={propose.go}>
              Propose changes to {propose.to}
            </Button>
          )}
          {mayWrite && (
            <Link to="/x/$user/$val/pulls/new" params={params} className={buttonClass({ kind: "primary" })}>
              New pull request
            </Link>
          )}
        </div>
      </div>
      <nav className="tabs" aria-label="State">
        {STATES.map((one) => (
          <Link
            key={one ?? "open"}
            to="/x/$user/$val/pulls"
            params={params}
            search={one === undefined ? {} : { state: one }}
            className="tab"
            activeOptions={EXACT}
          >
            {LABELS[one ?? "open"]}
          </Link>
        ))}
      </nav>
      <PullList state={state ?? "open"} key={state} />
    </div>
  );
}

function PullList({ state }: { state: Pull["state"] }) {
  const { val } = useVal();
  const asked = { params: { val_id: val.id }, query: { state, limit: PAGE } };
  const pulls = useInfiniteQuery({
    queryKey: ["listPulls", "all", asked],
    queryFn: ({ pageParam, signal }) =>
      call("listPulls", { ...asked, query: { ...asked.query, offset: pageParam }, signal }),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => (last.links.next === undefined ? undefined : pages.length * PAGE),
  });
  if (pulls.error) return <Failed error={pulls.error} onRetry={() => void pulls.refetch()} />;
  if (pulls.data === undefined) return <Loading lines={4} />;
  const all = pulls.data.pages.flatMap(({ data }) => data);
  if (all.length === 0)
    return <Empty title={`No ${state} pull requests`}>{state === "open" && <HowTo />}</Empty>;
  return (
    <>
      <ul className="history-list">
        {all.map((pull) => (
          <PullRow key={pull.number} pull={pull} />
        ))}
      </ul>
      {pulls.hasNextPage && (
        <div>
          <Button busy={pulls.isFetchingNextPage} onClick={() => void pulls.fetchNextPage()}>
            Show older ones
          </Button>
        </div>
      )}
    </>
  );
}

function HowTo(): ReactNode {
  const { mayWrite } = useVal();
  return mayWrite
    ? "Changes of a branch can be looked at together before they are merged: open one from a branch. Others propose theirs from a remix."
    : "To propose a change: remix this val, change your copy, and choose “Propose changes” there.";
}

function PullRow({ pull }: { pull: Pull }) {
  const { val } = useVal();
  const params = { user: val.author.username ?? "", val: val.name, number: String(pull.number) };
  return (
    <li className="history-row">
      <GitPullRequest size={17} className={`pulls-icon ${pull.state}`} aria-hidden />
      <div className="grow">
        <div className="row wrap history-title">
          <Link to="/x/$user/$val/pulls/$number" params={params}>
            {pull.title}
          </Link>
          {pull.state !== "open" && <StateBadge state={pull.state} />}
        </div>
        <div className="quiet small">
          #{pull.number} · <Author author={pull.author} /> · <Ago at={pull.createdAt} /> ·{" "}
          <Ends pull={pull} />
        </div>
      </div>
    </li>
  );
}
