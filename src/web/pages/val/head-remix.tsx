import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { valNameProblem } from "../../../val/name.ts";
import { PRIVACIES, type Privacy } from "../../../val/visibility.ts";
import { call } from "../../client/call.ts";
import { sayProblem } from "../../client/problem.ts";
import { invalidate, query } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field, Input, Select } from "../../ui/field.tsx";
import { toast } from "../../ui/toast.tsx";
import { useVal } from "./context.ts";

const SAYS: Readonly<Record<Privacy, string>> = {
  public: "Public: everyone",
  unlisted: "Unlisted: who has the link",
  private: "Private: its owner",
};

/** Asks what the copy is to be called and whose it is, makes it and goes there. */
export function RemixDialog({ onClose }: { onClose: () => void }) {
  const { val, viewer } = useVal();
  const navigate = useNavigate();
  const orgs = useQuery(query("listOrgs", { query: { limit: 100 } }));
  const [name, setName] = useState("");
  const [privacy, setPrivacy] = useState<Privacy>(val.privacy);
  const [orgId, setOrgId] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const remix = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = name.trim() || null;
    const wrong = wanted === null ? undefined : valNameProblem(wanted);
    setProblem(wrong);
    if (wrong !== undefined) return;
    setBusy(true);
    try {
      const json = { name: wanted, privacy, orgId: orgId || null };
      const made = await call("remixVal", { params: { val_id: val.id }, json });
      await invalidate("listMyVals", "listVals");
      onClose();
      await navigate({
        to: "/x/$user/$val",
        params: { user: made.author.username ?? "", val: made.name },
      });
      sayMade(made.requiredVariables);
    } catch (error) {
      setProblem(sayProblem(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={`Remix ${val.author.username}/${val.name}`} onClose={onClose}>
      <form className="stack" onSubmit={remix}>
        <p className="quiet">
          A copy of the newest version of main, with endpoints of its own. It remembers where it comes from:
          later changes can be taken over, and yours proposed.
        </p>
        <Field
          label="Name"
          hint="Left empty: the same name, with a number if you have it already."
          wrong={problem}
        >
          <Input
            value={name}
            placeholder={val.name}
            maxLength={48}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        <Field label="Owner">
          <Select value={orgId} onChange={(event) => setOrgId(event.target.value)}>
            <option value="">{viewer?.username}</option>
            {orgs.data?.data.map(({ id, username }) => (
              <option key={id} value={id}>
                {username}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Who may see it">
          <Select value={privacy} onChange={(event) => setPrivacy(event.target.value as Privacy)}>
            {PRIVACIES.map((each) => (
              <option key={each} value={each}>
                {SAYS[each]}
              </option>
            ))}
          </Select>
        </Field>
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={busy}>
            Remix
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function sayMade(variables: readonly string[]): void {
  if (variables.length === 0) toast("This copy is yours.");
  else toast(`This copy is yours. It still needs a value for ${variables.join(", ")}: see Environment.`);
}
