/** `/u/{name}`: a person or an organization, and their vals. */

import "./people.css";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Settings } from "lucide-react";
import { useState } from "react";
import { boot } from "../../client/boot.ts";
import type { Answer } from "../../client/contract.ts";
import { query } from "../../client/queries.ts";
import { useTitle } from "../../shell/title.ts";
import { buttonClass } from "../../ui/button.tsx";
import { Avatar, Badge } from "../../ui/small.tsx";
import { Loaded, Loading } from "../../ui/states.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Likes } from "./likes.tsx";
import { OwnedVals } from "./owned-vals.tsx";

type User = Answer<"getUserByName">;

/** The page. */
export function Person() {
  const { name } = useParams({ strict: false }) as { name: string };
  useTitle(name);
  const user = useQuery(query("getUserByName", { params: { username: name } }));
  return (
    <div className="page person">
      <Loaded query={user} loading={<Loading lines={8} />}>
        {(one) => <Profile key={one.id} user={one} />}
      </Loaded>
    </div>
  );
}

function Profile({ user }: { user: User }) {
  const name = user.username ?? "";
  const isOwn = boot.viewer?.id === user.id;
  const members = useMembers(user);
  const isMember = members?.some((one) => one.user.id === boot.viewer?.id) ?? false;
  return (
    <>
      <header className="person-head">
        <Avatar name={name} />
        <div className="grow">
          <h1>{name}</h1>
          {user.type === "org" && <Badge>organization</Badge>}
          {user.bio && <p className="person-bio">{user.bio}</p>}
        </div>
        {isOwn && (
          <Link to="/settings" className={buttonClass({ small: true })}>
            <Settings size={15} aria-hidden /> Edit profile
          </Link>
        )}
        {isMember && (
          <Link to="/orgs/$name/settings" params={{ name }} className={buttonClass({ small: true })}>
            <Settings size={15} aria-hidden /> Settings
          </Link>
        )}
      </header>
      {members !== undefined && <Members members={members} />}
      {isOwn ? <OwnTabs user={user} /> : <OwnedVals user={user} mayMake={isMember} />}
    </>
  );
}

function OwnTabs({ user }: { user: User }) {
  const [tab, setTab] = useState("vals");
  return (
    <Tabs
      label="Vals and likes"
      value={tab}
      onChange={setTab}
      tabs={[
        { name: "vals", label: "Vals", content: <OwnedVals user={user} mayMake /> },
        { name: "likes", label: "Likes", content: <Likes /> },
      ]}
    />
  );
}

type Membership = Answer<"listMemberships">[number];

/** Who belongs to an organization; only its members are told. */
function useMembers(user: User): readonly Membership[] | undefined {
  const members = useQuery({
    ...query("listMemberships", { params: { org_id: user.id } }),
    enabled: user.type === "org" && boot.viewer !== null,
  });
  return members.data;
}

function Members({ members }: { members: readonly Membership[] }) {
  return (
    <section className="stack tight">
      <h2>Members</h2>
      <ul className="person-members" aria-label="Members">
        {members.map(({ id, user: { username }, role }) => (
          <li key={id} className="row">
            <Avatar name={username ?? ""} />
            <Link to="/u/$name" params={{ name: username ?? "" }}>
              {username}
            </Link>
            {role === "owner" && <Badge>owner</Badge>}
          </li>
        ))}
      </ul>
    </section>
  );
}
