/** What was found, one row each. */

import { Link } from "@tanstack/react-router";
import { Heart } from "lucide-react";
import type { Row } from "../../client/contract.ts";
import { Avatar, Badge, count } from "../../ui/small.tsx";
import { ValRow } from "../../ui/val-rows.tsx";
import { Marked } from "./marked.tsx";

export type Found = Row<"search">;
type Of<K extends Found["kind"]> = Extract<Found, { kind: K }>;

/** One of them. */
export function FoundRow({ found }: { found: Found }) {
  if (found.kind === "val") return <FoundVal found={found} />;
  return found.kind === "code" ? <FoundFile found={found} /> : <FoundUser found={found} />;
}

/** What tells one from another in a list. */
export function keyOf(found: Found): string {
  if (found.kind === "val") return found.val.id;
  return found.kind === "code" ? found.file.id : found.user.id;
}

function FoundVal({ found: { val, likeCount, highlights } }: { found: Of<"val"> }) {
  return (
    <ValRow
      val={val}
      name={<Marked text={val.name} ranges={highlights.name} />}
      about={val.description && <Marked text={val.description} ranges={highlights.description} />}
      extra={
        likeCount > 0 && (
          <span className="small quiet row" title={count(likeCount, "like")}>
            <Heart size={13} aria-hidden /> {likeCount}
            <span className="unseen">{likeCount === 1 ? "like" : "likes"}</span>
          </span>
        )
      }
    />
  );
}

function FoundFile({ found: { val, file, lines } }: { found: Of<"code"> }) {
  const user = val.author.username ?? "";
  const params = { user, val: val.name, _splat: file.path };
  return (
    <li className="search-file">
      <div className="row">
        <Link to="/x/$user/$val/code/$" params={params} className="cut">
          <span className="quiet">
            {user}/{val.name}/
          </span>
          {file.path}
        </Link>
        {val.privacy !== "public" && <Badge>{val.privacy}</Badge>}
      </div>
      <ol className="search-lines">
        {lines.map(({ line, text, ranges, offset }) => (
          <li key={line}>
            <Link to="/x/$user/$val/code/$" params={params} hash={`L${line}`}>
              <span className="search-number">
                <span className="unseen">Line </span>
                {line}
              </span>
              <code>
                {offset > 0 && "…"}
                <Marked text={text} ranges={ranges} />
              </code>
            </Link>
          </li>
        ))}
      </ol>
    </li>
  );
}

function FoundUser({ found: { user, highlights } }: { found: Of<"user"> }) {
  const name = user.username ?? "";
  return (
    <li className="val-row">
      <div className="row">
        <Avatar name={name} />
        <Link to="/u/$name" params={{ name }} className="cut">
          <Marked text={name} ranges={highlights.username} />
        </Link>
        {user.type === "org" && <Badge>organization</Badge>}
      </div>
      {user.bio && <div className="small quiet cut">{user.bio}</div>}
    </li>
  );
}
