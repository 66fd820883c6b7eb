/** Texts that are being resolved, kept over a reload of the page. */

const PREFIX = "hamlet:resolving:";

/** Keeps a text; a browser that keeps nothing is no failure. */
export function keepDraft(place: string, text: string): void {
  try {
    sessionStorage.setItem(PREFIX + place, text);
  } catch {
    // Full, or forbidden.
  }
}

/** What was kept, if anything was. */
export function keptDraft(place: string): string | undefined {
  try {
    return sessionStorage.getItem(PREFIX + place) ?? undefined;
  } catch {
    return undefined;
  }
}

/** It was saved. */
export function dropDraft(place: string): void {
  try {
    sessionStorage.removeItem(PREFIX + place);
  } catch {
    // Then nothing was kept.
  }
}
