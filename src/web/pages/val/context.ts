/** What all parts of a val's page share. */

import { createContext, useContext } from "react";
import type { Viewer } from "../../client/boot.ts";
import type { Answer } from "../../client/contract.ts";

export interface ValView {
  readonly val: Answer<"getValDetails">;
  /** Whether who looks may change it; if not, what would change it is not shown, or offers a remix. */
  readonly mayWrite: boolean;
  readonly viewer: Viewer | null;
}

export const ValContext = createContext<ValView | undefined>(undefined);

/** The val whose page this is. */
export function useVal(): ValView {
  const view = useContext(ValContext);
  if (view === undefined) throw new Error("This part is shown outside the page of a val.");
  return view;
}
