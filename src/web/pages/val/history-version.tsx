/** One version of a branch: what it changed, all files as they were, and the way back to it. */

import "./history.css";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Undo2 } from "lucide-react";
import { type FormEvent, useMemo, useState } from "react";
import { query } from "../../client/queries.ts";
import { useTitle } from "../../shell/title.ts";
import { Button } from "../../ui/button.tsx";
import { Ago } from "../../ui/small.tsx";
import { Failed, Loading } from "../../ui/states.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { type Branch, branchSearch, useBranch } from "./branch.ts";
import { useVal } from "./context.ts";
import { NoBranch } from "./history.tsx";
import { Author } from "./history-author.tsx";
import { VersionBuild, VersionProblems } from "./history-build.tsx";
import { type FileDiff, FileDiffs } from "./history-files.tsx";
import { RevertDialog, type Reverting } from "./history-revert.tsx";
import { diffAlone, idOf, textsOf } from "./history-texts.ts";
import { VersionFiles } from "./history-tree.tsx";
import { sayVersion } from "./history-words.ts";

/** The version that the address names, or what is different between two. */
export function VersionPage() {
  const { name, branch, unknown, error, refetch } = useBranch();
  const { version } = useParams({ strict: false }) as { version: string };
  useTitle(`Version ${version}`);
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (unknown) return <NoBranch name={name} />;
  if (!/^\d{1,9}$/.test(version))
    return <Failed error={new Error(`${version} is no version: versions are numbers.`)} />;
  if (branch === undefined)
    return (
      <div className="page">
        <Loading lines={8} />
      </div>
    );
  return <OneVersion branch={branch} version={Number(version)} />;
}

function OneVersion({ branch, version }: { branch: Branch; version: number }) {
  const { val, mayWrite } = useVal();
  const { branches } = useBranch();
  const { from, file } = useSearch({ strict: false }) as { from?: number; file?: string };
  const navigate = useNavigate();
  const [reverting, setReverting] = useState<Reverting>();
  const asked = { params: { val_id: val.id, version: String(version) }, query: { branch_id: branch.id } };
  const found = useQuery(query("getVersion", asked));
  const params = { user: val.author.username ?? "", val: val.name, version: String(version) };
  const search = branchSearch(branch.name);
  if (found.error) return <Failed error={found.error} onRetry={() => void found.refetch()} />;
  const go = (more: { from?: number; file?: string }) =>
    void navigate({ to: "/x/$user/$val/history/$version", params, search: { ...search, ...more } });
  return (
    <div className="page history-version">
      <Link to="/x/$user/$val/history" params={params} search={search} className="small">
        ← History of {branch.name}
      </Link>
      <div className="row apart wrap">
        <h2>{from === undefined ? `Version ${version}` : `Version ${version} since version ${from}`}</h2>
        {mayWrite && version !== branch.version && (
          <Button icon={<Undo2 size={16} />} onClick={() => setReverting({ version })}>
            Revert to version {version}
          </Button>
        )}
      </div>
      {found.data === undefined ? (
        <Loading lines={1} />
      ) : (
        <p className="quiet">
          {sayVersion(found.data, branches)} · <Author author={found.data.author} /> ·{" "}
          <Ago at={found.data.createdAt} /> <VersionBuild branch={branch} version={version} />
        </p>
      )}
      <VersionProblems branch={branch} version={version} />
      <Tabs
        label="Version"
        value={file === undefined ? "changes" : "files"}
        onChange={(tab) => go(tab === "files" ? { file: "" } : {})}
        tabs={[
          {
            name: "changes",
            label: "Changes",
            content: (
              <>
                <CompareForm
                  key={`${version} ${from}`}
                  version={version}
                  from={from}
                  onCompare={(n) => go({ from: n })}
                />
                <Changes branch={branch} version={version} from={from} onRevert={setReverting} />
              </>
            ),
          },
          {
            name: "files",
            label: "Files",
            content: (
              <VersionFiles
                branch={branch}
                version={version}
                path={file ?? ""}
                onOpen={(path) => go({ file: path })}
                onRevert={(path) => setReverting({ version, path })}
              />
            ),
          },
        ]}
      />
      {reverting && (
        <RevertDialog valId={val.id} branch={branch} {...reverting} onClose={() => setReverting(undefined)} />
      )}
    </div>
  );
}

function CompareForm({
  version,
  from,
  onCompare,
}: {
  version: number;
  from: number | undefined;
  onCompare: (from: number) => void;
}) {
  const [typed, setTyped] = useState(String(from ?? Math.max(0, version - 1)));
  const compare = (event: FormEvent) => {
    event.preventDefault();
    onCompare(Number(typed));
  };
  return (
    <form className="row wrap history-compare" onSubmit={compare}>
      <label className="row">
        <span className="quiet">Compared with version</span>
        <input
          className="input"
          type="number"
          min={0}
          required
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </label>
      <Button type="submit">Compare</Button>
    </form>
  );
}

function Changes({
  branch,
  version,
  from,
  onRevert,
}: {
  branch: Branch;
  version: number;
  from: number | undefined;
  onRevert: (what: Reverting) => void;
}) {
  const { val, mayWrite } = useVal();
  const asked = { branch_id: branch.id, to: version, ...(from !== undefined && { from }) };
  const found = useQuery(query("getDiff", { params: { val_id: val.id }, query: asked }));
  const parts = useMemo(() => {
    const diff = found.data;
    if (diff === undefined) return undefined;
    return {
      id: idOf(diff),
      alone: (path: string) => diffAlone(val.id, diff, path),
      whole: (file: FileDiff) => textsOf(val.id, diff, file),
    };
  }, [found.data, val.id]);
  if (found.error) return <Failed error={found.error} onRetry={() => void found.refetch()} />;
  if (found.data === undefined || parts === undefined) return <Loading lines={8} />;
  const revertFile = ({ kind, path }: FileDiff) =>
    mayWrite &&
    kind !== "removed" && (
      <Button small kind="plain" onClick={() => onRevert({ version, path })}>
        Revert file <span className="unseen">{path}</span>
      </Button>
    );
  return <FileDiffs files={found.data.files} {...parts} actions={revertFile} />;
}
