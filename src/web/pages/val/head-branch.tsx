/** Which branch and version of the val one looks at, and the way to another. */

import { Link, useNavigate, useParams, useRouterState } from "@tanstack/react-router";
import { Check, ChevronDown, GitBranch, GitBranchPlus } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Button, buttonClass } from "../../ui/button.tsx";
import { Menu, MenuItem, MenuLabel, MenuLine } from "../../ui/menu.tsx";
import { branchSearch, MAIN, useBranch } from "./branch.ts";
import { useVal } from "./context.ts";

const NewBranch = lazy(async () => ({ default: (await import("./branches-new.tsx")).NewBranch }));

/** The branch with its version, and a menu of all branches. */
export function BranchSwitcher() {
  const { val, mayWrite } = useVal();
  const { name, branch, branches, unknown } = useBranch();
  const goTo = useGoToBranch();
  const [making, setMaking] = useState(false);
  const params = { user: val.author.username ?? "", val: val.name };
  const trigger = (
    <Button small className="val-branch" aria-label={`Branch ${name}`} icon={<GitBranch size={15} />}>
      <span className="cut">{name}</span>
      <ChevronDown size={14} aria-hidden />
    </Button>
  );
  return (
    <div className="val-branches row">
      <Menu trigger={trigger}>
        <MenuLabel>Branches</MenuLabel>
        {branches.map((one) => (
          <MenuItem key={one.id} onSelect={() => goTo(one.name)}>
            <span className="grow">{one.name}</span>
            <span className="quiet small">v{one.version}</span>
            <Check size={15} aria-hidden visibility={one.name === name ? "visible" : "hidden"} />
          </MenuItem>
        ))}
        <MenuLine />
        {mayWrite && (
          <MenuItem onSelect={() => setMaking(true)}>
            <GitBranchPlus size={15} /> New branch…
          </MenuItem>
        )}
        <MenuItem asChild>
          <Link to="/x/$user/$val/branches" params={params}>
            <GitBranch size={15} /> All branches
          </Link>
        </MenuItem>
      </Menu>
      <Link
        to="/x/$user/$val/history"
        params={params}
        search={branchSearch(name)}
        className={buttonClass({ kind: "plain", small: true }, "val-version")}
      >
        {unknown ? "no such branch" : branch ? `v${branch.version}` : ""}
        <span className="unseen"> History of {name}</span>
      </Link>
      {making && branch && (
        <Suspense>
          <NewBranch branches={branches} from={branch} onClose={() => setMaking(false)} onMade={goTo} />
        </Suspense>
      )}
    </div>
  );
}

/** Goes to another branch: to the same file of it, or the same part of the val. */
export function useGoToBranch(): (name: string) => void {
  const { val } = useVal();
  const navigate = useNavigate();
  const pathname = useRouterState({ select: ({ location }) => location.pathname });
  const { _splat: file } = useParams({ strict: false }) as { _splat?: string };
  const params = { user: val.author.username ?? "", val: val.name };
  const part = pathname.split("/")[4] ?? "";
  return (branch) => {
    if (!OF_ALL.has(part)) {
      const to = `/x/$user/$val/${part}` as "/x/$user/$val/history";
      void navigate({ to, params, search: branchSearch(branch) });
    } else if (branch === MAIN) {
      if (file) void navigate({ to: "/x/$user/$val/code/$", params: { ...params, _splat: file } });
      else void navigate({ to: "/x/$user/$val", params });
    } else if (file) {
      const place = { ...params, branch, _splat: file };
      void navigate({ to: "/x/$user/$val/branch/$branch/code/$", params: place });
    } else void navigate({ to: "/x/$user/$val/branch/$branch", params: { ...params, branch } });
  };
}

/** Parts that are the code, or are not of one branch: from these one goes to the branch's code. */
const OF_ALL: ReadonlySet<string> = new Set(["", "code", "branch", "branches", "pulls", "traces"]);
