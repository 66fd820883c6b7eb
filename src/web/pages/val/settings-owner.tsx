import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../client/call.ts";
import { queryAll } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { Field, Select } from "../../ui/field.tsx";
import { Loaded } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { useVal } from "./context.ts";
import { useGoTo } from "./settings-general.tsx";

interface Account {
  readonly id: string;
  readonly username: string;
}

/** Whose val it is: one's own, or an organization's. */
export function OwnerSection() {
  const { val, viewer } = useVal();
  const asked = useQuery(queryAll("listOrgs", {}));
  return (
    <section className="card settings-section" aria-label="Owner">
      <h3>Owner</h3>
      <p>
        This val belongs to <b>{val.author.username}</b>
        {val.author.type === "org" && ", an organization"}.
      </p>
      <Loaded query={asked}>
        {(orgs) => {
          const others = [...(viewer ? [viewer] : []), ...orgs].filter(({ id }) => id !== val.author.id);
          return others.length === 0 ? (
            <p className="quiet">
              It can be given to an organization that you are a member of. You are in none.
            </p>
          ) : (
            <Transfer others={others} />
          );
        }}
      </Loaded>
    </section>
  );
}

function Transfer({ others }: { others: readonly Account[] }) {
  const { val, viewer } = useVal();
  const [chosen, setChosen] = useState(others[0]!.id);
  const [asks, setAsks] = useState(false);
  const goTo = useGoTo();
  const to = others.find(({ id }) => id === chosen) ?? others[0]!;
  const transfer = async () => {
    await goTo(await call("transferVal", { params: { val_id: val.id }, json: { ownerId: to.id } }));
    toast(`${val.name} belongs to ${to.username} now.`);
  };
  return (
    <>
      <Field
        label="New owner"
        hint={
          val.author.type === "org" ? "Only owners of an organization can give its vals away." : undefined
        }
      >
        <Select value={to.id} onChange={(event) => setChosen(event.target.value)}>
          {others.map(({ id, username }) => (
            <option key={id} value={id}>
              {id === viewer?.id ? `${username} (you)` : username}
            </option>
          ))}
        </Select>
      </Field>
      <div className="panel-actions">
        <Button onClick={() => setAsks(true)}>Transfer…</Button>
      </div>
      {asks && (
        <Confirm
          title={`Give ${val.name} to ${to.username}?`}
          text={
            <>
              Files, variables, the val's own blobs and database, logs and endpoints go along. What it keeps
              in the account's blobs and database stays behind, and module addresses change to {to.username}/
              {val.name}.
              {to.id !== viewer?.id &&
                " Every member will be able to change it, and only an owner can give it back."}
            </>
          }
          action="Transfer val"
          onConfirm={transfer}
          onClose={() => setAsks(false)}
        />
      )}
    </>
  );
}
