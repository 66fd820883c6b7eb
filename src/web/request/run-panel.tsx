/** What has no address is started by hand. */

import "../stream/stream.css";
import { Play, Square } from "lucide-react";
import { type FormEvent, type ReactNode, useEffect, useReducer, useRef, useState } from "react";
import { useVal } from "../pages/val/context.ts";
import { Button } from "../ui/button.tsx";
import { Field, Input, Textarea } from "../ui/field.tsx";
import { Keys } from "../ui/small.tsx";
import { Run, type TestMail } from "./run.ts";
import { RunOutput } from "./run-output.tsx";
import { SignInOrRemix } from "./sign-in-or-remix.tsx";

/** A script, or the handler of what the clock or a mail starts. */
export function RunPanel({
  file,
  runs,
  before,
}: {
  file: { id: string; type: string };
  /** Runs it when it grows: beyond what it was before it was shown, too. */
  runs: number;
  before: number;
}) {
  const { mayWrite } = useVal();
  const [run, setRun] = useState<Run>();
  const [mail, setMail] = useState<TestMail>({
    from: "ann@example.com",
    subject: "A test",
    text: "Good morning",
  });
  const changed = useReducer((n: number) => n + 1, 0)[1];
  useEffect(() => run?.follow(changed), [run]);
  useEffect(() => () => run?.stop(), [run]);
  const start = () => {
    run?.stop();
    setRun(new Run(file.id, file.type === "email" ? mail : undefined));
  };
  const last = useRef(before);
  useEffect(() => {
    if (last.current === runs) return;
    last.current = runs;
    if (mayWrite) start();
  });
  if (!mayWrite) return <SignInOrRemix what="run this file" />;
  const running = run?.state === "running";
  return (
    <div className="request">
      {file.type === "email" && <MailForm mail={mail} onChange={setMail} onSend={start} />}
      <div className="row wrap">
        {running ? (
          <Button icon={<Square size={13} aria-hidden />} onClick={() => run.stop()}>
            Stop
          </Button>
        ) : (
          <Button kind="primary" icon={<Play size={14} aria-hidden />} onClick={start}>
            {LABELS[file.type] ?? "Run"}
          </Button>
        )}
        <span className="quiet small">{ABOUT[file.type] ?? ABOUT.script}</span>
      </div>
      {run && <RunOutput key={run.startedAt} run={run} />}
    </div>
  );
}

const LABELS: Readonly<Record<string, string>> = { interval: "Run now", email: "Send the test mail" };
const ABOUT: Readonly<Record<string, ReactNode>> = {
  script: (
    <>
      What was saved last, in a process of its own. <Keys keys="Mod+Enter" />
    </>
  ),
  interval: "As the clock would start it; its schedule stays as it is.",
  email: "It goes the whole way of a mail from outside.",
};

interface MailProps {
  readonly mail: TestMail;
  readonly onChange: (mail: TestMail) => void;
  readonly onSend: () => void;
}

function MailForm({ mail, onChange, onSend }: MailProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSend();
  };
  const textOf = (value: TestMail["from"]) => (typeof value === "string" ? value : "");
  return (
    <form className="stack tight" onSubmit={submit}>
      <Field label="From">
        <Input
          value={textOf(mail.from)}
          onChange={(event) => onChange({ ...mail, from: event.target.value })}
        />
      </Field>
      <Field label="Subject">
        <Input
          value={mail.subject ?? ""}
          onChange={(event) => onChange({ ...mail, subject: event.target.value })}
        />
      </Field>
      <Field label="Text">
        <Textarea
          rows={4}
          value={mail.text ?? ""}
          onChange={(event) => onChange({ ...mail, text: event.target.value })}
        />
      </Field>
    </form>
  );
}
