import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Viewer } from "../../client/boot.ts";
import { call } from "../../client/call.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { Section } from "./part.tsx";

/** `/settings/account`: the end of it. */
export function AccountPart({ viewer }: { viewer: Viewer }) {
  const [password, setPassword] = useState("");
  const [asking, setAsking] = useState(false);
  return (
    <Section
      title="Delete your account"
      about={
        <>
          Removes all that is yours: vals with their endpoints, blobs, databases, tokens, mails, and
          organizations without another member. This cannot be undone.{" "}
          <Link to="/settings/$part" params={{ part: "export" }}>
            Take your things with you first.
          </Link>
        </>
      }
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          setAsking(true);
        }}
      >
        <Field label="Your password">
          <Input
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={({ target }) => setPassword(target.value)}
          />
        </Field>
        <div>
          <Button kind="danger" type="submit">
            Delete my account…
          </Button>
        </div>
      </form>
      {asking && (
        <Confirm
          title="Delete your account?"
          text="Everything that is yours is gone at once, and for good."
          action="Delete my account"
          typed={viewer.username}
          onConfirm={async () => {
            await call("deleteMe", { json: { password } });
            location.assign("/");
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </Section>
  );
}
