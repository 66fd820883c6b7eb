/** Another name for a branch, and its end. */

import { type FormEvent, useState } from "react";
import { branchNameProblem } from "../../../val/name.ts";
import { call } from "../../client/call.ts";
import { sayProblem } from "../../client/problem.ts";
import { invalidate } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm, Dialog } from "../../ui/dialog.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { toast } from "../../ui/toast.tsx";
import { type Branch, MAIN, useBranchName } from "./branch.ts";
import { useVal } from "./context.ts";
import { useGoToBranch } from "./head-branch.tsx";

/** Asks for the new name. */
export function RenameBranch({ branch, onClose }: { branch: Branch; onClose: () => void }) {
  const { val } = useVal();
  const isShown = useBranchName() === branch.name;
  const goTo = useGoToBranch();
  const [name, setName] = useState(branch.name);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const rename = async (event: FormEvent) => {
    event.preventDefault();
    const wrong = branchNameProblem(name.trim());
    setProblem(wrong);
    if (wrong !== undefined) return;
    setBusy(true);
    try {
      const params = { val_id: val.id, branch_id: branch.id };
      const renamed = await call("renameBranch", { params, json: { name: name.trim() } });
      await invalidate("listBranches", "listFiles");
      toast(`${branch.name} is now ${renamed.name}.`);
      onClose();
      if (isShown) goTo(renamed.name);
    } catch (error) {
      setProblem(sayProblem(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={`Rename ${branch.name}`} onClose={onClose}>
      <form className="stack" onSubmit={rename}>
        <Field
          label="Name"
          hint="Its endpoints stay the same; the URLs of its modules have its name in them."
          wrong={problem}
        >
          <Input value={name} onChange={(event) => setName(event.target.value)} required maxLength={48} />
        </Field>
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={busy}>
            Rename
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Asks for its name before it goes. */
export function DeleteBranch({ branch, onClose }: { branch: Branch; onClose: () => void }) {
  const { val } = useVal();
  const isShown = useBranchName() === branch.name;
  const goTo = useGoToBranch();
  const remove = async () => {
    await call("deleteBranch", { params: { val_id: val.id, branch_id: branch.id } });
    if (isShown) goTo(MAIN);
    await invalidate("listBranches", "getValDetails", "listPulls", "getPull");
    toast(`${branch.name} is gone.`);
  };
  return (
    <Confirm
      title={`Delete the branch ${branch.name}?`}
      text="Its files, all its versions and its endpoints go for good. What was merged stays where it was merged into; branches that were made from it stay, too."
      action="Delete branch"
      typed={branch.name}
      onConfirm={remove}
      onClose={onClose}
    />
  );
}
