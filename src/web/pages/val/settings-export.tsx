import { Download } from "lucide-react";
import { useState } from "react";
import { pathOf } from "../../client/call.ts";
import { buttonClass } from "../../ui/button.tsx";
import { Switch } from "../../ui/field.tsx";
import { Note } from "../../ui/states.tsx";
import { useVal } from "./context.ts";

const PARTS = [
  ["history", "Every version of every file"],
  ["data", "Its blobs and its database"],
  ["secrets", "Values of its environment variables"],
] as const;

/** The val as one file. */
export function ExportSection() {
  const { val } = useVal();
  const [chosen, setChosen] = useState<Readonly<Record<string, boolean>>>({});
  const query = Object.fromEntries(PARTS.filter(([name]) => chosen[name]).map(([name]) => [name, true]));
  return (
    <section className="card settings-section" aria-label="Export">
      <h3>Export</h3>
      <p className="quiet">
        A tar archive with the files of all branches. Any Hamlet can make the val anew from it, and so can
        you: it holds plain files.
      </p>
      <div className="stack tight">
        {PARTS.map(([name, label]) => (
          <Switch
            key={name}
            label={label}
            checked={chosen[name] ?? false}
            onChange={(on) => setChosen({ ...chosen, [name]: on })}
          />
        ))}
      </div>
      {chosen.secrets && (
        <Note kind="warn">
          The archive will hold the values as plain text. Keep it where nobody else reads.
        </Note>
      )}
      <div className="panel-actions">
        <a
          className={buttonClass()}
          href={pathOf("getValExport", { params: { val_id: val.id }, query })}
          download={`${val.author.username}-${val.name}.tar`}
        >
          <Download size={16} /> Download archive
        </a>
      </div>
    </section>
  );
}
