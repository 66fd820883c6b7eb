/** All files of a version, to be read. */

import { useQuery } from "@tanstack/react-query";
import { callAll } from "../../client/call.ts";
import { CodeView } from "../../editor/editor.tsx";
import { Button, CopyButton } from "../../ui/button.tsx";
import { Empty, Failed, Loading } from "../../ui/states.tsx";
import type { Branch } from "./branch.ts";
import { useVal } from "./context.ts";
import { textAt } from "./history-texts.ts";

/** The list, and the file that the address names. */
export function VersionFiles({
  branch,
  version,
  path,
  onOpen,
  onRevert,
}: {
  branch: Branch;
  version: number;
  path: string;
  onOpen: (path: string) => void;
  onRevert: (path: string) => void;
}) {
  const { val } = useVal();
  const asked = {
    params: { val_id: val.id },
    query: { path: "", recursive: true, branch_id: branch.id, version },
  };
  const files = useQuery({
    queryKey: ["listFiles", "version", asked],
    queryFn: () => callAll("listFiles", asked),
  });
  if (files.error) return <Failed error={files.error} onRetry={() => void files.refetch()} />;
  if (files.data === undefined) return <Loading lines={6} />;
  const texts = files.data.filter(({ type }) => type !== "directory");
  if (texts.length === 0) return <Empty title="No files">In this version the branch was empty.</Empty>;
  const open = texts.find((file) => file.path === path) ?? (path === "" ? texts[0] : undefined);
  return (
    <div className="history-tree">
      <ul aria-label={`Files of version ${version}`}>
        {texts.map((file) => (
          <li key={file.id}>
            <button
              type="button"
              className="history-tree-file cut mono"
              aria-current={file === open ? "page" : undefined}
              onClick={() => onOpen(file.path)}
            >
              {file.path}
            </button>
          </li>
        ))}
      </ul>
      {open === undefined ? (
        <Empty title="No such file">
          {path} was not there in version {version}.
        </Empty>
      ) : (
        <OldFile
          branch={branch}
          version={version}
          path={open.path}
          onRevert={() => onRevert(open.path)}
          key={open.path}
        />
      )}
    </div>
  );
}

function OldFile({
  branch,
  version,
  path,
  onRevert,
}: {
  branch: Branch;
  version: number;
  path: string;
  onRevert: () => void;
}) {
  const { val, mayWrite } = useVal();
  const text = useQuery({
    queryKey: ["getFileContent", branch.id, version, path],
    queryFn: () => textAt(val.id, { branchId: branch.id, version }, path),
  });
  return (
    <section className="history-file" aria-label={path}>
      <div className="row wrap history-file-head">
        <h3 className="mono cut">{path}</h3>
        <div className="row history-file-actions">
          {text.data !== undefined && <CopyButton text={text.data} label={`Copy ${path}`} />}
          {mayWrite && version !== branch.version && (
            <Button small kind="plain" onClick={onRevert}>
              Revert file <span className="unseen">{path}</span>
            </Button>
          )}
        </div>
      </div>
      {text.error ? (
        <Failed error={text.error} onRetry={() => void text.refetch()} />
      ) : text.data === undefined ? (
        <Loading />
      ) : (
        <CodeView path={path} text={text.data} />
      )}
    </section>
  );
}
