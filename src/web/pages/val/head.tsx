import { Link } from "@tanstack/react-router";
import { Badge } from "../../ui/small.tsx";
import { useVal } from "./context.ts";

/** Name, owner and state of a val, and what one can do with all of it. */
export function ValHead() {
  const { val } = useVal();
  const user = val.author.username ?? "";
  return (
    <div className="val-head">
      <h1 className="cut">
        <Link to="/u/$name" params={{ name: user }}>
          {user}
        </Link>
        <span className="quiet"> / </span>
        <Link to="/x/$user/$val" params={{ user, val: val.name }}>
          {val.name}
        </Link>
      </h1>
      {val.privacy !== "public" && <Badge>{val.privacy}</Badge>}
      <span className="val-about quiet cut">{val.description}</span>
      <div className="val-actions row" id="val-actions" />
    </div>
  );
}
