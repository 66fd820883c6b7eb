import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Viewer } from "../../client/boot.ts";
import { call } from "../../client/call.ts";
import type { Row } from "../../client/contract.ts";
import { invalidate, query } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { Ago } from "../../ui/small.tsx";
import { Loaded, Note } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { Section, useWork } from "./part.tsx";
import { addPasskey, hasPasskeys } from "./passkey.ts";

/** `/settings/sign-in`: password and passkeys. */
export function SignInPart({ viewer }: { viewer: Viewer }) {
  const isDone = new URLSearchParams(location.search).get("done") === "password";
  return (
    <>
      {isDone && <Note>The password is changed. All your other sessions have ended.</Note>}
      <Password viewer={viewer} />
      <Passkeys viewer={viewer} />
    </>
  );
}

/** An ordinary form: password managers know it, and the answer brings a new session. */
function Password({ viewer }: { viewer: Viewer }) {
  return (
    <Section title="Password" about="Changing it ends all your sessions but this one. Tokens stay.">
      <form className="stack" method="post" action="/auth/password">
        <input
          type="text"
          name="username"
          autoComplete="username"
          defaultValue={viewer.username}
          hidden
          readOnly
        />
        <Field label="Current password">
          <Input type="password" name="current" autoComplete="current-password" required maxLength={256} />
        </Field>
        <Field label="New password" hint="At least 8 characters">
          <Input
            type="password"
            name="password"
            autoComplete="new-password"
            required
            minLength={8}
            maxLength={256}
          />
        </Field>
        <div>
          <Button type="submit">Change the password</Button>
        </div>
      </form>
    </Section>
  );
}

function Passkeys({ viewer }: { viewer: Viewer }) {
  const keys = useQuery(query("listPasskeys", { query: { limit: "100" } }));
  const [removing, setRemoving] = useState<Row<"listPasskeys">>();
  return (
    <Section title="Passkeys" about="Sign in with your device's lock instead of a password.">
      <Loaded query={keys}>
        {({ data }) =>
          data.length === 0 ? (
            <p>You have none yet.</p>
          ) : (
            <ul className="settings-rows" aria-label="Passkeys">
              {data.map((key) => (
                <li key={key.id}>
                  <div className="grow">
                    {key.name || "Passkey"}
                    {key.createdAt !== null && (
                      <div className="small quiet">
                        Added <Ago at={key.createdAt} />
                      </div>
                    )}
                  </div>
                  <Button
                    small
                    kind="danger"
                    aria-label={`Remove ${key.name || "the passkey"}`}
                    onClick={() => setRemoving(key)}
                  >
                    Remove
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <NewPasskey viewer={viewer} />
      {removing !== undefined && (
        <Confirm
          title="Remove the passkey?"
          text={`Nobody can sign in with “${removing.name || "it"}” any more. Sessions that it began go on.`}
          action="Remove"
          onConfirm={async () => {
            await call("deletePasskey", { params: { passkey_id: removing.id } });
            await invalidate("listPasskeys");
          }}
          onClose={() => setRemoving(undefined)}
        />
      )}
    </Section>
  );
}

function NewPasskey({ viewer }: { viewer: Viewer }) {
  const [name, setName] = useState("");
  const { busy, problem, submit } = useWork();
  if (!hasPasskeys()) return <p className="quiet">This browser has no passkeys.</p>;
  const add = submit(async () => {
    if (!(await addPasskey(name.trim(), viewer.username))) return;
    setName("");
    toast("The passkey is added.");
    await invalidate("listPasskeys");
  });
  return (
    <form className="stack" onSubmit={add}>
      <Field label="Name of the new key" hint="Such as: my phone">
        <Input maxLength={60} required value={name} onChange={({ target }) => setName(target.value)} />
      </Field>
      {problem !== undefined && <Note kind="bad">{problem}</Note>}
      <div>
        <Button type="submit" busy={busy}>
          Add a passkey
        </Button>
      </div>
    </form>
  );
}
