import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { boot } from "../../client/boot.ts";
import { Button } from "../../ui/button.tsx";
import { Input } from "../../ui/field.tsx";
import { Ago, Badge, count } from "../../ui/small.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { UserDialog } from "./user-dialog.tsx";
import { allUsers, MOST_USERS, type TownUser } from "./users-query.ts";

/** So many rows are drawn; a search finds the others. */
const SHOWN = 200;

/** People and organizations, and what they may do. */
export function Users() {
  const found = useQuery(allUsers);
  const [q, setQ] = useState("");
  const [changing, setChanging] = useState<TownUser>();
  const rows = useMemo(() => matching(found.data ?? [], q), [found.data, q]);
  return (
    <section className="stack tight">
      <div className="row wrap apart">
        <h2>Users</h2>
        <Input
          className="admin-search"
          type="search"
          placeholder="Find by name or address"
          aria-label="Find a user"
          value={q}
          onChange={(event) => setQ(event.target.value)}
        />
      </div>
      <Loaded query={found}>
        {(all) =>
          rows.length === 0 ? (
            <Empty title="Nobody matches">Part of a username or an e-mail address is enough.</Empty>
          ) : (
            <>
              <Table rows={rows.slice(0, SHOWN)} onChange={setChanging} />
              <p className="quiet small">
                {rows.length > SHOWN ? `The first ${SHOWN} of ` : ""}
                {count(rows.length, "account")}
                {all.length >= MOST_USERS && `, of the oldest ${MOST_USERS} that were looked through`}
              </p>
            </>
          )
        }
      </Loaded>
      {changing && <UserDialog user={changing} onClose={() => setChanging(undefined)} />}
    </section>
  );
}

function matching(all: readonly TownUser[], q: string): readonly TownUser[] {
  const wanted = q.trim().toLowerCase();
  if (wanted === "") return all;
  return all.filter(({ username, email }) =>
    `${username ?? ""}\n${email ?? ""}`.toLowerCase().includes(wanted),
  );
}

function Table({ rows, onChange }: { rows: readonly TownUser[]; onChange: (user: TownUser) => void }) {
  return (
    <div className="table-wrap">
      <table className="table">
        <caption className="unseen">Accounts</caption>
        <thead>
          <tr>
            <th>Name</th>
            <th>E-mail</th>
            <th>State</th>
            <th>Since</th>
            <th>
              <span className="unseen">Change</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((user) => (
            <tr key={user.id}>
              <td>
                <Link to="/u/$name" params={{ name: user.username ?? "" }}>
                  {user.username}
                </Link>
              </td>
              <td className="quiet">{user.email ?? "–"}</td>
              <td>
                <span className="row wrap">
                  <States user={user} />
                </span>
              </td>
              <td>
                <Ago at={user.createdAt} />
              </td>
              <td className="admin-number">
                <Button small onClick={() => onChange(user)} aria-label={`Change ${user.username}`}>
                  Change
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function States({ user }: { user: TownUser }) {
  return (
    <>
      {user.type === "org" && <Badge>organization</Badge>}
      {user.admin && <Badge kind="info">operator</Badge>}
      {user.suspendedAt !== null && <Badge kind="bad">suspended</Badge>}
      {user.tier !== null && <Badge>{user.tier}</Badge>}
      {user.minPeriodSeconds !== null && <Badge>schedules every {user.minPeriodSeconds} s at most</Badge>}
      {user.id === boot.viewer?.id && <span className="quiet small">you</span>}
    </>
  );
}
