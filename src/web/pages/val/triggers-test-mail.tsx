import { type FormEvent, useState } from "react";
import { ask } from "../../client/call.ts";
import { invalidate } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Field, Input, Textarea } from "../../ui/field.tsx";
import { useVal } from "./context.ts";
import type { TriggerFile } from "./triggers.tsx";
import { RunOutcome } from "./triggers-outcome.tsx";
import { useRun } from "./use-run.ts";

/** As much as the town takes in one request, less what base64 adds. */
const MAX_ATTACHMENT = 20_000_000;

/** Writes a mail to an email file, and shows what it does with it. */
export function TestMail({
  file,
  branchId,
  to,
  onClose,
}: {
  file: TriggerFile;
  branchId: string;
  to: string;
  onClose: () => void;
}) {
  const { val } = useVal();
  const [attached, setAttached] = useState<File>();
  const { run, start, stop, forget } = useRun();
  const tooLarge = attached !== undefined && attached.size > MAX_ATTACHMENT;
  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const written = (name: string) => String(form.get(name) ?? "");
    await start(async (signal) =>
      ask("deliverEmail", {
        params: { val_id: val.id },
        query: { path: file.path, branch_id: branchId },
        json: {
          ...(written("from") !== "" && { from: written("from") }),
          ...(to !== "" && { to }),
          subject: written("subject"),
          text: written("text"),
          ...(attached && { attachments: [await toAttachment(attached)] }),
        },
        headers: { accept: "text/event-stream" },
        signal,
      }),
    );
    await invalidate("listReceivedMails", "listJobs", "listJobRuns");
  };
  return (
    <form className="triggers-schedule" onSubmit={send} aria-label="Test mail">
      <div className="triggers-two">
        <Field label="From" hint="Anybody; yourself when empty.">
          <Input name="from" type="email" maxLength={320} placeholder="eve@example.org" />
        </Field>
        <Field label="Subject">
          <Input name="subject" defaultValue="Hello" />
        </Field>
      </div>
      <Field label="Text">
        <Textarea name="text" rows={4} defaultValue="Good morning" />
      </Field>
      <Field
        label="Attachment"
        hint="Optional, one file."
        wrong={tooLarge ? "It is too large for a test mail: choose one of at most 20 MB." : undefined}
      >
        <input type="file" onChange={(event) => setAttached(event.target.files?.[0])} />
      </Field>
      <div className="panel-actions">
        <Button type="submit" kind="primary" busy={run?.state === "running"} disabled={tooLarge}>
          Send test mail
        </Button>
        <Button onClick={onClose}>Close</Button>
      </div>
      {run && <RunOutcome run={run} label="Outcome of the test mail" onStop={stop} onClose={forget} />}
    </form>
  );
}

async function toAttachment(file: File): Promise<{ content: string; filename: string; type?: string }> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  // In pieces: so many arguments at once are too many.
  for (let at = 0; at < bytes.length; at += 32_768)
    text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return { content: btoa(text), filename: file.name.slice(0, 256), ...(file.type && { type: file.type }) };
}
