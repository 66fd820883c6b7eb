import "./head.css";
import { Link } from "@tanstack/react-router";
import { Badge } from "../../ui/small.tsx";
import { useVal } from "./context.ts";
import { ValActions } from "./head-actions.tsx";
import { BranchSwitcher } from "./head-branch.tsx";
import { OriginLine } from "./head-origin.tsx";

/** Name, owner and state of a val, and what one can do with all of it. */
export function ValHead() {
  const { val } = useVal();
  const user = val.author.username ?? "";
  return (
    <div className="val-head">
      <h1 className="cut" title={`${user} / ${val.name}`}>
        <Link to="/u/$name" params={{ name: user }}>
          {user}
        </Link>
        <span className="quiet"> / </span>
        <Link to="/x/$user/$val" params={{ user, val: val.name }}>
          {val.name}
        </Link>
      </h1>
      {val.privacy !== "public" && <Badge>{val.privacy}</Badge>}
      <BranchSwitcher />
      {val.origin !== null && <OriginLine origin={val.origin} />}
      <span className="val-about cut quiet" title={val.description ?? undefined}>
        {val.description}
      </span>
      <div className="val-actions row" id="val-actions">
        <ValActions />
      </div>
    </div>
  );
}
