import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../client/call.ts";
import { invalidate, query } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { Ago, Badge } from "../../ui/small.tsx";
import { Loaded } from "../../ui/states.tsx";
import { toast, toastProblem } from "../../ui/toast.tsx";
import { Section } from "./part.tsx";

/** `/settings/sessions`: where one is signed in, and what was done lately. */
export function SessionsPart() {
  return (
    <>
      <Sessions />
      <Events />
    </>
  );
}

function Sessions() {
  const sessions = useQuery(query("listSessions", { query: { limit: "100" } }));
  const [ending, setEnding] = useState(false);
  const end = (id: string) =>
    call("deleteSession", { params: { session_id: id } }).then(
      () => invalidate("listSessions"),
      toastProblem,
    );
  return (
    <Section
      title="Sessions"
      about="Browsers in which you are signed in. Each lasts 30 days from its last use."
    >
      <Loaded query={sessions}>
        {({ data }) => (
          <>
            <ul className="settings-rows" aria-label="Sessions">
              {data.map(({ id, userAgent, address, createdAt, current }) => (
                <li key={id}>
                  <div className="grow">
                    {browserOf(userAgent ?? "")} {current && <Badge kind="good">this one</Badge>}
                    <div className="small quiet">
                      {address !== null && `${address}, `}since <Ago at={createdAt} />
                    </div>
                  </div>
                  {!current && (
                    <Button small onClick={() => void end(id)}>
                      Sign out
                    </Button>
                  )}
                </li>
              ))}
            </ul>
            <div className="row wrap">
              <a className="button" href="/auth/sign-out">
                Sign out here
              </a>
              {data.length > 1 && (
                <Button kind="danger" onClick={() => setEnding(true)}>
                  Sign out everywhere else
                </Button>
              )}
            </div>
          </>
        )}
      </Loaded>
      {ending && (
        <Confirm
          title="Sign out everywhere else?"
          text="All sessions but this one end. Tokens and apps stay as they are."
          action="Sign out"
          onConfirm={async () => {
            await call("deleteSessions", {});
            await invalidate("listSessions");
            toast("All other sessions have ended.");
          }}
          onClose={() => setEnding(false)}
        />
      )}
    </Section>
  );
}

function Events() {
  const events = useQuery(query("listMyAudit", { query: { limit: "20" } }));
  return (
    <Section title="What was done lately" about="With your account, the newest first.">
      <Loaded query={events}>
        {({ data }) => (
          <ul className="settings-rows" aria-label="What was done lately">
            {data.map(({ id, action, address, createdAt }) => (
              <li key={id}>
                <span className="grow">{ACTIONS[action] ?? action}</span>
                <span className="small quiet settings-address">
                  {address !== null && `${address}, `}
                  <Ago at={createdAt} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Section>
  );
}

const ACTIONS: Readonly<Record<string, string>> = {
  "account.create": "The account was made",
  "email.verify": "An e-mail address was confirmed",
  "connection.delete": "A third-party account was forgotten",
  "branch.delete": "A branch was deleted",
  "grant.create": "An app was let in",
  "grant.revoke": "An app was sent away",
  "invite.create": "An invitation to this town was made",
  "invite.remove": "An invitation to this town was withdrawn",
  "membership.begin": "Joined an organization",
  "membership.change": "A role in an organization was changed",
  "membership.end": "Somebody left an organization",
  "membership.offer": "Somebody was invited to an organization",
  "org.create": "An organization was made",
  "org.delete": "An organization was deleted",
  "passkey.remove": "A passkey was removed",
  "password.ask": "A new password was asked for",
  "password.change": "The password was changed",
  "password.reset": "A password was set by a link",
  "session.create": "Signed in",
  "session.end": "A browser was signed out",
  "session.end_others": "All other browsers were signed out",
  "session.fail": "Somebody failed to sign in",
  "token.create": "A token was made",
  "token.revoke": "A token was revoked",
  "user.change": "What a user may do was changed",
  "val.delete": "A val was deleted",
  "val.transfer": "A val was given away",
};

/** The name that a browser goes by, from what it says of itself. */
function browserOf(agent: string): string {
  const browser =
    /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(agent)?.[1] ?? (agent.split(/[\s/]/)[0] || "Unknown");
  const system = /(iPhone|iPad|Android|Windows|Mac OS X|Linux)/.exec(agent)?.[1];
  const name = { Edg: "Edge", OPR: "Opera" }[browser] ?? browser;
  return system === undefined ? name : `${name} on ${system.replace("Mac OS X", "macOS")}`;
}
