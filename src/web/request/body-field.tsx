import { Upload } from "lucide-react";
import { type DragEvent, useId, useState } from "react";
import { Button } from "../ui/button.tsx";
import { Select, Textarea } from "../ui/field.tsx";
import { sayBytes } from "../ui/small.tsx";
import { type BodyKind, type Draft, jsonProblem, takesBody } from "./draft.ts";
import { Pairs } from "./pairs.tsx";

const KINDS: Readonly<Record<BodyKind, string>> = {
  none: "None",
  text: "Text",
  json: "JSON",
  form: "Form",
  file: "File",
};

export interface BodyProps {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly file: File | undefined;
  readonly onFile: (file: File | undefined) => void;
}

/** What a request carries. */
export function BodyField({ draft, onChange, file, onFile }: BodyProps) {
  const { kind, text, form } = draft;
  if (!takesBody(draft.method)) {
    return (
      <p className="quiet small row wrap">
        A {draft.method} has no body.
        <Button small onClick={() => onChange({ ...draft, method: "POST" })}>
          Make it a POST
        </Button>
      </p>
    );
  }
  const pretty = () => onChange({ ...draft, text: JSON.stringify(JSON.parse(text), null, 2) });
  const problem = kind === "json" && text.trim() !== "" ? jsonProblem(text) : undefined;
  return (
    <div className="stack tight">
      <div className="row">
        <Select
          className="request-kind"
          aria-label="Kind of body"
          value={kind}
          onChange={(event) => onChange({ ...draft, kind: event.target.value as BodyKind })}
        >
          {Object.entries(KINDS).map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </Select>
        {kind === "json" && (
          <Button small disabled={problem !== undefined || text.trim() === ""} onClick={pretty}>
            Format JSON
          </Button>
        )}
      </div>
      {(kind === "text" || kind === "json") && (
        <Textarea
          className="mono"
          aria-label="Body"
          {...{ rows: 6, value: text, spellCheck: false }}
          aria-invalid={problem !== undefined || undefined}
          placeholder={kind === "json" ? '{ "name": "value" }' : ""}
          onChange={(event) => onChange({ ...draft, text: event.target.value })}
        />
      )}
      {problem !== undefined && <p className="bad small">{problem}</p>}
      {kind === "form" && (
        <Pairs one="Field" pairs={form} onChange={(next) => onChange({ ...draft, form: next })} />
      )}
      {kind === "file" && <FileField file={file} onFile={onFile} />}
    </div>
  );
}

function FileField({ file, onFile }: Pick<BodyProps, "file" | "onFile">) {
  const id = useId();
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped) onFile(dropped);
  };
  return (
    // Who has no pointer chooses the file by the input within.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <div
      className={over ? "request-drop over" : "request-drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Upload size={18} aria-hidden />
      <label htmlFor={id}>
        {file ? `${file.name} · ${sayBytes(file.size)}` : "Drop a file here, or choose one"}
      </label>
      <input id={id} type="file" onChange={(event) => onFile(event.target.files?.[0])} />
    </div>
  );
}
