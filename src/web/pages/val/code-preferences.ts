/** How one likes to work, kept in this browser. */

import { useSyncExternalStore } from "react";

const KEY = "hamlet-format-on-save";
const listeners = new Set<() => void>();
/** For where nothing can be kept. */
let here: boolean | undefined;

/** Whether a file is formatted before it is saved. */
export function formatsOnSave(): boolean {
  if (here !== undefined) return here;
  try {
    return localStorage.getItem(KEY) === "yes";
  } catch {
    return false;
  }
}

export function setFormatsOnSave(on: boolean): void {
  here = on;
  try {
    localStorage.setItem(KEY, on ? "yes" : "no");
  } catch {
    // It holds until the page is left.
  }
  for (const listener of listeners) listener();
}

export const useFormatsOnSave = (): boolean =>
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, formatsOnSave);
