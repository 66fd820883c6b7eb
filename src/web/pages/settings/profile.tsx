import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../../client/call.ts";
import type { Answer } from "../../client/contract.ts";
import { invalidate, query } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Field, Input, Switch, Textarea } from "../../ui/field.tsx";
import { Loaded, Note } from "../../ui/states.tsx";
import { toast, toastProblem } from "../../ui/toast.tsx";
import { Section, useWork } from "./part.tsx";

type Profile = Answer<"getProfile">;
const MAX_BIO = 500;

/** `/settings/profile`: what others see, and how one is reached. */
export function ProfilePart() {
  const profile = useQuery(query("getProfile", {}));
  const isVerified = new URLSearchParams(location.search).get("done") === "email";
  return (
    <Loaded query={profile}>
      {(me) => (
        <>
          {isVerified && <Note>Your e-mail address is confirmed.</Note>}
          <About me={me} />
          <Email me={me} />
          <Mails me={me} />
        </>
      )}
    </Loaded>
  );
}

function About({ me }: { me: Profile }) {
  const [bio, setBio] = useState(me.bio ?? "");
  const { busy, problem, submit } = useWork();
  const save = submit(async () => {
    await call("updateMe", { json: { bio: bio.trim() || null } });
    await invalidate("getProfile", "getUserByName");
    toast("Saved.");
  });
  return (
    <Section title="Profile">
      <p>
        <Link to="/u/$name" params={{ name: me.username ?? "" }}>
          {me.username}
        </Link>{" "}
        <span className="quiet">is your name here. It begins the addresses of your vals, and stays.</span>
      </p>
      <form className="stack" onSubmit={save}>
        <Field label="About you" hint="Everyone can read it.">
          <Textarea
            rows={3}
            maxLength={MAX_BIO}
            value={bio}
            onChange={({ target }) => setBio(target.value)}
          />
        </Field>
        {problem !== undefined && <Note kind="bad">{problem}</Note>}
        <div>
          <Button type="submit" busy={busy} disabled={bio.trim() === (me.bio ?? "")}>
            Save
          </Button>
        </div>
      </form>
    </Section>
  );
}

function Email({ me }: { me: Profile }) {
  const [email, setEmail] = useState(me.email ?? "");
  const [password, setPassword] = useState("");
  const [sentTo, setSentTo] = useState<string>();
  const { busy, problem, submit } = useWork();
  const wanted = email.trim();
  const save = submit(async () => {
    setSentTo(undefined);
    await call("updateMe", { json: { email: wanted || null, password } });
    setPassword("");
    if (wanted !== "") setSentTo(wanted);
    else toast("The address is gone. Without one, only the operator can help with a forgotten password.");
    await invalidate("getProfile");
  });
  return (
    <Section
      title="E-mail"
      about="Only you see it. It lets you in when the password is forgotten, and mails of your vals come to it."
    >
      <form className="stack" onSubmit={save}>
        <Field label="Address" hint="A new one counts once you have opened the link in a letter to it.">
          <Input
            type="email"
            autoComplete="email"
            value={email}
            onChange={({ target }) => setEmail(target.value)}
          />
        </Field>
        {wanted !== (me.email ?? "") && (
          <Field label="Your password" hint="Whoever has the address can set the password, so it takes both.">
            <Input
              type="password"
              autoComplete="current-password"
              required
              value={password}
              onChange={({ target }) => setPassword(target.value)}
            />
          </Field>
        )}
        {problem !== undefined && <Note kind="bad">{problem}</Note>}
        {sentTo !== undefined && (
          <Note>
            A link to confirm {sentTo} is on its way. If this town sends no mail, its operator finds the link
            in the server's log. Until it is opened nothing changes.
          </Note>
        )}
        <div>
          <Button type="submit" busy={busy} disabled={wanted === (me.email ?? "")}>
            {wanted === "" && me.email !== null ? "Remove the address" : "Change the address"}
          </Button>
        </div>
      </form>
    </Section>
  );
}

function Mails({ me }: { me: Profile }) {
  const [on, setOn] = useState(me.failureMails);
  const change = async (wanted: boolean) => {
    setOn(wanted);
    try {
      await call("updateMe", { json: { failureMails: wanted } });
      await invalidate("getProfile");
    } catch (error) {
      setOn(!wanted);
      toastProblem(error);
    }
  };
  return (
    <Section title="Mails to you">
      <Switch
        label="Tell me by mail when a cron job or a mail to my vals fails"
        checked={on}
        onChange={change}
      />
    </Section>
  );
}
