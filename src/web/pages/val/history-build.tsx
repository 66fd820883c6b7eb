import { useQuery } from "@tanstack/react-query";
import { query } from "../../client/queries.ts";
import { Badge } from "../../ui/small.tsx";
import { Note } from "../../ui/states.tsx";
import type { Branch } from "./branch.ts";
import { useVal } from "./context.ts";

/** Whether a version could be built; and if not, why. */
export function VersionBuild({ branch, version }: { branch: Branch; version: number }) {
  const { val } = useVal();
  const { data } = useQuery(
    query("getVersionBuilds", {
      params: { val_id: val.id, version: String(version) },
      query: { branch_id: branch.id },
    }),
  );
  if (data?.status === "ok") return <Badge kind="good">built</Badge>;
  if (data?.status === "superseded") return <Badge>built with a later version</Badge>;
  return data?.status === "failed" ? <Badge kind="bad">does not build</Badge> : null;
}

/** What the builder said of a version that could not be built. */
export function VersionProblems({ branch, version }: { branch: Branch; version: number }) {
  const { val } = useVal();
  const { data } = useQuery(
    query("getVersionBuilds", {
      params: { val_id: val.id, version: String(version) },
      query: { branch_id: branch.id },
    }),
  );
  if (data?.status !== "failed") return null;
  return (
    <Note kind="bad">
      <ul className="history-problems">
        {data.diagnostics.map(({ message, file, line }) => (
          <li key={`${file} ${line} ${message}`}>
            {file !== undefined && <code>{line === undefined ? file : `${file}:${line}`} </code>}
            {message}
          </li>
        ))}
      </ul>
    </Note>
  );
}
