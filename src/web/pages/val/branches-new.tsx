import { type FormEvent, useState } from "react";
import { branchNameProblem } from "../../../val/name.ts";
import { call } from "../../client/call.ts";
import { sayProblem } from "../../client/problem.ts";
import { invalidate } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field, Input, Select } from "../../ui/field.tsx";
import { toast } from "../../ui/toast.tsx";
import type { Branch } from "./branch.ts";
import { useVal } from "./context.ts";

/** Asks for the name of a new branch and makes it. */
export function NewBranch({
  branches,
  from,
  onClose,
  onMade,
}: {
  branches: readonly Branch[];
  from: Branch;
  onClose: () => void;
  onMade: (name: string) => void;
}) {
  const { val } = useVal();
  const [name, setName] = useState("");
  const [parent, setParent] = useState(from.id);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const make = async (event: FormEvent) => {
    event.preventDefault();
    const wrong = branchNameProblem(name.trim());
    setProblem(wrong);
    if (wrong !== undefined) return;
    setBusy(true);
    try {
      const json = { name: name.trim(), branchId: parent };
      const made = await call("createBranch", { params: { val_id: val.id }, json });
      await invalidate("listBranches", "getValDetails");
      toast(`The branch ${made.name} begins where ${branches.find(({ id }) => id === parent)?.name} is.`);
      onClose();
      onMade(made.name);
    } catch (error) {
      setProblem(sayProblem(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title="New branch" onClose={onClose}>
      <form className="stack" onSubmit={make}>
        <Field
          label="Name"
          hint="Its files have endpoints of their own; those of the branch it comes from stay as they are."
          wrong={problem}
        >
          <Input value={name} onChange={(event) => setName(event.target.value)} required maxLength={48} />
        </Field>
        <Field label="From">
          <Select value={parent} onChange={(event) => setParent(event.target.value)}>
            {branches.map(({ id, name: each, version }) => (
              <option key={id} value={id}>
                {each} (v{version})
              </option>
            ))}
          </Select>
        </Field>
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={busy}>
            Create branch
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
