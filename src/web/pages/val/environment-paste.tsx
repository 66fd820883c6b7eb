import { Check, X } from "lucide-react";
import { type FormEvent, useMemo, useRef, useState } from "react";
import { call } from "../../client/call.ts";
import type { Row } from "../../client/contract.ts";
import { sayProblem } from "../../client/problem.ts";
import { invalidate } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field, Textarea } from "../../ui/field.tsx";
import { Badge, count } from "../../ui/small.tsx";
import { toast } from "../../ui/toast.tsx";
import { useVal } from "./context.ts";
import { type Dotenv, type DotenvEntry, parseDotenv } from "./dotenv.ts";

const EXAMPLE = `# Comments and quotes are understood\nAPI_KEY="abc 123"\nexport GREETING=Good morning`;
/** What became of each name: true when it is saved, else why it is not. */
type Outcomes = Readonly<Record<string, true | string>>;

/** Takes a whole `.env`, shows what will come of it, and saves all of that. */
export function PasteDialog({
  known,
  onClose,
}: {
  known: readonly Row<"listVariables">[];
  onClose: () => void;
}) {
  const [text, setText] = useState("");
  const parsed = useMemo(() => parseDotenv(text), [text]);
  // As it was at first: while they are saved, the list outside changes.
  const [taken] = useState(() => new Set(known.map(({ key }) => key)));
  const { outcomes, busy, save, forget } = useSaving(taken);
  const left = parsed.entries.filter(({ key }) => outcomes[key] !== true);
  const failed = left.some(({ key }) => outcomes[key] !== undefined);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await save(left)) {
      toast(`${count(parsed.entries.length, "variable")} saved.`);
      onClose();
    }
  };
  return (
    <Dialog title="Paste .env" onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <Field label="Content of a .env file" hint="It is read here, and sent only when you save.">
          <Textarea
            className="mono"
            rows={7}
            value={text}
            spellCheck={false}
            placeholder={EXAMPLE}
            disabled={busy}
            onChange={(event) => {
              setText(event.target.value);
              forget();
            }}
          />
        </Field>
        <Plan parsed={parsed} taken={taken} outcomes={outcomes} />
        {busy && (
          <progress
            className="environment-progress"
            aria-label="Saved"
            max={parsed.entries.length}
            value={parsed.entries.length - left.length}
          />
        )}
        <div className="actions">
          <Button onClick={onClose}>{failed ? "Close" : "Cancel"}</Button>
          <Button type="submit" kind="primary" busy={busy} disabled={left.length === 0}>
            {failed ? "Try those again" : `Save ${count(left.length, "variable")}`}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** One after the other: each makes the val start anew. What fails keeps the rest from nothing. */
function useSaving(taken: ReadonlySet<string>) {
  const { val } = useVal();
  const [outcomes, setOutcomes] = useState<Outcomes>({});
  const [busy, setBusy] = useState(false);
  const saved = useRef(new Set(taken));
  const saveOne = async ({ key, value }: DotenvEntry): Promise<true | string> => {
    try {
      if (saved.current.has(key))
        await call("updateVariable", { params: { val_id: val.id, key }, json: { value } });
      else await call("createVariable", { params: { val_id: val.id }, json: { key, value } });
      saved.current.add(key);
      return true;
    } catch (error) {
      return sayProblem(error);
    }
  };
  const save = async (entries: readonly DotenvEntry[]): Promise<boolean> => {
    setBusy(true);
    let good = true;
    for (const entry of entries) {
      const outcome = await saveOne(entry);
      good &&= outcome === true;
      setOutcomes((before) => ({ ...before, [entry.key]: outcome }));
    }
    await invalidate("listVariables");
    setBusy(false);
    return good;
  };
  return { outcomes, busy, save, forget: () => setOutcomes({}) };
}

function Plan({
  parsed,
  taken,
  outcomes,
}: {
  parsed: Dotenv;
  taken: ReadonlySet<string>;
  outcomes: Outcomes;
}) {
  const { entries, problems } = parsed;
  return (
    <div className="stack tight" aria-live="polite">
      {problems.length > 0 && (
        <div className="note warn">
          <ul className="environment-plan" aria-label="Lines that need a look">
            {problems.map(({ line, text }) => (
              <li key={`${line} ${text}`}>
                Line {line}: {text}
              </li>
            ))}
          </ul>
        </div>
      )}
      {entries.length > 0 && (
        <ul className="environment-plan" aria-label="What will be saved">
          {entries.map(({ key, value }) => (
            <li key={key}>
              <div className="row">
                <code className="cut">{key}</code>
                <Badge kind={taken.has(key) ? "warn" : "good"}>
                  {taken.has(key) ? "will be changed" : "will be added"}
                </Badge>
                <span className="quiet small grow cut">{count(value.length, "character")}</span>
                <Outcome outcome={outcomes[key]} />
              </div>
              {typeof outcomes[key] === "string" && (
                <div className="bad small" role="alert">
                  {outcomes[key]}
                </div>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Outcome({ outcome }: { outcome: true | string | undefined }) {
  if (outcome === undefined) return null;
  return outcome === true ? <Check size={16} aria-label="Saved" /> : <X size={16} aria-label="Not saved" />;
}
