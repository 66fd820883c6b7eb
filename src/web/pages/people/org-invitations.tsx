import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../client/call.ts";
import { invalidate, query } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Field, Input, Select } from "../../ui/field.tsx";
import { Ago } from "../../ui/small.tsx";
import { Loaded, Note } from "../../ui/states.tsx";
import { toast, toastProblem } from "../../ui/toast.tsx";
import { Section, useWork } from "../settings/part.tsx";

type Role = "owner" | "member";

/** Who is asked to join: by name, or by an address that may have no account yet. */
export function OrgInvitations({ org }: { org: { id: string } }) {
  const open = useQuery(query("listInvitations", { params: { org_id: org.id }, query: { limit: "100" } }));
  return (
    <Section title="Invitations">
      <Invite org={org} />
      <Loaded query={open}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="quiet">None is open.</p>
          ) : (
            <ul className="settings-rows" aria-label="Open invitations">
              {data.map(({ id, username, email, role, createdAt }) => (
                <li key={id}>
                  <div className="grow">
                    {username ?? email}
                    <div className="small quiet">
                      As {role === "owner" ? "an owner" : "a member"}, <Ago at={createdAt} />
                    </div>
                  </div>
                  <Button
                    small
                    aria-label={`Take back the invitation of ${username ?? email}`}
                    onClick={() =>
                      void call("deleteInvitation", { params: { org_id: org.id, invitation_id: id } }).then(
                        () => invalidate("listInvitations"),
                        toastProblem,
                      )
                    }
                  >
                    Take back
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  );
}

function Invite({ org }: { org: { id: string } }) {
  const [who, setWho] = useState("");
  const [role, setRole] = useState<Role>("member");
  const { busy, problem, submit } = useWork();
  const invite = submit(async () => {
    const name = who.trim().replace(/^@/, "");
    const whom = name.includes("@") ? { email: name } : { username: name };
    await call("createInvitation", { params: { org_id: org.id }, json: { ...whom, role } });
    setWho("");
    toast(`${name} is invited, and finds the invitation under Settings, Organizations.`);
    await invalidate("listInvitations");
  });
  return (
    <form className="stack tight" onSubmit={invite}>
      <div className="org-invite">
        <Field label="Username or e-mail">
          <Input required maxLength={320} value={who} onChange={({ target }) => setWho(target.value)} />
        </Field>
        <Field label="As">
          <Select value={role} onChange={({ target }) => setRole(target.value as Role)}>
            <option value="member">Member</option>
            <option value="owner">Owner</option>
          </Select>
        </Field>
        <Button kind="primary" type="submit" busy={busy}>
          Invite
        </Button>
      </div>
      {problem !== undefined && <Note kind="bad">{problem}</Note>}
    </form>
  );
}
