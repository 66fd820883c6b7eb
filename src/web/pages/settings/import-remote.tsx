import { useState } from "react";
import { call } from "../../client/call.ts";
import type { Answer } from "../../client/contract.ts";
import { invalidate } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { Note } from "../../ui/states.tsx";
import { type Conflict, ConflictField } from "./import-archive.tsx";
import { ImportReport } from "./import-report.tsx";
import { Section, useWork } from "./part.tsx";

/** Makes vals from those of another server that speaks this API. */
export function ImportRemote() {
  const [url, setUrl] = useState("");
  const [token, setToken] = useState("");
  const [onConflict, setOnConflict] = useState<Conflict>("skip");
  const [report, setReport] = useState<Answer<"postRemoteImport">>();
  const { busy, problem, submit } = useWork();
  const start = submit(async () => {
    setReport(undefined);
    setReport(await call("postRemoteImport", { json: { url: url.trim(), token: token.trim(), onConflict } }));
    setToken("");
    await invalidate("listTownVals", "listMyVals");
  });
  return (
    <Section
      title="Import from another server"
      about="From another town, or Val Town itself: all vals of the account that the token belongs to. The token is sent to that server alone and kept nowhere. Values of environment variables do not come along."
    >
      <form className="stack" onSubmit={start}>
        <Field label="Address of its API" hint="Such as: https://api.val.town">
          <Input type="url" required value={url} onChange={({ target }) => setUrl(target.value)} />
        </Field>
        <Field label="A token of that server">
          <Input
            type="password"
            required
            autoComplete="off"
            value={token}
            onChange={({ target }) => setToken(target.value)}
          />
        </Field>
        <ConflictField value={onConflict} onChange={setOnConflict} />
        {problem !== undefined && <Note kind="bad">{problem}</Note>}
        <div>
          <Button type="submit" busy={busy}>
            Import
          </Button>
        </div>
      </form>
      {report !== undefined && <ImportReport report={report} />}
    </Section>
  );
}
