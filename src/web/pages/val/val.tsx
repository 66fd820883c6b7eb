/** What is around every part of a val: its name, its parts, and what they share. */

import "./val.css";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useParams } from "@tanstack/react-router";
import {
  Activity,
  Code2,
  Database,
  GitBranch,
  GitPullRequest,
  History,
  Package,
  Settings,
  Variable,
  Zap,
} from "lucide-react";
import { boot, signInPath } from "../../client/boot.ts";
import { Problem } from "../../client/problem.ts";
import { query } from "../../client/queries.ts";
import { useTitle } from "../../shell/title.ts";
import { buttonClass } from "../../ui/button.tsx";
import { useCurrentInView } from "../../ui/current.ts";
import { Empty, Failed, Loading } from "../../ui/states.tsx";
import { branchSearch, MAIN, useBranchName } from "./branch.ts";
import { useVal, ValContext } from "./context.ts";
import { ValHead } from "./head.tsx";

const PARTS: readonly [to: string, label: string, icon: typeof Code2, forWriters?: true][] = [
  ["", "Code", Code2],
  ["logs", "Logs", Activity, true],
  ["history", "History", History],
  ["branches", "Branches", GitBranch],
  ["pulls", "Pull requests", GitPullRequest],
  ["triggers", "Triggers", Zap],
  ["environment", "Environment", Variable, true],
  ["sqlite", "SQLite", Database, true],
  ["blobs", "Blobs", Package, true],
  ["settings", "Settings", Settings, true],
];

const ACTIVE = { className: "val-part active" };

/** Where a part of the val is, of the branch that is looked at. */
function partOf(user: string, val: string, branch: string, to: string) {
  const activeOptions = { exact: to === "", includeSearch: false };
  if (to === "" && branch !== MAIN) {
    return { to: "/x/$user/$val/branch/$branch", params: { user, val, branch }, activeOptions } as const;
  }
  const search = to === "" ? {} : branchSearch(branch);
  return { to: `/x/$user/$val/${to}` as "/x/$user/$val", params: { user, val }, search, activeOptions };
}

/** The page of a val; the part that the address names is within. */
export function ValPage() {
  const { user, val: name } = useParams({ strict: false }) as { user: string; val: string };
  const known = useQuery(query("getValByName", { params: { username: user, val_name: name } }));
  const found = useQuery({
    ...query("getValDetails", { params: { val_id: known.data?.id ?? "" } }),
    enabled: known.data !== undefined,
  });
  useTitle(`${user}/${name}`);
  const error = known.error ?? found.error;
  if (error instanceof Problem && error.status === 404) return <NoVal user={user} name={name} />;
  if (error) return <Failed error={error} onRetry={() => void known.refetch()} />;
  if (known.data === undefined || found.data === undefined) {
    return (
      <div className="page">
        <Loading lines={8} />
      </div>
    );
  }
  const val = found.data;
  return (
    <ValContext value={{ val, mayWrite: val.mayWrite ?? false, viewer: boot.viewer }}>
      <div className="val">
        <ValHead />
        <Parts user={user} name={name} />
        <div className="val-body">
          <Outlet />
        </div>
      </div>
    </ValContext>
  );
}

/** The way to all parts of the val. */
function Parts({ user, name }: { user: string; name: string }) {
  const { mayWrite } = useVal();
  const branch = useBranchName();
  const isFile = "_splat" in useParams({ strict: false });
  const parts = useCurrentInView<HTMLElement>();
  return (
    <nav className="val-parts" aria-label="Parts of this val" ref={parts}>
      {PARTS.filter(([, , , forWriters]) => !forWriters || mayWrite).map(([to, label, Icon]) => (
        <Link
          key={to}
          {...partOf(user, name, branch, to)}
          className={to === "" && isFile ? ACTIVE.className : "val-part"}
          activeProps={ACTIVE}
        >
          <Icon size={17} aria-hidden />
          <span>{label}</span>
        </Link>
      ))}
    </nav>
  );
}

/** Which it is, is not told: what one may not read is as what does not exist. */
function NoVal({ user, name }: { user: string; name: string }) {
  const action =
    boot.viewer === null ? (
      <a className={buttonClass({ kind: "primary" })} href={signInPath()}>
        Sign in
      </a>
    ) : (
      <Link className={buttonClass()} to="/u/$name" params={{ name: user }}>
        To the vals of {user}
      </Link>
    );
  return (
    <Empty title="Not found" action={action}>
      There is no val {user}/{name}, or it is private.
    </Empty>
  );
}
