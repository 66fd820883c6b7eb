/** `/new`: a val from a template, or from the code in a link. */

import "./new.css";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTitle } from "../../shell/title.ts";
import { Field, Select } from "../../ui/field.tsx";
import { Note } from "../../ui/states.tsx";
import { fileOf, readCode64 } from "./code64.ts";
import { NewForm } from "./new-form.tsx";
import { Sources } from "./sources.tsx";
import { TemplateCards } from "./template-cards.tsx";
import { type NewFile, TEMPLATES } from "./templates.ts";

/** The page. Nothing of what it shows runs before the person has made a val of it. */
export function New() {
  useTitle("New val");
  const { code64 } = useSearch({ from: "/new" });
  return (
    <div className="page new">
      <h1>New val</h1>
      {code64 === undefined ? <FromTemplate /> : <FromLink code64={code64} />}
    </div>
  );
}

function FromTemplate() {
  const { template: id } = useSearch({ from: "/new" });
  const navigate = useNavigate();
  const template = TEMPLATES.find((one) => one.id === id) ?? TEMPLATES[0]!;
  const choose = (chosen: string) =>
    void navigate({ to: "/new", search: { template: chosen }, replace: true, resetScroll: false });
  return (
    <>
      <p className="quiet">
        A function that is a live endpoint as soon as it is saved. What should it begin as?
      </p>
      <TemplateCards chosen={template.id} onChoose={choose} />
      <div className="new-body">
        <NewForm suggestion={template.name} files={template.files} />
        <Sources files={template.files} />
      </div>
    </>
  );
}

const STARTS: readonly [type: NewFile["type"], label: string][] = [
  ["http", "A visitor: it is an endpoint"],
  ["script", "You: it is a script"],
  ["interval", "The clock: it is a cron job"],
  ["email", "A mail that comes"],
];

function FromLink({ code64 }: { code64: string }) {
  const read = useMemo(() => readCode64(code64), [code64]);
  const [type, setType] = useState<NewFile["type"]>();
  if ("problem" in read)
    return (
      <>
        <Note kind="bad">{read.problem}</Note>
        <FromTemplate />
      </>
    );
  const file = fileOf(read.code, type);
  return (
    <>
      <Note kind="warn">
        This code came with a link. Read it before you create the val: it will run in your name, with your
        blobs, databases and mails.
      </Note>
      <div className="new-body">
        <NewForm suggestion="fromLink" files={[file]}>
          <Field label="What starts it">
            <Select value={file.type} onChange={({ target }) => setType(target.value as NewFile["type"])}>
              {STARTS.map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>
          </Field>
        </NewForm>
        <Sources files={[file]} />
      </div>
    </>
  );
}
