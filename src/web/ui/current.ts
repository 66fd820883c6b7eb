/** Rows of links that are longer than a narrow window is wide. */

import { useRouterState } from "@tanstack/react-router";
import { type RefObject, useEffect, useRef } from "react";

/** Scrolls the row to the link of the page that is shown. */
export function useCurrentInView<T extends HTMLElement>(): RefObject<T | null> {
  const row = useRef<T>(null);
  const pathname = useRouterState({ select: ({ location }) => location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page, another link
  useEffect(() => {
    const link = row.current?.querySelector<HTMLElement>("[aria-current=page], .active");
    if (!row.current || !link) return;
    // Not `scrollIntoView`, which moves what is around the row too.
    row.current.scrollLeft = link.offsetLeft - (row.current.clientWidth - link.offsetWidth) / 2;
  }, [pathname]);
  return row;
}
