/** The branches of a val. */

import "./branches.css";
import { Link } from "@tanstack/react-router";
import { Ellipsis, GitBranchPlus } from "lucide-react";
import { useState } from "react";
import { useTitle } from "../../shell/title.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Menu, MenuItem, MenuLine } from "../../ui/menu.tsx";
import { Ago, Badge } from "../../ui/small.tsx";
import { Failed, Loading } from "../../ui/states.tsx";
import { type Branch, branchSearch, MAIN, useBranch } from "./branch.ts";
import { DeleteBranch, RenameBranch } from "./branches-change.tsx";
import { Compared } from "./branches-compared.tsx";
import { NewBranch } from "./branches-new.tsx";
import { useVal } from "./context.ts";
import { useGoToBranch } from "./head-branch.tsx";

/** Branches of a val. */
export function Branches() {
  const { val, mayWrite } = useVal();
  const { branches, branch, error, refetch } = useBranch();
  const goTo = useGoToBranch();
  const [making, setMaking] = useState<Branch>();
  useTitle(`Branches of ${val.name}`);
  if (error) return <Failed error={error} onRetry={refetch} />;
  const from = branch ?? branches[0];
  return (
    <div className="page stack">
      <div className="row apart wrap">
        <h2>Branches</h2>
        {mayWrite && (
          <Button
            kind="primary"
            icon={<GitBranchPlus size={16} />}
            disabled={from === undefined}
            onClick={() => setMaking(from)}
          >
            New branch
          </Button>
        )}
      </div>
      {branches.length === 0 ? <Loading /> : <BranchTable branches={branches} onFork={setMaking} />}
      {branches.length === 1 && (
        <p className="quiet">
          On a branch, something new can be tried out: its files have endpoints of their own, and main goes on
          as it is until the branch is merged.
        </p>
      )}
      {making && (
        <NewBranch
          branches={branches}
          from={making}
          onClose={() => setMaking(undefined)}
          onMade={(name) => goTo(name)}
        />
      )}
    </div>
  );
}

/** For how many rows the merges are worked out without being asked for. */
const COMPARED = 15;

function BranchTable({ branches, onFork }: { branches: readonly Branch[]; onFork: (from: Branch) => void }) {
  const [renaming, setRenaming] = useState<Branch>();
  const [deleting, setDeleting] = useState<Branch>();
  return (
    <div className="table-wrap">
      <table className="table">
        <thead>
          <tr>
            <th>Branch</th>
            <th className="branches-wide">Version</th>
            <th className="branches-wide">Changed</th>
            <th>To merge</th>
            <th>
              <span className="unseen">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {branches.map((branch, at) => (
            <BranchRow
              key={branch.id}
              branch={branch}
              branches={branches}
              compared={at <= COMPARED}
              onFork={() => onFork(branch)}
              onRename={() => setRenaming(branch)}
              onDelete={() => setDeleting(branch)}
            />
          ))}
        </tbody>
      </table>
      {renaming && <RenameBranch branch={renaming} onClose={() => setRenaming(undefined)} />}
      {deleting && <DeleteBranch branch={deleting} onClose={() => setDeleting(undefined)} />}
    </div>
  );
}

interface RowProps {
  readonly branch: Branch;
  readonly branches: readonly Branch[];
  readonly compared: boolean;
  readonly onFork: () => void;
  readonly onRename: () => void;
  readonly onDelete: () => void;
}

function BranchRow({ branch, branches, compared, ...acts }: RowProps) {
  const { val } = useVal();
  const { name: current } = useBranch();
  const goTo = useGoToBranch();
  const params = { user: val.author.username ?? "", val: val.name };
  const parent = branches.find(({ id }) => id === branch.forkedBranchId);
  const { name } = branch;
  return (
    <tr>
      <td className="branches-first">
        <div className="row wrap">
          <button type="button" className="branches-name" onClick={() => goTo(name)} title={`Go to ${name}`}>
            {name}
          </button>
          {name === current && <Badge kind="good">shown</Badge>}
        </div>
        <div className="quiet small">
          <span className="branches-narrow">
            v{branch.version} · <Ago at={branch.updatedAt} /> {parent && "· "}
          </span>
          {parent && `from ${parent.name}`}
        </div>
      </td>
      <td className="branches-wide">
        <Link to="/x/$user/$val/history" params={params} search={branchSearch(name)}>
          v{branch.version}
        </Link>
      </td>
      <td className="branches-wide branches-when">
        <Ago at={branch.updatedAt} />
      </td>
      <td>
        <Compared branch={branch} parent={parent} automatic={compared} />
      </td>
      <td className="branches-more">
        <BranchMenu branch={branch} parent={parent} {...acts} />
      </td>
    </tr>
  );
}

function BranchMenu({
  branch,
  parent,
  onFork,
  onRename,
  onDelete,
}: Omit<RowProps, "branches" | "compared"> & { parent: Branch | undefined }) {
  const { val, mayWrite } = useVal();
  const goTo = useGoToBranch();
  const params = { user: val.author.username ?? "", val: val.name, branch: branch.name };
  const { name } = branch;
  const trigger = (
    <IconButton label={`More for ${name}`} small>
      <Ellipsis size={17} />
    </IconButton>
  );
  return (
    <Menu trigger={trigger}>
      <MenuItem onSelect={() => goTo(name)}>Go to {name}</MenuItem>
      {mayWrite && <MenuItem onSelect={onFork}>New branch from {name}…</MenuItem>}
      {parent && (
        <>
          <MenuLine />
          <MenuItem asChild>
            <Link to="/x/$user/$val/branches/$branch" params={params}>
              Merge into {parent.name}…
            </Link>
          </MenuItem>
          <MenuItem asChild>
            <Link to="/x/$user/$val/branches/$branch" params={params} search={{ from: "parent" }}>
              Take changes of {parent.name}…
            </Link>
          </MenuItem>
          {mayWrite && (
            <MenuItem asChild>
              <Link to="/x/$user/$val/pulls/new" params={params} search={{ source: branch.id }}>
                Open a pull request…
              </Link>
            </MenuItem>
          )}
        </>
      )}
      {mayWrite && name !== MAIN && (
        <>
          <MenuLine />
          <MenuItem onSelect={onRename}>Rename…</MenuItem>
          <MenuItem danger onSelect={onDelete}>
            Delete…
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
