/** Renaming and moving files: by a dialog, or by dragging. The address of the page follows the file that is shown. */

import { useNavigate } from "@tanstack/react-router";
import type { DragEvent } from "react";
import { call } from "../../client/call.ts";
import { queries } from "../../client/queries.ts";
import { type FileRow, joinPath, nameOf, parentOf, pathProblem } from "../../editor/tree.ts";
import { toast, toastProblem } from "../../ui/toast.tsx";
import { type CodePlace, filesChanged, filesKey, useFilePath } from "./code-place.ts";

const KIND = "application/x-hamlet-file";

export interface FileMoves {
  /** Gives a file or folder another path. */
  readonly move: (from: string, to: string) => Promise<void>;
  readonly drag: (event: DragEvent, row: FileRow) => void;
  /** Into a folder; the root is empty. */
  readonly drop: (event: DragEvent, folder: string) => void;
}

export function useFileMoves(
  place: CodePlace,
  rows: readonly FileRow[],
  current: FileRow | undefined,
): FileMoves {
  const navigate = useNavigate();
  const pathTo = useFilePath();
  const move = async (from: string, to: string) => {
    await call("updateFile", {
      params: { val_id: place.valId },
      query: { path: from, branch_id: place.branchId },
      json: { name: nameOf(to), parent_path: parentOf(to) || null },
    });
    const moved = (path: string) =>
      path === from ? to : path.startsWith(`${from}/`) ? to + path.slice(from.length) : path;
    queries.setQueryData(filesKey(place), (all: FileRow[] | undefined) =>
      all?.map((row) => ({ ...row, path: moved(row.path), name: nameOf(moved(row.path)) })),
    );
    if (current && moved(current.path) !== current.path)
      void navigate({ to: pathTo(moved(current.path)) as "/", replace: true });
    await filesChanged();
  };
  return {
    move,
    drag(event, row) {
      event.dataTransfer.setData(KIND, row.path);
      event.dataTransfer.effectAllowed = "move";
    },
    drop(event, folder) {
      const from = event.dataTransfer.getData(KIND);
      if (from === "") return;
      event.preventDefault();
      event.stopPropagation();
      const to = joinPath(folder, nameOf(from));
      if (to === from) return;
      const problem = pathProblem(to, rows, from);
      if (problem !== undefined) toast(problem, { kind: "bad" });
      else move(from, to).then(() => offerUndo(from, to, move), toastProblem);
    },
  };
}

function offerUndo(from: string, to: string, move: FileMoves["move"]): void {
  const where = parentOf(to) === "" ? "the top" : parentOf(to);
  toast(`${nameOf(from)} was moved to ${where}.`, {
    action: { label: "Undo", run: () => void move(to, from).catch(toastProblem) },
  });
}
