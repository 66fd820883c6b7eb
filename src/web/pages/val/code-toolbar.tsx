/** Name, kind and state of the open file, and what is done with it most. */

import { useMutation } from "@tanstack/react-query";
import { Play, Save, WandSparkles } from "lucide-react";
import { isCode } from "../../../val/file.ts";
import { call } from "../../client/call.ts";
import { type FileState, isDirty } from "../../editor/file-state.ts";
import type { FileRow } from "../../editor/tree.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Select } from "../../ui/field.tsx";
import { sayKeys } from "../../ui/small.tsx";
import { toastProblem } from "../../ui/toast.tsx";
import type { CodeActions } from "./code-actions.ts";
import { type CodePlace, filesChanged } from "./code-place.ts";
import { useVal } from "./context.ts";
import { TYPE_NAMES } from "./files-kind.tsx";

export function CodeToolbar({
  place,
  file,
  state,
  actions,
}: {
  place: CodePlace;
  file: FileRow;
  state: FileState;
  actions: CodeActions;
}) {
  const { mayWrite } = useVal();
  return (
    <div className="code-toolbar">
      <h2 className="cut mono" title={file.path}>
        {file.path}
      </h2>
      <FileKind place={place} file={file} />
      <span className="grow" />
      <SaveState file={file} state={state} />
      <IconButton
        label={`Format (${sayKeys("Shift+Alt+F")})`}
        aria-busy={actions.formatting}
        onClick={() => void actions.format()}
      >
        {actions.formatting ? <span className="spinner" aria-hidden /> : <WandSparkles size={16} />}
      </IconButton>
      <Button
        icon={<Play size={15} />}
        title={sayKeys("Mod+Enter")}
        onClick={() => void actions.run()}
        aria-label="Run"
        disabled={!isCode(file.path)}
      >
        <span className="code-word">Run</span>
      </Button>
      {mayWrite && (
        <Button
          kind={isDirty(state) ? "primary" : "default"}
          icon={<Save size={15} />}
          title={sayKeys("Mod+S")}
          busy={state.saving !== undefined}
          disabled={!isDirty(state)}
          aria-label="Save"
          onClick={() => void actions.save()}
        >
          <span className="code-word">Save</span>
        </Button>
      )}
    </div>
  );
}

/** Always there, so that nothing moves: in words, for screen readers too. */
function SaveState({ file, state }: { file: FileRow; state: FileState }) {
  const { mayWrite } = useVal();
  const [text, kind] = sayState(file, state, mayWrite);
  return (
    <span className={`code-state ${kind}`} role="status">
      {kind === "quiet" && mayWrite && <span className="unseen">Saved, </span>}
      {text}
    </span>
  );
}

function sayState(file: FileRow, state: FileState, mayWrite: boolean): [text: string, kind: string] {
  if (state.saving !== undefined) return ["Saving…", "quiet"];
  if (state.problem !== undefined) return ["Not saved", "bad"];
  if (!isDirty(state)) return [`v${Math.max(state.version ?? 0, file.version)}`, "quiet"];
  return [mayWrite ? "Unsaved" : "Changed", "changed"];
}

/** What starts the file. */
function FileKind({ place, file }: { place: CodePlace; file: FileRow }) {
  const { mayWrite } = useVal();
  const change = useMutation({
    mutationFn: (type: FileRow["type"]) =>
      call("updateFile", {
        params: { val_id: place.valId },
        query: { path: file.path, branch_id: place.branchId },
        json: { type },
      }),
    onSuccess: filesChanged,
    onError: toastProblem,
  });
  if (!mayWrite || !isCode(file.path)) return <span className="badge">{TYPE_NAMES[file.type]}</span>;
  return (
    <Select
      className="code-kind"
      aria-label="Kind of this file"
      value={change.isPending ? change.variables : file.type}
      disabled={change.isPending}
      onChange={(event) => change.mutate(event.target.value as FileRow["type"])}
    >
      {(["http", "interval", "email", "script", "file"] as const).map((type) => (
        <option key={type} value={type}>
          {TYPE_NAMES[type]}
        </option>
      ))}
    </Select>
  );
}
