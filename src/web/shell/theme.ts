/** Light, dark, or as the system has it. Kept in a cookie, so that the server writes it into the page: no flash. */

import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
const COOKIE = "hamlet-theme";
const YEAR_S = 365 * 86_400;
const listeners = new Set<() => void>();
const system = matchMedia("(prefers-color-scheme: dark)");

function read(): Theme {
  const set = document.documentElement.dataset.theme;
  return set === "light" || set === "dark" ? set : "system";
}

/** Shows the page in it from now on, and the next pages too. */
export function setTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  const age = theme === "system" ? 0 : YEAR_S;
  // biome-ignore lint/suspicious/noDocumentCookie: the server reads it, and the Cookie Store API is not everywhere
  document.cookie = `${COOKIE}=${theme}; path=/; max-age=${age}; samesite=lax`;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  system.addEventListener("change", listener);
  return () => {
    listeners.delete(listener);
    system.removeEventListener("change", listener);
  };
}

/** What was chosen. */
export const useTheme = (): Theme => useSyncExternalStore(subscribe, read);

/** What is shown. */
export const useIsDark = (): boolean =>
  useSyncExternalStore(subscribe, () => (read() === "system" ? system.matches : read() === "dark"));
