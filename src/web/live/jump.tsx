import { type FormEvent, useState } from "react";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, Input } from "../ui/field.tsx";

/** Asks for a time of the reader's own zone. */
export function JumpDialog({
  onJump,
  onClose,
}: {
  onJump: (at: number) => Promise<void>;
  onClose: () => void;
}) {
  const [text, setText] = useState(() => toInput(Date.now() - 600_000));
  const [busy, setBusy] = useState(false);
  const go = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    await onJump(new Date(text).getTime());
    onClose();
  };
  return (
    <Dialog title="Jump to a time" onClose={onClose}>
      <form className="stack" onSubmit={go}>
        <Field label="Time" hint="Older rows are loaded as far back as that, 20,000 at most.">
          <Input
            type="datetime-local"
            step={1}
            required
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </Field>
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={busy}>
            Jump
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** As the control wants it: without a zone. */
function toInput(at: number): string {
  const date = new Date(at);
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
