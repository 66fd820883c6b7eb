/** Vals in a list. */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Row } from "../client/contract.ts";
import { Ago, Badge } from "./small.tsx";

/** A val as lists of the API have it. */
export type ListedVal = Row<"listTownVals">;

/** A list whose rows are ValRow. */
export const ValRows = ({ children, label }: { children: ReactNode; label?: string }) => (
  <ul className="val-rows" aria-label={label}>
    {children}
  </ul>
);

/** Owner, name, what it says of itself, since when it is there. */
export function ValRow({
  val,
  name,
  about,
  withOwner = true,
  extra,
}: {
  val: ListedVal;
  /** In place of its name and description: with what matched. */
  name?: ReactNode;
  about?: ReactNode;
  withOwner?: boolean;
  extra?: ReactNode;
}) {
  const user = val.author.username ?? "";
  return (
    <li className="val-row">
      <div className="row">
        <span className="val-row-name cut">
          {withOwner && (
            <>
              <Link to="/u/$name" params={{ name: user }} className="quiet">
                {user}
              </Link>
              <span className="quiet"> / </span>
            </>
          )}
          <Link to="/x/$user/$val" params={{ user, val: val.name }}>
            {name ?? val.name}
          </Link>
        </span>
        {val.privacy !== "public" && <Badge>{val.privacy}</Badge>}
        <span className="grow" />
        {extra}
        <span className="small quiet val-row-time">
          <Ago at={val.createdAt} />
        </span>
      </div>
      {(about ?? val.description) && <div className="small quiet cut">{about ?? val.description}</div>}
    </li>
  );
}
