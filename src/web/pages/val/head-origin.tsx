import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Answer } from "../../client/contract.ts";
import { query } from "../../client/queries.ts";

type Origin = NonNullable<Answer<"getValDetails">["origin"]>;

/** What a val is a remix of; nothing as long as that is not known. */
export function OriginLine({ origin }: { origin: Origin }) {
  const { data } = useQuery(query("getVal", { params: { val_id: origin.valId } }));
  if (data === undefined) return null;
  const user = data.author.username ?? "";
  return (
    <span className="val-origin quiet small cut">
      remix of{" "}
      <Link to="/x/$user/$val" params={{ user, val: data.name }}>
        {user}/{data.name}
      </Link>
    </span>
  );
}
