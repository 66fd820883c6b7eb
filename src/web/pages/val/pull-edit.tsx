import { type FormEvent, useState } from "react";
import { call } from "../../client/call.ts";
import { sayProblem } from "../../client/problem.ts";
import { invalidate } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field, Input, Textarea } from "../../ui/field.tsx";
import { Note } from "../../ui/states.tsx";
import { useVal } from "./context.ts";
import type { OnePull } from "./pull.tsx";

/** Asks for another title and description. */
export function EditPull({ pull, onClose }: { pull: OnePull; onClose: () => void }) {
  const { val } = useVal();
  const [title, setTitle] = useState(pull.title);
  const [description, setDescription] = useState(pull.description ?? "");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      const params = { val_id: val.id, number: String(pull.number) };
      await call("editPull", { params, json: { title, description: description.trim() || null } });
      await invalidate("getPull", "listPulls");
      onClose();
    } catch (error) {
      setProblem(sayProblem(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={`Pull request #${pull.number}`} onClose={onClose}>
      <form className="stack" onSubmit={save}>
        <PullFields
          title={title}
          setTitle={setTitle}
          description={description}
          setDescription={setDescription}
        />
        {problem !== undefined && <Note kind="bad">{problem}</Note>}
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={busy}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Title and description. */
export function PullFields({
  title,
  setTitle,
  description,
  setDescription,
}: {
  title: string;
  setTitle: (title: string) => void;
  description: string;
  setDescription: (description: string) => void;
}) {
  return (
    <>
      <Field label="Title">
        <Input value={title} onChange={(event) => setTitle(event.target.value)} required maxLength={200} />
      </Field>
      <Field label="Description" hint="What it is for, and what to look at. Markdown is understood.">
        <Textarea
          rows={5}
          maxLength={10_000}
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
      </Field>
    </>
  );
}
