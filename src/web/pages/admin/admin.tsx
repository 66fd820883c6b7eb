import "./admin.css";
import { Link, useParams } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { boot } from "../../client/boot.ts";
import { useTitle } from "../../shell/title.ts";
import { useCurrentInView } from "../../ui/current.ts";
import { Empty } from "../../ui/states.tsx";
import { Audit } from "./audit.tsx";
import { Invites } from "./invites.tsx";
import { Overview } from "./overview.tsx";
import { Queue } from "./queue.tsx";
import { Users } from "./users.tsx";
import { Workers } from "./workers.tsx";

const PARTS: readonly [name: string, label: string, part: ComponentType][] = [
  ["", "Overview", Overview],
  ["users", "Users", Users],
  ["invites", "Invitations", Invites],
  ["workers", "Workers", Workers],
  ["queue", "Queue", Queue],
  ["audit", "Audit log", Audit],
];

/** The town, for its operator. To everybody else it is an address that leads nowhere. */
export function Admin() {
  const { part = "" } = useParams({ strict: false }) as { part?: string };
  const [, label, Part] = PARTS.find(([name]) => name === part) ?? [];
  const there = boot.viewer?.admin === true && Part !== undefined;
  useTitle(there ? `${label} · The town` : "Nothing here");
  const parts = useCurrentInView<HTMLElement>();
  if (!there) {
    return (
      <Empty title="There is nothing here" action={<Link to="/">To the front page</Link>}>
        The address leads to no page of this town.
      </Empty>
    );
  }
  return (
    <div className="page admin">
      <h1>The town</h1>
      <nav className="tabs" aria-label="Parts of the town" ref={parts}>
        {PARTS.map(([name, text]) => (
          <Link
            key={name}
            to={name === "" ? "/admin" : "/admin/$part"}
            params={{ part: name }}
            className="tab"
            activeOptions={{ exact: true }}
            activeProps={{ className: "active", "aria-current": "page" }}
          >
            {text}
          </Link>
        ))}
      </nav>
      <Part />
    </div>
  );
}
