/** What can be done on the page that is shown, for the command menu and the keyboard. */

import { useEffect, useId, useRef, useSyncExternalStore } from "react";

export interface Command {
  readonly label: string;
  /** `Mod+S`; works wherever the keyboard is on this page. */
  readonly keys?: string;
  readonly run: () => void;
}

/** What a page offers. */
export interface Offer {
  readonly actions?: readonly Command[];
  /** Paths that one can go to by a part of their name. */
  readonly files?: { readonly paths: readonly string[]; readonly open: (path: string) => void };
}

const offers = new Map<string, Offer>();
const listeners = new Set<() => void>();
let all: readonly Offer[] = [];

function set(id: string, offer: Offer | undefined): void {
  if (offer) offers.set(id, offer);
  else offers.delete(id);
  all = [...offers.values()];
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What all parts of the page offer now. */
export const offered = (): readonly Offer[] => all;
export const useOffered = (): readonly Offer[] => useSyncExternalStore(subscribe, offered);

/** Offers these for as long as a part of a page is shown; the newest `run` of each is used. `key` says when others are offered. */
export function useCommands(offer: Offer, key: string): void {
  const id = useId();
  const latest = useRef(offer);
  latest.current = offer;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for what is offered
  useEffect(() => {
    set(id, {
      actions: (latest.current.actions ?? []).map((action, at) => ({
        ...action,
        run: () => latest.current.actions?.[at]?.run(),
      })),
      ...(latest.current.files && { files: latest.current.files }),
    });
    return () => set(id, undefined);
  }, [id, key]);
}

/** Whether a press is what is written `Mod+Shift+P`. */
export function isPressed(event: KeyboardEvent, keys: string): boolean {
  const parts = keys.split("+");
  const key = parts.at(-1)!;
  return (
    event.key.toLowerCase() === key.toLowerCase() &&
    (event.metaKey || event.ctrlKey) === parts.includes("Mod") &&
    event.altKey === parts.includes("Alt") &&
    (key.length > 1 || parts.includes("Mod") ? event.shiftKey === parts.includes("Shift") : true)
  );
}
