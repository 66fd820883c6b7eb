import { type FormEvent, type InputHTMLAttributes, useState } from "react";
import { call } from "../../client/call.ts";
import { invalidate } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { toast } from "../../ui/toast.tsx";
import { useAct } from "./use-act.ts";

/** A subdomain, or what stands before the @ of an address: first come, first served. */
export interface NameKind {
  readonly field: "subdomain" | "emailName";
  readonly label: string;
  readonly hint: string;
  readonly before: string;
  readonly after: string;
  /** Why nobody can have this one, if so. */
  readonly check: (name: string) => string | undefined;
}

/** Claims, changes and gives up a name of one's choice. */
export function NameOfChoice({
  fileId,
  name,
  kind,
}: {
  fileId: string;
  name: string | null;
  kind: NameKind;
}) {
  const [written, setWritten] = useState(name ?? "");
  const [asks, setAsks] = useState(false);
  const { busy, problem, setProblem, act } = useAct();
  const low = written.trim().toLowerCase();
  const wrong = low === "" ? undefined : (kind.check(low) ?? problem);
  const set = async (value: string | null) => {
    await call("updateTrigger", { params: { file_id: fileId }, json: { [kind.field]: value } });
    await invalidate("getTrigger", "listFiles");
  };
  const claim = async (event: FormEvent) => {
    event.preventDefault();
    if (await act(() => set(low))) toast(`${kind.before}${low}${kind.after} leads here now.`);
  };
  const release = async () => {
    await set(null);
    setWritten("");
    toast(`${kind.before}${name}${kind.after} is given up.`);
  };
  return (
    <form className="triggers-name" onSubmit={claim}>
      <Field label={kind.label} hint={kind.hint} wrong={wrong}>
        <NamedInput
          kind={kind}
          value={written}
          onChange={(event) => {
            setWritten(event.target.value);
            setProblem(undefined);
          }}
        />
      </Field>
      <div className="panel-actions">
        <Button
          type="submit"
          busy={busy}
          disabled={low === "" || low === name || wrong !== undefined}
          aria-label={`${name === null ? "Claim" : "Change"} ${kind.label.toLowerCase()}`}
        >
          {name === null ? "Claim" : "Change"}
        </Button>
        {name !== null && (
          <Button
            kind="danger"
            onClick={() => setAsks(true)}
            aria-label={`Give up ${kind.label.toLowerCase()}`}
          >
            Give up…
          </Button>
        )}
      </div>
      {asks && name !== null && (
        <Confirm
          title={`Give up ${kind.before}${name}${kind.after}?`}
          text="It leads nowhere from then on. For 90 days nobody but you can have it again."
          action="Give it up"
          onConfirm={release}
          onClose={() => setAsks(false)}
        />
      )}
    </form>
  );
}

/** The control with what is around it in the whole address. */
function NamedInput({ kind, ...rest }: InputHTMLAttributes<HTMLInputElement> & { kind: NameKind }) {
  return (
    <div className="triggers-named mono">
      <span className="quiet">{kind.before}</span>
      <Input spellCheck={false} {...rest} />
      <span className="quiet cut" title={kind.after}>
        {kind.after}
      </span>
    </div>
  );
}
