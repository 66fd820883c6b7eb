/** What is asked before a file is made, moved or deleted. */

import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { call } from "../../client/call.ts";
import { sayProblem } from "../../client/problem.ts";
import { type FileRow, joinPath, pathProblem, typeFor } from "../../editor/tree.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm, Dialog } from "../../ui/dialog.tsx";
import { Field, Input, Select } from "../../ui/field.tsx";
import { Note } from "../../ui/states.tsx";
import { drafts } from "./code-file-state.ts";
import { type CodePlace, filesChanged, useFilePath, useOpenFile } from "./code-place.ts";
import { beginning } from "./files-beginning.ts";
import { TYPE_HINTS, TYPE_NAMES } from "./files-kind.tsx";
import { useFileMoves } from "./files-moves.ts";

/** What is asked for. */
export type Asking = Making | Changing;

interface Making {
  readonly kind: "file" | "folder";
  readonly folder: string;
}

interface Changing {
  readonly kind: "move" | "delete";
  readonly row: FileRow;
}

interface DialogProps<A> {
  readonly place: CodePlace;
  readonly rows: readonly FileRow[];
  readonly current: FileRow | undefined;
  readonly asking: A;
  readonly onClose: () => void;
}

export function FilesDialog({ asking, ...rest }: DialogProps<Asking>) {
  if ("folder" in asking) return <NewDialog {...rest} asking={asking} />;
  if (asking.kind === "delete") return <DeleteDialog {...rest} asking={asking} />;
  return <MoveDialog {...rest} asking={asking} />;
}

/** A form with a path, checked as it is typed but told only once something is there. */
function PathForm({
  path,
  onPath,
  problem,
  label,
  action,
  onGo,
  onClose,
  children,
}: {
  path: string;
  onPath: (path: string) => void;
  problem: string | undefined;
  label: string;
  action: string;
  onGo: () => Promise<void>;
  onClose: () => void;
  children?: React.ReactNode;
}) {
  const [began] = useState(path);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const go = async (event: FormEvent) => {
    event.preventDefault();
    if (problem !== undefined) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await onGo();
      onClose();
    } catch (error) {
      setFailure(sayProblem(error));
      setBusy(false);
    }
  };
  return (
    <form className="stack" onSubmit={go}>
      <Field
        label={label}
        wrong={path !== began && path !== "" ? problem : undefined}
        hint="With / it goes into folders, which are made if they are missing."
      >
        <Input value={path} onChange={(event) => onPath(event.target.value)} spellCheck={false} />
      </Field>
      {children}
      {failure !== undefined && <Note kind="bad">{failure}</Note>}
      <div className="actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" kind="primary" busy={busy} disabled={problem !== undefined}>
          {action}
        </Button>
      </div>
    </form>
  );
}

function NewDialog({ place, rows, asking, onClose }: DialogProps<Making>) {
  const openFile = useOpenFile();
  const [path, setPath] = useState(joinPath(asking.folder, "") && `${asking.folder}/`);
  const [chosen, setChosen] = useState<Exclude<FileRow["type"], "directory">>();
  const isFile = asking.kind === "file";
  const type = chosen ?? typeFor(path, rows);
  const make = async () => {
    const json = isFile
      ? { type, content: beginning(type, path) }
      : { type: "directory" as const, content: null };
    await call("createFile", {
      params: { val_id: place.valId },
      query: { path, branch_id: place.branchId },
      json,
    });
    await filesChanged();
    if (isFile) openFile(path);
  };
  return (
    <Dialog title={isFile ? "New file" : "New folder"} onClose={onClose}>
      <PathForm
        path={path}
        onPath={setPath}
        problem={pathProblem(path, rows)}
        label="Name"
        action={isFile ? "Create file" : "Create folder"}
        onGo={make}
        onClose={onClose}
      >
        {isFile && (
          <Field label="Kind" hint={TYPE_HINTS[type]}>
            <Select
              value={type}
              onChange={(event) => setChosen(event.target.value as Exclude<FileRow["type"], "directory">)}
            >
              {(["http", "interval", "email", "script", "file"] as const).map((each) => (
                <option key={each} value={each}>
                  {TYPE_NAMES[each]}
                </option>
              ))}
            </Select>
          </Field>
        )}
      </PathForm>
    </Dialog>
  );
}

function MoveDialog({ place, rows, current, asking, onClose }: DialogProps<Changing>) {
  const { path: from } = asking.row;
  const [path, setPath] = useState(from);
  const moves = useFileMoves(place, rows, current);
  return (
    <Dialog title={`Rename or move ${from}`} onClose={onClose}>
      <PathForm
        path={path}
        onPath={setPath}
        problem={path === from ? "It has this name." : pathProblem(path, rows, from)}
        label="New path"
        action="Move"
        onGo={() => moves.move(from, path)}
        onClose={onClose}
      >
        <p className="quiet small">
          Endpoints stay where they are. Imports of it in other files are not changed.
        </p>
      </PathForm>
    </Dialog>
  );
}

function DeleteDialog({ place, rows, current, asking, onClose }: DialogProps<Changing>) {
  const navigate = useNavigate();
  const pathTo = useFilePath();
  const { path, type } = asking.row;
  const within = rows.filter((row) => row.path === path || row.path.startsWith(`${path}/`));
  const remove = async () => {
    await call("deleteFile", {
      params: { val_id: place.valId },
      query: { path, branch_id: place.branchId, recursive: "true" },
    });
    for (const { id } of within) drafts.drop(id);
    if (current && within.some(({ id }) => id === current.id))
      await navigate({ to: pathTo("").replace(/\/code\/$/, "") as "/", replace: true });
    await filesChanged();
  };
  const files = within.filter((row) => row.type !== "directory").length;
  const said =
    type === "directory"
      ? `The folder ${path} and the ${files === 1 ? "file" : `${files} files`} in it are deleted. `
      : `${path} is deleted${asking.row.links.endpoint ? ", and its endpoint ends" : ""}. `;
  return (
    <Confirm
      title={`Delete ${path}?`}
      text={`${said}Its text stays in the history.`}
      action="Delete"
      onConfirm={remove}
      onClose={onClose}
    />
  );
}
