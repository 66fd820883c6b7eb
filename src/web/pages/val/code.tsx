/** The files of a val: tree, editor, what they answer, what they log. */

import "./code.css";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { type FileRow, firstFile } from "../../editor/tree.ts";
import { useTitle } from "../../shell/title.ts";
import { Empty, Failed, Loading } from "../../ui/states.tsx";
import { useBranch } from "./branch.ts";
import { useFilesCommand } from "./code-commands.ts";
import { CodeFile } from "./code-file.tsx";
import { CodeLayout } from "./code-layout.tsx";
import { type CodePlace, filesOf } from "./code-place.ts";
import { useProject } from "./code-project.ts";
import { useCodeWork } from "./code-work.ts";
import { useVal } from "./context.ts";
import { Files } from "./files.tsx";

// While the API is asked what there is to edit, not after it has answered. Who shows it says if it did not come.
import("../../editor/code-mirror.tsx").catch(() => {});

/** The part of a val's page that shows its code. */
export function Code() {
  const { val } = useVal();
  const { branch, unknown, error, name, refetch } = useBranch();
  useTitle(`${val.author.username}/${val.name}`);
  if (unknown)
    return (
      <Empty title="No such branch">
        {val.name} has no branch {name}.
      </Empty>
    );
  if (branch !== undefined) return <Branch key={branch.id} valId={val.id} branchId={branch.id} />;
  return error ? <Failed error={error} onRetry={refetch} /> : <Waiting />;
}

const Waiting = () => (
  <div className="code-loading">
    <Loading lines={10} label="Loading the files" />
  </div>
);

function Branch({ valId, branchId }: CodePlace) {
  const place = useMemo(() => ({ valId, branchId }), [valId, branchId]);
  const files = useQuery(filesOf(place));
  if (files.data !== undefined)
    return <Loaded place={place} rows={files.data} listedAt={files.dataUpdatedAt} />;
  return files.error ? <Failed error={files.error} onRetry={() => void files.refetch()} /> : <Waiting />;
}

interface LoadedProps {
  readonly place: CodePlace;
  readonly rows: readonly FileRow[];
  readonly listedAt: number;
}

function Loaded({ place, rows, listedAt }: LoadedProps) {
  const { _splat: asked = "" } = useParams({ strict: false }) as { _splat?: string };
  const file =
    asked === "" ? firstFile(rows) : rows.find(({ path, type }) => path === asked && type !== "directory");
  const work = useCodeWork(rows, listedAt);
  const project = useProject(place, rows);
  useFilesCommand(rows);
  return (
    <CodeLayout
      file={file}
      rows={rows}
      work={work}
      files={<Files place={place} rows={rows} current={file} />}
    >
      {file ? (
        <CodeFile key={file.id} place={place} file={file} work={{ ...work, project }} />
      ) : asked === "" ? (
        <Empty title="No files yet">Make the first one with “New file” above the list of files.</Empty>
      ) : (
        <Empty title="No such file">
          There is no file {asked} here. It may have been renamed or deleted: choose another from the list.
        </Empty>
      )}
    </CodeLayout>
  );
}
