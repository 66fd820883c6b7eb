/** What is known of one open file: what was typed, what it began from, and what others have saved meanwhile. */

import type { Row } from "../client/contract.ts";
import type { Draft } from "./drafts.ts";

/** Something that a build found. */
export type Diagnostic = NonNullable<Row<"listFiles">["diagnostics"]>[number];

/** A text as the town has it; with its ETag a save says what it replaces. */
export interface Saved {
  readonly text: string;
  readonly etag: string;
}

export interface FileState {
  /** In the editor. */
  readonly text: string;
  /** What that began from. */
  readonly base: Saved;
  /** Saved by somebody else since then. */
  readonly newer?: Saved | undefined;
  /** On its way. */
  readonly saving?: string | undefined;
  /** Why the last save failed. */
  readonly problem?: string | undefined;
  /** The text is a draft of this time, found in the browser. */
  readonly restoredAt?: number | undefined;
  /** The version that the last save here has made. */
  readonly version?: number | undefined;
}

export type FileEvent =
  | { readonly kind: "typed"; readonly text: string }
  | { readonly kind: "saving"; readonly text: string }
  | { readonly kind: "saved"; readonly etag: string; readonly version: number }
  | { readonly kind: "failed"; readonly problem: string | undefined }
  /** What the town has now, read anew. */
  | { readonly kind: "seen"; readonly saved: Saved }
  /** The newer text instead of one's own, or the saved one. */
  | { readonly kind: "reverted" };

/** Whether something would be lost if it were not kept. */
export const isDirty = (state: FileState): boolean => state.text !== state.base.text;

/** A file just opened; a draft of it goes on where it was left. `baseOf` names the text that a draft began from. */
export function openFile(
  saved: Saved,
  draft: Draft | undefined,
  baseOf: (text: string) => string,
): FileState {
  if (draft === undefined || draft.text === saved.text) return { text: saved.text, base: saved };
  const restored = { text: draft.text, restoredAt: draft.at };
  if (draft.base === baseOf(saved.text)) return { ...restored, base: saved };
  // What it began from is gone; that it is not what is saved now is what counts.
  return { ...restored, base: { text: "", etag: "" }, newer: saved };
}

/** What an event makes of a file. */
export function nextState(state: FileState, event: FileEvent): FileState {
  switch (event.kind) {
    case "typed":
      return { ...state, text: event.text, ...(event.text === state.base.text && { restoredAt: undefined }) };
    case "saving":
      return { ...state, saving: event.text, problem: undefined };
    case "saved": {
      if (state.saving === undefined) return state;
      const base = { text: state.saving, etag: event.etag };
      return { text: state.text, base, version: event.version };
    }
    case "failed":
      return { ...state, saving: undefined, problem: event.problem };
    case "seen":
      return see(state, event.saved);
    case "reverted": {
      const base = state.newer ?? state.base;
      return { text: base.text, base };
    }
  }
}

function see(state: FileState, saved: Saved): FileState {
  // A save that is on its way finds out by itself.
  if (state.saving !== undefined || saved.etag === state.base.etag) return state;
  if (saved.text === state.base.text || saved.text === state.text || !isDirty(state)) {
    const text = isDirty(state) ? state.text : saved.text;
    return { ...state, text, base: saved, newer: undefined };
  }
  return { ...state, newer: saved };
}
