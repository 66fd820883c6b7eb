import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { boot } from "../../client/boot.ts";
import { call } from "../../client/call.ts";
import type { Answer } from "../../client/contract.ts";
import { invalidate } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { Select } from "../../ui/field.tsx";
import { Avatar, Badge } from "../../ui/small.tsx";
import { toastProblem } from "../../ui/toast.tsx";
import { Section } from "../settings/part.tsx";

type Membership = Answer<"listMemberships">[number];
type Role = NonNullable<Membership["role"]>;

/** Who belongs to it, and as what; owners change that, everyone may leave. */
export function OrgMembers({
  org,
  members,
  isOwner,
}: {
  org: { id: string; username: string | null };
  members: readonly Membership[];
  isOwner: boolean;
}) {
  const navigate = useNavigate();
  const [leaving, setLeaving] = useState<Membership>();
  const isSelf = leaving?.user.id === boot.viewer?.id;
  const remove = async ({ user }: Membership) => {
    await call("deleteMembership", { params: { org_id: org.id, user_id: user.id } });
    await invalidate("listOrgs");
    if (user.id === boot.viewer?.id) await navigate({ to: "/settings/$part", params: { part: "orgs" } });
    else await invalidate("listMemberships");
  };
  return (
    <Section title="Members" about="All of them read and change its vals; only owners manage members.">
      <ul className="settings-rows" aria-label="Members">
        {members.map((member) => (
          <MemberRow
            key={member.id}
            org={org}
            member={member}
            isOwner={isOwner}
            onRemove={() => setLeaving(member)}
          />
        ))}
      </ul>
      {leaving !== undefined && (
        <Confirm
          title={isSelf ? `Leave ${org.username}?` : `Remove ${leaving.user.username}?`}
          text="Nothing of the organization is open to this person any more. An owner can invite them again."
          action={isSelf ? "Leave" : "Remove"}
          onConfirm={() => remove(leaving)}
          onClose={() => setLeaving(undefined)}
        />
      )}
    </Section>
  );
}

function MemberRow({
  org,
  member: { user, role },
  isOwner,
  onRemove,
}: {
  org: { id: string };
  member: Membership;
  isOwner: boolean;
  onRemove: () => void;
}) {
  const name = user.username ?? "";
  const isSelf = user.id === boot.viewer?.id;
  const setRole = (wanted: Role) =>
    call("updateMembership", { params: { org_id: org.id, user_id: user.id }, json: { role: wanted } })
      .catch(toastProblem)
      .finally(() => invalidate("listMemberships"));
  return (
    <li>
      <div className="grow row">
        <Avatar name={name} />
        <Link to="/u/$name" params={{ name }} className="cut">
          {name}
        </Link>
        {isSelf && <span className="small quiet">you</span>}
      </div>
      {isOwner ? (
        <Select
          className="org-role"
          aria-label={`Role of ${name}`}
          value={role ?? "member"}
          onChange={({ target }) => void setRole(target.value as Role)}
        >
          <option value="owner">Owner</option>
          <option value="member">Member</option>
        </Select>
      ) : (
        <Badge>{role ?? "member"}</Badge>
      )}
      {(isOwner || isSelf) && (
        <Button
          small
          kind="danger"
          onClick={onRemove}
          aria-label={isSelf ? "Leave the organization" : `Remove ${name}`}
        >
          {isSelf ? "Leave" : "Remove"}
        </Button>
      )}
    </li>
  );
}
