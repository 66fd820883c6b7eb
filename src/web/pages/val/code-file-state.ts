/** One open file: what is typed is kept as a draft at once, and saved when it is asked for. */

import { useCallback, useEffect, useReducer, useRef } from "react";
import { MAX_CONTENT } from "../../../val/name.ts";
import { ask } from "../../client/call.ts";
import type { Answer } from "../../client/contract.ts";
import { Problem, sayProblem } from "../../client/problem.ts";
import { queries } from "../../client/queries.ts";
import { Drafts, digest } from "../../editor/drafts.ts";
import { type FileState, isDirty, nextState, openFile, type Saved } from "../../editor/file-state.ts";
import type { FileRow } from "../../editor/tree.ts";
import { type CodePlace, contentKey, filesKey, readFile } from "./code-place.ts";

/** Soon enough that a crash costs a word, seldom enough that typing costs nothing. */
const DRAFT_MS = 250;

/** The drafts of this browser. */
export const drafts = new Drafts(storage());

function storage(): Storage {
  try {
    return localStorage;
  } catch {
    // Some browsers refuse it altogether; then every use of it fails, which drafts know how to bear.
    return {} as Storage;
  }
}

/** Files that this page has typed in: when one comes back to them nothing has to be said. */
const typedHere = new Set<string>();

/** What came of a save. */
export type SaveEnd = { readonly answer: Answer<"updateFile"> } | "clean" | "conflict" | "failed";

export interface OpenFile {
  readonly state: FileState;
  readonly type: (text: string) => void;
  /** `text` and `etag` for what a merge has come to; else what is in the editor, in place of what it began from. */
  readonly save: (as?: { text: string; etag: string }) => Promise<SaveEnd>;
  /** Gives up one's own text for the one that is saved. */
  readonly revert: () => void;
}

/** `saved` is what the town has, each time that it is read. */
export function useFileState(place: CodePlace, file: FileRow, saved: Saved): OpenFile {
  const [state, send] = useReducer(nextState, undefined, () => {
    const opened = openFile(saved, drafts.get(file.id), digest);
    return typedHere.has(file.id) ? { ...opened, restoredAt: undefined } : opened;
  });
  const latest = useRef(state);
  latest.current = state;
  useEffect(() => send({ kind: "seen", saved }), [saved]);
  useDraft(file.id, state);

  const save = async (as?: { text: string; etag: string }): Promise<SaveEnd> => {
    const now = latest.current;
    if (now.saving !== undefined) return "failed";
    if (as === undefined && !isDirty(now)) return "clean";
    if (as === undefined && now.newer !== undefined) return "conflict";
    const { text, etag } = as ?? { text: now.text, etag: now.base.etag };
    if (as) send({ kind: "typed", text });
    if (text.length > MAX_CONTENT) {
      send({ kind: "failed", problem: tooLong(text.length) });
      return "failed";
    }
    send({ kind: "saving", text });
    try {
      const { answer, etag: next } = await put(place, file.path, text, etag);
      send({ kind: "saved", etag: next, version: answer.version });
      remember(place, answer, { text, etag: next });
      return { answer };
    } catch (error) {
      return failed(error);
    }
  };

  async function failed(error: unknown): Promise<SaveEnd> {
    if (!(error instanceof Problem) || error.status !== 412) {
      send({ kind: "failed", problem: sayFailure(error) });
      return "failed";
    }
    send({ kind: "failed", problem: undefined });
    try {
      send({ kind: "seen", saved: await readFile(place, file.path) });
      return "conflict";
    } catch (again) {
      send({ kind: "failed", problem: sayFailure(again) });
      return "failed";
    }
  }

  return {
    state,
    save,
    type: useCallback(
      (text) => {
        typedHere.add(file.id);
        send({ kind: "typed", text });
      },
      [file.id],
    ),
    revert: useCallback(() => send({ kind: "reverted" }), []),
  };
}

/** Why a text of this length is not saved. */
export const tooLong = (length: number): string =>
  `This file has ${length.toLocaleString("en")} characters; the town keeps at most ${MAX_CONTENT.toLocaleString("en")} in one file. Move a part of it to another file.`;

function sayFailure(error: unknown): string {
  if (error instanceof Problem && error.status === 404)
    return "This file is no longer there: somebody has deleted or renamed it. Copy your text into a new file.";
  return sayProblem(error);
}

async function put({ valId, branchId }: CodePlace, path: string, text: string, etag: string) {
  const response = await ask("updateFile", {
    params: { val_id: valId },
    query: { path, branch_id: branchId },
    json: { content: text },
    headers: { "if-match": etag },
  });
  return {
    answer: (await response.json()) as Answer<"updateFile">,
    etag: response.headers.get("etag") ?? "*",
  };
}

/** What was saved need not be read again. */
function remember(place: CodePlace, answer: Answer<"updateFile">, saved: Saved): void {
  queries.setQueryData(contentKey(answer.id, answer.version), saved);
  queries.setQueryData(filesKey(place), (rows: FileRow[] | undefined) =>
    rows?.map((row) =>
      row.id === answer.id ? { ...row, version: answer.version, updatedAt: answer.updatedAt } : row,
    ),
  );
}

/** Keeps what is unsaved, a moment after it was typed and when the page goes. */
function useDraft(fileId: string, state: FileState): void {
  const latest = useRef(state);
  latest.current = state;
  const began = useRef(state.text);
  const kept = useRef(true);
  const keep = useCallback(() => {
    const { text, base } = latest.current;
    if (!isDirty(latest.current)) drafts.drop(fileId);
    else if (text !== began.current || drafts.get(fileId) === undefined)
      kept.current = drafts.put(fileId, text, digest(base.text));
  }, [fileId]);
  // The one case in which leaving loses something: a browser that keeps nothing.
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      keep();
      if (isDirty(latest.current) && !kept.current) event.preventDefault();
    };
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [keep]);
  const { text, base } = state;
  useEffect(() => {
    if (text === base.text) return keep();
    const timer = setTimeout(keep, DRAFT_MS);
    return () => clearTimeout(timer);
  }, [keep, text, base]);
  useEffect(() => {
    addEventListener("pagehide", keep);
    document.addEventListener("visibilitychange", keep);
    return () => {
      removeEventListener("pagehide", keep);
      document.removeEventListener("visibilitychange", keep);
      keep();
    };
  }, [keep]);
}
