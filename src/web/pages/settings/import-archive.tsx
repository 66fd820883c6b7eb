import { useRef, useState } from "react";
import { pathOf } from "../../client/call.ts";
import type { Answer } from "../../client/contract.ts";
import { Problem } from "../../client/problem.ts";
import { invalidate } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Field, Select } from "../../ui/field.tsx";
import { sayBytes } from "../../ui/small.tsx";
import { Note } from "../../ui/states.tsx";
import { ImportReport } from "./import-report.tsx";
import { Section, useWork } from "./part.tsx";

type Report = Answer<"postImport">;

/** What to do with a val whose name is taken. */
export const CONFLICTS = [
  ["fail", "Make nothing at all"],
  ["skip", "Pass it over"],
  ["rename", "Give it another name"],
] as const;
export type Conflict = (typeof CONFLICTS)[number][0];

/** Which of them. */
export function ConflictField({ value, onChange }: { value: Conflict; onChange: (one: Conflict) => void }) {
  return (
    <Field label="When a val of the same name is there">
      <Select value={value} onChange={({ target }) => onChange(target.value as Conflict)}>
        {CONFLICTS.map(([name, label]) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </Select>
    </Field>
  );
}

/** Makes vals from an archive of this machine. */
export function ImportArchive() {
  const [file, setFile] = useState<File>();
  const [conflict, setConflict] = useState<Conflict>("fail");
  const [sent, setSent] = useState(0);
  const [report, setReport] = useState<Report>();
  const upload = useRef<XMLHttpRequest>(undefined);
  const { busy, problem, submit } = useWork();
  const start = submit(async () => {
    setReport(undefined);
    setSent(0);
    upload.current = new XMLHttpRequest();
    setReport(await send(upload.current, file!, conflict, setSent));
    await invalidate("listTownVals", "listMyVals");
  });
  return (
    <Section
      title="Import an archive"
      about="As an export gives it. Nothing that is there already is changed."
    >
      <form className="stack" onSubmit={start}>
        <Field label="Archive">
          <input
            className="input"
            type="file"
            accept=".tar,application/x-tar"
            required
            onChange={({ target }) => setFile(target.files?.[0])}
          />
        </Field>
        <ConflictField value={conflict} onChange={setConflict} />
        {busy && file !== undefined && (
          <div className="stack tight" role="status">
            <progress className="import-progress" value={sent} max={file.size} aria-label="Sent" />
            <span className="small quiet">
              {sent < file.size
                ? `${sayBytes(sent)} of ${sayBytes(file.size)} sent`
                : "All is sent; now the vals are made and built."}
            </span>
          </div>
        )}
        {problem !== undefined && <Note kind="bad">{problem}</Note>}
        <div className="row">
          <Button type="submit" busy={busy} disabled={file === undefined}>
            Import
          </Button>
          {busy && <Button onClick={() => upload.current?.abort()}>Cancel</Button>}
        </div>
      </form>
      {report !== undefined && <ImportReport report={report} />}
    </Section>
  );
}

/** XMLHttpRequest: fetch does not tell how much was sent. */
function send(
  request: XMLHttpRequest,
  file: File,
  conflict: Conflict,
  onSent: (bytes: number) => void,
): Promise<Report> {
  return new Promise((resolve, reject) => {
    request.open("POST", pathOf("postImport", { query: { on_conflict: conflict } }));
    request.setRequestHeader("content-type", "application/x-tar");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded }) => onSent(loaded);
    request.onload = () => {
      if (request.status === 200) return resolve(request.response as Report);
      const { message } = (request.response ?? {}) as { message?: string };
      reject(new Problem(request.status, message ?? `The town answered ${request.status}.`));
    };
    request.onerror = () =>
      reject(new Problem(0, "The town cannot be reached. Look at your connection, then try again."));
    request.onabort = () => reject(new Problem(0, "You cancelled it before all was sent: nothing was made."));
    request.send(file);
  });
}
