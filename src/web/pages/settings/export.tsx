import { useState } from "react";
import { pathOf } from "../../client/call.ts";
import { buttonClass } from "../../ui/button.tsx";
import { Switch } from "../../ui/field.tsx";
import { ImportArchive } from "./import-archive.tsx";
import { ImportRemote } from "./import-remote.tsx";
import { Section } from "./part.tsx";

/** `/settings/export`: all of one's things as an archive, and back. */
export function ExportPart() {
  return (
    <>
      <ExportSection path="getMyExport" />
      <ImportArchive />
      <ImportRemote />
    </>
  );
}

/** What an account or organization takes along. */
export function ExportSection(props: { path: "getMyExport" } | { path: "getOrgExport"; orgId: string }) {
  const [history, setHistory] = useState(false);
  const [secrets, setSecrets] = useState(false);
  const query = { ...(history && { history: "true" }), ...(secrets && { secrets: "true" }) };
  const params = "orgId" in props ? { org_id: props.orgId } : {};
  return (
    <Section
      title="Export"
      about="A tar archive: profile, vals with all their branches, blobs, and databases as SQL. It can be imported here or in another town."
    >
      <Switch label="With every version of every file" checked={history} onChange={setHistory} />
      <Switch
        label="With the values of environment variables, readable by whoever has the file"
        checked={secrets}
        onChange={setSecrets}
      />
      <div>
        <a className={buttonClass()} href={pathOf(props.path, { params, query })} download>
          Download the archive
        </a>
      </div>
    </Section>
  );
}
