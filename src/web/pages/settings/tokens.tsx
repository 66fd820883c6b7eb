import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { SCOPES, type Scope } from "../../../val/scope.ts";
import { call } from "../../client/call.ts";
import type { Answer, Row } from "../../client/contract.ts";
import { invalidate, query } from "../../client/queries.ts";
import { Button, CopyButton } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { Field, Input, Select } from "../../ui/field.tsx";
import { Ago, Badge } from "../../ui/small.tsx";
import { Empty, Loaded, Note } from "../../ui/states.tsx";
import { Section, useWork } from "./part.tsx";

const LIFETIMES: readonly [days: number, label: string][] = [
  [30, "in 30 days"],
  [90, "in 90 days"],
  [365, "in a year"],
  [0, "never"],
];
const DAY = 86_400_000;

/** `/settings/tokens`: what programs send instead of a password. */
export function TokensPart() {
  const [made, setMade] = useState<Answer<"createToken">>();
  return (
    <>
      <Section
        title="New token"
        about="For programs that work in your name: the command line, scripts, other tools."
      >
        {made !== undefined && <Made token={made} />}
        <NewToken onMade={setMade} />
      </Section>
      <Tokens />
    </>
  );
}

function Made({ token }: { token: Answer<"createToken"> }) {
  return (
    <div className="note" role="status">
      <div className="grow">
        The token “{token.label || "Token"}”. Copy it now: it is shown only this once.
        <div className="settings-secret">
          <code>{token.token}</code>
          <CopyButton text={token.token} label="Copy the token" />
        </div>
      </div>
    </div>
  );
}

function NewToken({ onMade }: { onMade: (token: Answer<"createToken">) => void }) {
  const [label, setLabel] = useState("");
  const [days, setDays] = useState(90);
  const [scopes, setScopes] = useState<readonly Scope[]>(SCOPES);
  const { busy, problem, submit } = useWork();
  const make = submit(async () => {
    const expiresAt = days === 0 ? null : new Date(Date.now() + days * DAY).toISOString();
    onMade(await call("createToken", { json: { label: label.trim(), scopes: [...scopes], expiresAt } }));
    setLabel("");
    await invalidate("listTokens");
  });
  const toggle = (scope: Scope, on: boolean) =>
    setScopes(SCOPES.filter((one) => (one === scope ? on : scopes.includes(one))));
  return (
    <form className="stack" onSubmit={make}>
      <Field label="Name" hint="Such as: my laptop">
        <Input required maxLength={100} value={label} onChange={({ target }) => setLabel(target.value)} />
      </Field>
      <fieldset className="settings-scopes">
        <legend>What it may do</legend>
        {SCOPES.map((scope) => (
          <label key={scope} className="settings-check">
            <input
              type="checkbox"
              checked={scopes.includes(scope)}
              onChange={({ target }) => toggle(scope, target.checked)}
            />
            {scope}
          </label>
        ))}
      </fieldset>
      <Field label="Expires">
        <Select value={days} onChange={({ target }) => setDays(Number(target.value))}>
          {LIFETIMES.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </Select>
      </Field>
      {problem !== undefined && <Note kind="bad">{problem}</Note>}
      <div>
        <Button kind="primary" type="submit" busy={busy} disabled={scopes.length === 0}>
          Make the token
        </Button>
      </div>
    </form>
  );
}

function Tokens() {
  const tokens = useQuery(query("listTokens", { query: { limit: "100" } }));
  const [revoking, setRevoking] = useState<Row<"listTokens">>();
  return (
    <Section title="Tokens">
      <Loaded query={tokens}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="No tokens yet">Make one above when a program asks for it.</Empty>
          ) : (
            <ul className="settings-rows" aria-label="Tokens">
              {data.map((token) => (
                <TokenRow key={token.id} token={token} onRevoke={() => setRevoking(token)} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {revoking !== undefined && (
        <Confirm
          title="Revoke the token?"
          text={`Programs that use “${revoking.label || "Token"}” are shut out at once. This cannot be undone.`}
          action="Revoke"
          onConfirm={async () => {
            await call("deleteToken", { params: { token_id: revoking.id } });
            await invalidate("listTokens");
          }}
          onClose={() => setRevoking(undefined)}
        />
      )}
    </Section>
  );
}

function TokenRow({ token, onRevoke }: { token: Row<"listTokens">; onRevoke: () => void }) {
  const { label, scopes, lastUsedAt, expiresAt } = token;
  const isOver = expiresAt !== null && new Date(expiresAt).getTime() < Date.now();
  return (
    <li>
      <div className="grow">
        {label || "Token"} {isOver && <Badge kind="warn">expired</Badge>}
        <div className="small quiet">
          {lastUsedAt === null ? (
            "Never used"
          ) : (
            <>
              Last used <Ago at={lastUsedAt} />
            </>
          )}
          {expiresAt !== null && (
            <>
              , {isOver ? "expired" : "expires"} <Ago at={expiresAt} />
            </>
          )}
        </div>
        <div className="small quiet">
          {scopes.length === SCOPES.length ? "May do everything" : scopes.join(", ")}
        </div>
      </div>
      <Button small kind="danger" onClick={onRevoke} aria-label={`Revoke ${label || "the token"}`}>
        Revoke
      </Button>
    </li>
  );
}
