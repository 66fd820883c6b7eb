/** The last requests of a file, as this browser remembers them. */

import type { Draft } from "./draft.ts";

export interface Past {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly draft: Draft;
  /** Null when there was no answer. */
  readonly status: number | null;
  readonly ms: number;
}

const MAX = 20;
/** A longer body is not remembered. */
const MAX_TEXT = 20_000;

const key = (fileId: string) => `hamlet-requests-${fileId}`;

/** The newest first. */
export function pastOf(fileId: string): readonly Past[] {
  try {
    const found = JSON.parse(localStorage.getItem(key(fileId)) ?? "[]");
    return Array.isArray(found) ? found.filter(isPast) : [];
  } catch {
    return [];
  }
}

/** The list with one more; the same request before it is left out. */
export function remember(fileId: string, past: readonly Past[], one: Past): readonly Past[] {
  const kept = one.draft.text.length > MAX_TEXT ? { ...one, draft: { ...one.draft, text: "" } } : one;
  const same = JSON.stringify(kept.draft);
  const others = past.filter(({ draft }) => JSON.stringify(draft) !== same);
  const list = [kept, ...others].slice(0, MAX);
  try {
    localStorage.setItem(key(fileId), JSON.stringify(list));
  } catch {
    // A full or forbidden store: it is remembered as long as the page is open.
  }
  return list;
}

/** Forgets all of them. */
export function forget(fileId: string): void {
  localStorage.removeItem(key(fileId));
}

/** What is stored may be of an earlier version, or from somebody else's hand. */
function isPast(one: Partial<Past> | null): one is Past {
  const draft = one?.draft;
  return (
    typeof one?.at === "number" &&
    typeof draft?.method === "string" &&
    typeof draft.path === "string" &&
    typeof draft.text === "string" &&
    Array.isArray(draft.headers) &&
    Array.isArray(draft.form)
  );
}
