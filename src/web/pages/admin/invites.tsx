import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { boot } from "../../client/boot.ts";
import { call } from "../../client/call.ts";
import type { Answer, Row } from "../../client/contract.ts";
import { sayProblem } from "../../client/problem.ts";
import { invalidate, query } from "../../client/queries.ts";
import { Button, CopyButton } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { Field, Input, Select } from "../../ui/field.tsx";
import { Ago, Badge } from "../../ui/small.tsx";
import { Empty, Loaded, Note } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";

type Invite = Row<"listInvites">;
const HOUR_MS = 3_600_000;

/** Who may join. */
export function Invites() {
  const found = useQuery(query("listInvites", { query: { limit: "100" } }));
  const [made, setMade] = useState<Answer<"createInvite">>();
  const [removing, setRemoving] = useState<Invite>();
  return (
    <section className="stack">
      <h2>Invitations</h2>
      <p className="quiet">{SIGN_UP[boot.town.signUp]}</p>
      <NewInvite onMade={setMade} />
      {made !== undefined && <Made invite={made} />}
      <Loaded query={found}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="No invitations yet">Make one above, and pass its link on.</Empty>
          ) : (
            <Table rows={data} onRemove={setRemoving} />
          )
        }
      </Loaded>
      {removing && (
        <Confirm
          title="Withdraw the invitation?"
          text="Its link works no more. Accounts that were made with it stay."
          action="Withdraw"
          onConfirm={async () => {
            await call("deleteInvite", { params: { invite_id: removing.id } });
            if (made?.id === removing.id) setMade(undefined);
            await invalidate("listInvites");
            toast("The invitation is withdrawn.");
          }}
          onClose={() => setRemoving(undefined)}
        />
      )}
    </section>
  );
}

const SIGN_UP = {
  open: "Anybody can make an account here; an invitation brings an e-mail address that needs no proof.",
  invite: "Accounts are made with an invitation only.",
  closed: "Nobody can make an account by themselves.",
} as const;

function NewInvite({ onMade }: { onMade: (invite: Answer<"createInvite">) => void }) {
  const [email, setEmail] = useState("");
  const [uses, setUses] = useState("1");
  const [hours, setHours] = useState("168");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const make = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      const expiresAt = new Date(Date.now() + Number(hours) * HOUR_MS).toISOString();
      const json = { expiresAt, ...(email === "" ? { maxUses: Number(uses) } : { email }) };
      onMade(await call("createInvite", { json }));
      await invalidate("listInvites");
      setEmail("");
    } catch (error) {
      setProblem(sayProblem(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="card stack" onSubmit={make} aria-label="New invitation">
      <div className="admin-form">
        <Field label="E-mail address" hint="If given: good once, and the account has this address.">
          <Input type="email" value={email} onChange={(event) => setEmail(event.target.value)} />
        </Field>
        <Field label="Good for so many accounts">
          <Input
            type="number"
            min={1}
            max={1000}
            required
            value={email === "" ? uses : "1"}
            disabled={email !== ""}
            onChange={(event) => setUses(event.target.value)}
          />
        </Field>
        <Field label="Good for so long">
          <Select value={hours} onChange={(event) => setHours(event.target.value)}>
            <option value="24">A day</option>
            <option value="168">A week</option>
            <option value="720">A month</option>
            <option value="8760">A year</option>
          </Select>
        </Field>
      </div>
      {problem !== undefined && <Note kind="bad">{problem}</Note>}
      <div>
        <Button kind="primary" type="submit" busy={busy}>
          Make invitation
        </Button>
      </div>
    </form>
  );
}

function Made({ invite }: { invite: Answer<"createInvite"> }) {
  return (
    <Note>
      <p>
        <strong>Pass this link on.</strong> It is shown this once: the town keeps no copy.
      </p>
      <div className="row admin-link">
        <code>{invite.url}</code>
        <CopyButton text={invite.url} label="Copy the link" />
      </div>
    </Note>
  );
}

function Table({ rows, onRemove }: { rows: readonly Invite[]; onRemove: (invite: Invite) => void }) {
  return (
    <div className="table-wrap">
      <table className="table">
        <caption className="unseen">Invitations</caption>
        <thead>
          <tr>
            <th>For</th>
            <th>Used</th>
            <th>State</th>
            <th>Made</th>
            <th>
              <span className="unseen">Withdraw</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((invite) => (
            <tr key={invite.id}>
              <td>{invite.email ?? <span className="quiet">whoever has the link</span>}</td>
              <td>
                {invite.uses} of {invite.maxUses}
              </td>
              <td>
                <State invite={invite} />
              </td>
              <td>
                <Ago at={invite.createdAt} />
              </td>
              <td className="admin-number">
                <Button small kind="danger" onClick={() => onRemove(invite)}>
                  Withdraw
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function State({ invite }: { invite: Invite }) {
  if (invite.uses >= invite.maxUses) return <Badge>used up</Badge>;
  if (Date.parse(invite.expiresAt) <= Date.now()) return <Badge>expired</Badge>;
  return (
    <span className="row">
      <Badge kind="good">good</Badge>
      <span className="quiet small">
        ends <Ago at={invite.expiresAt} />
      </span>
    </span>
  );
}
