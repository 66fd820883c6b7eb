import { Link } from "@tanstack/react-router";
import { Badge } from "../../ui/small.tsx";
import { MAIN } from "./branch.ts";
import { useVal } from "./context.ts";
import type { Pull } from "./pulls.tsx";

/** Open, merged or closed. */
export function StateBadge({ state }: { state: Pull["state"] }) {
  return <Badge kind={state === "open" ? "info" : state === "merged" ? "good" : ""}>{state}</Badge>;
}

type End = Pull["source"];

/** From which branch into which. */
export function Ends({ pull }: { pull: Pick<Pull, "source" | "target"> }) {
  return (
    <span>
      <OneEnd end={pull.source} /> → <OneEnd end={pull.target} />
    </span>
  );
}

/** A branch, with the name of its val where that is another. */
function OneEnd({ end }: { end: End }) {
  const { val } = useVal();
  if (end === null) return <span>a branch that is gone</span>;
  const [user = "", name = ""] = end.val.split("/");
  const label =
    end.valId === val.id ? end.branch : end.branch === MAIN ? end.val : `${end.val}@${end.branch}`;
  return (
    <Link
      className="history-author mono"
      to="/x/$user/$val/history"
      params={{ user, val: name }}
      search={end.branch === MAIN ? {} : { branch: end.branch }}
    >
      {label}
    </Link>
  );
}
