/** `/orgs/{name}/settings`: an organization's profile, members, usage and end; for its members. */

import "./people.css";
import "../settings/settings.css";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { boot, signInPath } from "../../client/boot.ts";
import { call } from "../../client/call.ts";
import type { Answer } from "../../client/contract.ts";
import { invalidate, query } from "../../client/queries.ts";
import { useTitle } from "../../shell/title.ts";
import { Button, buttonClass } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { Field, Textarea } from "../../ui/field.tsx";
import { Empty, Failed, Loaded, Loading, Note } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { ExportSection } from "../settings/export.tsx";
import { Section, useWork } from "../settings/part.tsx";
import { UsageView } from "../settings/usage.tsx";
import { OrgInvitations } from "./org-invitations.tsx";
import { OrgMembers } from "./org-members.tsx";

type Org = Answer<"getUserByName">;

/** The page; who does not belong to it is told that there is nothing. */
export function OrgSettings() {
  const { name } = useParams({ strict: false }) as { name: string };
  useTitle(`Settings · ${name}`);
  const org = useQuery(query("getUserByName", { params: { username: name } }));
  const members = useQuery({
    ...query("listMemberships", { params: { org_id: org.data?.id ?? "" } }),
    enabled: boot.viewer !== null && org.data?.type === "org",
  });
  if (boot.viewer === null)
    return (
      <Empty
        title={`Settings of ${name}`}
        action={
          <a className={buttonClass({ kind: "primary" })} href={signInPath()}>
            Sign in
          </a>
        }
      >
        Its members see them once they have signed in.
      </Empty>
    );
  const error = org.error ?? members.error;
  if (error) return <Failed error={error} onRetry={() => void (org.error ? org : members).refetch()} />;
  if (org.data?.type === "user")
    return <Empty title="Not an organization">{name} is a person, with settings of their own.</Empty>;
  if (org.data === undefined || members.data === undefined)
    return (
      <div className="page narrow">
        <Loading lines={8} />
      </div>
    );
  return <Parts org={org.data} members={members.data} />;
}

function Parts({ org, members }: { org: Org; members: Answer<"listMemberships"> }) {
  const name = org.username ?? "";
  const mine = members.find(({ user }) => user.id === boot.viewer?.id);
  const isOwner = mine?.role === "owner";
  const usage = useQuery(query("getOrgUsage", { params: { org_id: org.id } }));
  return (
    <div className="page narrow org-settings">
      <h1>
        <Link to="/u/$name" params={{ name }}>
          {name}
        </Link>{" "}
        <span className="quiet">settings</span>
      </h1>
      {isOwner && <About org={org} />}
      <OrgMembers org={org} members={members} isOwner={isOwner} />
      {isOwner && <OrgInvitations org={org} />}
      <Loaded query={usage}>{(data) => <UsageView usage={data} />}</Loaded>
      <ExportSection path="getOrgExport" orgId={org.id} />
      {isOwner && <DeleteOrg org={org} />}
    </div>
  );
}

function About({ org }: { org: Org }) {
  const [bio, setBio] = useState(org.bio ?? "");
  const { busy, problem, submit } = useWork();
  const save = submit(async () => {
    await call("updateOrg", { params: { org_id: org.id }, json: { bio: bio.trim() || null } });
    await invalidate("getUserByName");
    toast("Saved.");
  });
  return (
    <Section title="Profile">
      <form className="stack" onSubmit={save}>
        <Field label="What it is" hint="Everyone can read it.">
          <Textarea rows={3} maxLength={1024} value={bio} onChange={({ target }) => setBio(target.value)} />
        </Field>
        {problem !== undefined && <Note kind="bad">{problem}</Note>}
        <div>
          <Button type="submit" busy={busy} disabled={bio.trim() === (org.bio ?? "")}>
            Save
          </Button>
        </div>
      </form>
    </Section>
  );
}

function DeleteOrg({ org }: { org: Org }) {
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const name = org.username ?? "";
  return (
    <Section
      title="Delete the organization"
      about="With its vals and their endpoints, blobs, databases and memberships. This cannot be undone."
    >
      <div>
        <Button kind="danger" onClick={() => setAsking(true)}>
          Delete {name}…
        </Button>
      </div>
      {asking && (
        <Confirm
          title={`Delete ${name}?`}
          text="All that it owns is gone at once, and for good."
          action="Delete it"
          typed={name}
          onConfirm={async () => {
            await call("deleteOrg", { params: { org_id: org.id } });
            await invalidate("listOrgs");
            await navigate({ to: "/settings/$part", params: { part: "orgs" } });
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </Section>
  );
}
