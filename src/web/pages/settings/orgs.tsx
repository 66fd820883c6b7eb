import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { MAX_USERNAME, usernameProblem } from "../../../val/name.ts";
import { call } from "../../client/call.ts";
import type { Row } from "../../client/contract.ts";
import { invalidate, query } from "../../client/queries.ts";
import { Button, buttonClass } from "../../ui/button.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { Ago, Avatar } from "../../ui/small.tsx";
import { Empty, Loaded, Note } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { Section, useWork } from "./part.tsx";

/** `/settings/orgs`: organizations that one belongs to, could belong to, or makes. */
export function OrgsPart() {
  return (
    <>
      <Invitations />
      <Orgs />
      <NewOrg />
    </>
  );
}

function Invitations() {
  const invitations = useQuery(query("listMyInvitations", { query: { limit: "100" } }));
  if (invitations.data === undefined || invitations.data.data.length === 0) return null;
  return (
    <Section title="Invitations">
      <ul className="settings-rows" aria-label="Invitations">
        {invitations.data.data.map((one) => (
          <InvitationRow key={one.id} invitation={one} />
        ))}
      </ul>
    </Section>
  );
}

function InvitationRow({ invitation }: { invitation: Row<"listMyInvitations"> }) {
  const { id, org, role, invitedBy, createdAt } = invitation;
  const { busy, problem, submit } = useWork();
  const params = { params: { invitation_id: id } };
  const answer = (name: "acceptInvitation" | "declineInvitation", done: string) =>
    submit(async () => {
      await call(name, params);
      toast(done);
      await invalidate("listMyInvitations", "listOrgs");
    });
  return (
    <li>
      <div className="grow">
        <Link to="/u/$name" params={{ name: org.username }}>
          {org.username}
        </Link>
        <div className="small quiet">
          {role === "owner" ? "As an owner" : "As a member"}
          {invitedBy !== null && `, by ${invitedBy}`}, <Ago at={createdAt} />
        </div>
        {problem !== undefined && <Note kind="bad">{problem}</Note>}
      </div>
      <Button
        small
        kind="primary"
        busy={busy}
        onClick={answer("acceptInvitation", `You belong to ${org.username} now.`)}
      >
        Accept
      </Button>
      <Button small disabled={busy} onClick={answer("declineInvitation", "Declined.")}>
        Decline
      </Button>
    </li>
  );
}

function Orgs() {
  const orgs = useQuery(query("listOrgs", { query: { limit: "100" } }));
  return (
    <Section
      title="Organizations"
      about="Their members read and change their vals together; only owners manage members."
    >
      <Loaded query={orgs}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="You belong to none yet">Make one below, or have an owner invite you.</Empty>
          ) : (
            <ul className="settings-rows" aria-label="Organizations">
              {data.map(({ id, username: name }) => (
                <li key={id}>
                  <div className="grow row">
                    <Avatar name={name} />
                    <Link to="/u/$name" params={{ name }} className="cut">
                      {name}
                    </Link>
                  </div>
                  <Link
                    to="/orgs/$name/settings"
                    params={{ name }}
                    className={buttonClass({ small: true })}
                    aria-label={`Settings of ${name}`}
                  >
                    Settings
                  </Link>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  );
}

function NewOrg() {
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const { busy, problem, submit } = useWork();
  const wrong = name === "" ? undefined : (usernameProblem(name) ?? problem);
  const make = submit(async () => {
    await call("createOrg", { json: { username: name } });
    await invalidate("listOrgs");
    await navigate({ to: "/orgs/$name/settings", params: { name } });
  });
  return (
    <Section title="New organization">
      <form className="stack" onSubmit={make}>
        <Field label="Name" hint="It begins the addresses of its vals, and stays." wrong={wrong}>
          <Input
            required
            maxLength={MAX_USERNAME}
            spellCheck={false}
            autoCapitalize="none"
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        </Field>
        <div>
          <Button type="submit" busy={busy}>
            Make the organization
          </Button>
        </div>
      </form>
    </Section>
  );
}
