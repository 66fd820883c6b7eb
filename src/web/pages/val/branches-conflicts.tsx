import { Link } from "@tanstack/react-router";
import type { Answer } from "../../client/contract.ts";
import { buttonClass } from "../../ui/button.tsx";
import { Note } from "../../ui/states.tsx";
import type { Branch } from "./branch.ts";
import type { MergeEnds } from "./branches-ends.ts";
import { useVal } from "./context.ts";

type Conflict = Answer<"previewMerge">["conflicts"][number];

/** What a conflict is, and what becomes of it when the parent's changes are taken. */
export function sayConflict({ kind, path, ours, theirs }: Conflict): string {
  if (kind === "content") return "both have changed the same lines; you choose which ones to keep";
  if (kind === "deleted") return "one has changed it, the other deleted it; it is kept";
  if (kind === "moved") return `one has moved it to ${theirs}, the other to ${ours}; it stays at ${ours}`;
  if (kind === "type") return "both have changed its type; that of the branch is kept";
  return `two different files have this place; the one that is merged is put at ${path}`;
}

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
              className={buttonClass({ kind: "primary" })}
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
