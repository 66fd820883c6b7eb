import { Link } from "@tanstack/react-router";
import type { Answer } from "../../client/contract.ts";
import { buttonClass } from "../../ui/button.tsx";
import { Note } from "../../ui/states.tsx";
import type { Branch } from "./branch.ts";
import type { MergeEnds } from "./branches-ends.ts";
import { type Conflict, sayConflict } from "./branches-words.ts";
import { useVal } from "./context.ts";

/** The conflicts of a merge, and the way to resolve them. */
export function Conflicts({
  branch,
  ends,
  down,
  preview,
}: {
  branch: Branch;
  ends: MergeEnds;
  down: boolean;
  preview: Answer<"previewMerge">;
}) {
  const { val, mayWrite } = useVal();
  const params = { user: val.author.username ?? "", val: val.name, branch: branch.name };
  return (
    <Note kind="warn">
      <div className="stack tight">
        <strong>
          {down
            ? "Both have changed the same"
            : `${branch.name} and ${ends.parent} have changed the same, so this cannot be merged yet`}
        </strong>
        <ConflictList conflicts={preview.conflicts} />
        {!down && mayWrite && (
          <p>
            <Link
              to="/x/$user/$val/branches/$branch"
              params={params}
              search={{ from: "parent" }}
              className={buttonClass({ kind: "primary" }, "branches-long")}
            >
              Take {ends.parent} into {branch.name} first, and resolve there
            </Link>
          </p>
        )}
      </div>
    </Note>
  );
}

/** The files, each with what is in the way. */
export function ConflictList({ conflicts }: { conflicts: readonly Conflict[] }) {
  return (
    <ul className="branches-conflicts">
      {conflicts.map((one) => (
        <li key={`${one.kind} ${one.path}`}>
          <code>{one.path}</code>: {sayConflict(one)}
        </li>
      ))}
    </ul>
  );
}
