/** What can be done with the open file: by keys, by buttons, and from the command menu. */

import { useCallback, useState } from "react";
import { isDirty } from "../../editor/file-state.ts";
import type { FileRow } from "../../editor/tree.ts";
import { toast, toastProblem } from "../../ui/toast.tsx";
import { drafts, type OpenFile, type SaveEnd } from "./code-file-state.ts";
import { announceSave, type CodePlace, filesChanged } from "./code-place.ts";
import { formatsOnSave } from "./code-preferences.ts";
import type { CodeWork } from "./code-work.ts";
import { useVal } from "./context.ts";

export interface CodeActions {
  readonly save: () => Promise<void>;
  readonly run: () => Promise<void>;
  readonly format: () => Promise<void>;
  readonly formatting: boolean;
  /** The dialog that shows one's own text and the newer one is open. */
  readonly conflict: boolean;
  readonly openConflict: () => void;
  readonly closeConflict: () => void;
  readonly saveMerged: (text: string) => Promise<void>;
  readonly takeTheirs: () => void;
  /** Gives up what is unsaved; can be undone for a while. */
  readonly discard: () => void;
}

interface Given {
  readonly place: CodePlace;
  readonly file: FileRow;
  readonly open: OpenFile;
  readonly work: CodeWork;
}

export function useCodeActions({ place, file, open, work }: Given): CodeActions {
  const { val, mayWrite } = useVal();
  const [conflict, setConflict] = useState(false);
  const [formatting, setFormatting] = useState(false);
  const { state } = open;

  const ended = (end: SaveEnd): boolean => {
    if (end === "conflict") setConflict(true);
    if (typeof end === "string") return end === "clean";
    work.onSaved(end.answer);
    announceSave(place);
    void filesChanged();
    return true;
  };

  /** The text as it should be saved; what cannot be formatted is saved as it is. */
  const tidy = async (): Promise<string | undefined> => {
    setFormatting(true);
    try {
      const { format } = await import("../../editor/format.ts");
      return await format(state.text, file.path);
    } finally {
      setFormatting(false);
    }
  };

  const save = async (): Promise<boolean> => {
    if (!mayWrite) {
      if (isDirty(state)) toast(`This is ${val.author.username}'s val: remix it to save your change.`);
      return false;
    }
    if (isDirty(state) && state.newer === undefined && formatsOnSave()) {
      const text = await tidy().catch(() => undefined);
      if (text !== undefined) return ended(await open.save({ text, etag: state.base.etag }));
    }
    return ended(await open.save());
  };

  return {
    save: async () => void (await save()),
    run: async () => {
      if (!isDirty(state) || !mayWrite || (await save())) work.onRun(file.id);
    },
    format: async () => {
      try {
        const text = await tidy();
        if (text === undefined) toast(`Hamlet knows no format for ${file.path}.`);
        else if (text !== state.text) open.type(text);
      } catch (error) {
        toastProblem(error);
      }
    },
    formatting,
    conflict,
    openConflict: useCallback(() => setConflict(true), []),
    closeConflict: useCallback(() => setConflict(false), []),
    saveMerged: async (text) => {
      const etag = state.newer?.etag ?? state.base.etag;
      setConflict(false);
      ended(await open.save({ text, etag }));
    },
    takeTheirs: () => {
      setConflict(false);
      giveUp(open, file, "Your text was replaced by the saved one.");
    },
    discard: () => giveUp(open, file, "Your unsaved changes were discarded."),
  };
}

/** What is given up can be had again for as long as the toast is there. */
function giveUp(open: OpenFile, file: FileRow, said: string): void {
  const { text } = open.state;
  open.revert();
  drafts.drop(file.id);
  toast(said, { action: { label: "Undo", run: () => open.type(text) } });
}
