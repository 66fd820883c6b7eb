import { Link } from "@tanstack/react-router";
import type { Answer } from "../../client/contract.ts";
import { Badge, count } from "../../ui/small.tsx";
import { Note } from "../../ui/states.tsx";

type Report = Answer<"postImport">;
const KINDS = { made: "good", skipped: "warn", failed: "bad" } as const;

/** What an import came to. */
export function ImportReport({ report }: { report: Report }) {
  const { vals, blobs, database, message } = report;
  const made = vals.filter(({ status }) => status === "made").length;
  return (
    <div className="stack tight" role="status">
      <p>
        {count(made, "val")} of {vals.length} made.
        {blobs.stored > 0 && ` ${count(blobs.stored, "blob")} stored.`}
        {database === "restored" && " The database is restored."}
      </p>
      {message !== null && <Note kind="warn">{message}</Note>}
      <ul className="settings-rows" aria-label="Imported vals">
        {vals.map((one) => (
          <li key={one.name}>
            <div className="grow">
              {one.val === null ? (
                one.name
              ) : (
                <Link to="/x/$user/$val" params={{ user: one.val.author.username ?? "", val: one.val.name }}>
                  {one.val.name}
                </Link>
              )}
              {one.message !== null && <div className="small quiet">{one.message}</div>}
              {one.missingVariables.length > 0 && (
                <div className="small quiet">Without a value: {one.missingVariables.join(", ")}</div>
              )}
            </div>
            {one.build === "failed" && <Badge kind="bad">does not build</Badge>}
            <Badge kind={KINDS[one.status]}>{one.status}</Badge>
          </li>
        ))}
      </ul>
    </div>
  );
}
