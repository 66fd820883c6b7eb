import { type FormEvent, useState } from "react";
import {
  MAX_VARIABLE_DESCRIPTION,
  variableKeyProblem,
  variableValueProblem,
} from "../../../val/environment.ts";
import { call } from "../../client/call.ts";
import type { Row } from "../../client/contract.ts";
import { invalidate } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field, Input, Textarea } from "../../ui/field.tsx";
import { Note } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { useVal } from "./context.ts";
import { useAct } from "./use-act.ts";

/** Adds a variable, or gives one that is there a new value. */
export function VariableDialog({
  variable,
  taken,
  onClose,
}: {
  variable?: Row<"listVariables">;
  taken: readonly string[];
  onClose: () => void;
}) {
  const { val } = useVal();
  const [key, setKey] = useState(variable?.key ?? "");
  const [value, setValue] = useState("");
  const [description, setDescription] = useState(variable?.description ?? "");
  const { busy, problem, act } = useAct();
  const keyWrong = variable === undefined && key !== "" ? nameProblem(key, taken) : undefined;
  const valueWrong = variableValueProblem(value);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const what = { value, description: description === "" ? null : description };
    const done = await act(async () => {
      if (variable === undefined)
        await call("createVariable", { params: { val_id: val.id }, json: { key, ...what } });
      else await call("updateVariable", { params: { val_id: val.id, key }, json: what });
      await invalidate("listVariables");
    });
    if (!done) return;
    toast(variable === undefined ? `${key} is added.` : `${key} has a new value.`);
    onClose();
  };
  return (
    <Dialog title={variable === undefined ? "Add a variable" : `Change ${key}`} onClose={onClose}>
      <form className="stack" onSubmit={save}>
        {variable === undefined && (
          <Field label="Name" hint="Letters, digits and _, such as API_KEY." wrong={keyWrong}>
            <Input className="mono" value={key} required onChange={(event) => setKey(event.target.value)} />
          </Field>
        )}
        <Field
          label={variable === undefined ? "Value" : "New value"}
          hint={variable && "It replaces the old one, which cannot be shown."}
          wrong={valueWrong}
        >
          <Textarea
            className="mono"
            rows={3}
            value={value}
            spellCheck={false}
            onChange={(event) => setValue(event.target.value)}
          />
        </Field>
        <Field label="Description" hint="Optional: what it is for, or where it comes from.">
          <Input
            value={description}
            maxLength={MAX_VARIABLE_DESCRIPTION}
            onChange={(event) => setDescription(event.target.value)}
          />
        </Field>
        {problem !== undefined && <Note kind="bad">{problem}</Note>}
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            kind="primary"
            busy={busy}
            disabled={key === "" || keyWrong !== undefined || valueWrong !== undefined}
          >
            {variable === undefined ? "Add variable" : "Save value"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function nameProblem(key: string, taken: readonly string[]): string | undefined {
  if (taken.includes(key)) return `There is a variable ${key} already: change that one.`;
  return variableKeyProblem(key);
}
