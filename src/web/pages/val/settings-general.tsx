import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { MAX_DESCRIPTION, valNameProblem } from "../../../val/name.ts";
import type { Privacy } from "../../../val/visibility.ts";
import { boot } from "../../client/boot.ts";
import { call } from "../../client/call.ts";
import { invalidate, queries, query } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { Note } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { useVal } from "./context.ts";
import { useAct } from "./use-act.ts";

/** Name and description. */
export function AboutSection() {
  const { val } = useVal();
  const [name, setName] = useState(val.name);
  const [description, setDescription] = useState(val.description ?? "");
  const { busy, problem, act } = useAct();
  const goTo = useGoTo();
  const wrong = name === "" ? undefined : valNameProblem(name);
  const renamed = name !== val.name;
  const changed = renamed || description !== (val.description ?? "");
  const save = (event: FormEvent) => {
    event.preventDefault();
    void act(async () => {
      const json = { name, description: description === "" ? null : description };
      await goTo(await call("updateVal", { params: { val_id: val.id }, json }));
      toast(renamed ? `The val is called ${name} now.` : "The description is saved.");
    });
  };
  return (
    <form className="card settings-section" onSubmit={save} aria-label="Name and description">
      <h3>Name and description</h3>
      <Field label="Name" wrong={wrong}>
        <Input className="mono" value={name} required onChange={(event) => setName(event.target.value)} />
      </Field>
      {renamed && <AfterRename name={name} />}
      <Field label="Description" hint={`What it does, in at most ${MAX_DESCRIPTION} characters.`}>
        <Input
          value={description}
          maxLength={MAX_DESCRIPTION}
          onChange={(event) => setDescription(event.target.value)}
        />
      </Field>
      {problem !== undefined && <Note kind="bad">{problem}</Note>}
      <div className="panel-actions">
        <Button
          type="submit"
          kind="primary"
          busy={busy}
          disabled={!changed || name === "" || wrong !== undefined}
        >
          {renamed ? "Rename" : "Save"}
        </Button>
      </div>
    </form>
  );
}

function AfterRename({ name }: { name: string }) {
  const { val } = useVal();
  const user = val.author.username ?? "";
  return (
    <Note>
      A new name changes the address of this page, and that of modules to{" "}
      <code>
        esm.town/v/{user}/{name}/…
      </code>
      . Endpoints keep their addresses for good. Module addresses with the old name go on working until
      another val of {user} takes it. Mail to{" "}
      <code>
        {user}.{val.name}@{boot.town.mailDomain}
      </code>{" "}
      arrives no longer.
    </Note>
  );
}

const PRIVACY: Readonly<Record<Privacy, readonly [label: string, about: string]>> = {
  public: ["Public", "Everyone finds it, reads its code and can remix it."],
  unlisted: ["Unlisted", "Everyone who knows the address reads its code; it is in no list and no search."],
  private: ["Private", "Only its owner, and members of the organization that owns it, see it."],
};

/** Who sees the val. */
export function PrivacySection() {
  const { val } = useVal();
  const [privacy, setPrivacy] = useState<Privacy>(val.privacy);
  const { busy, problem, act } = useAct();
  const goTo = useGoTo();
  const save = (event: FormEvent) => {
    event.preventDefault();
    void act(async () => {
      await goTo(await call("updateVal", { params: { val_id: val.id }, json: { privacy } }));
      toast(`The val is ${privacy} now.`);
    });
  };
  return (
    <form className="card settings-section" onSubmit={save} aria-label="Privacy">
      <h3 id="settings-privacy">Who sees it</h3>
      <fieldset className="settings-choices" aria-labelledby="settings-privacy">
        {(Object.keys(PRIVACY) as Privacy[]).map((one) => (
          <label key={one} className="settings-choice">
            <input
              type="radio"
              name="privacy"
              checked={privacy === one}
              onChange={() => setPrivacy(one)}
              aria-describedby={`settings-${one}`}
            />
            <span>{PRIVACY[one][0]}</span>
            <span className="quiet small" id={`settings-${one}`}>
              {PRIVACY[one][1]}
            </span>
          </label>
        ))}
      </fieldset>
      <p className="quiet small">
        This is about code, history and the page of the val. Its endpoints answer anyone who calls them, and
        its addresses take mail of anyone, whatever is chosen here.
      </p>
      {problem !== undefined && <Note kind="bad">{problem}</Note>}
      <div className="panel-actions">
        <Button type="submit" kind="primary" busy={busy} disabled={privacy === val.privacy}>
          Save privacy
        </Button>
      </div>
    </form>
  );
}

/** To the settings of a val after a change, which may be at another address; what was known of it is asked anew. */
export function useGoTo() {
  const navigate = useNavigate();
  return async (val: { id: string; name: string; author: { username: string | null } }): Promise<void> => {
    const user = val.author.username ?? "";
    // So that the page finds it there at once.
    const asked = query("getValByName", { params: { username: user, val_name: val.name } });
    queries.setQueryData(asked.queryKey, val as never);
    await navigate({ to: "/x/$user/$val/settings", params: { user, val: val.name }, replace: true });
    await invalidate("getValDetails", "listMyVals", "listFiles", "getTrigger");
  };
}
