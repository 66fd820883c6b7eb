import { useEffect } from "react";

/** The title of the page, as long as this is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === "" ? "Hamlet" : `${title} · Hamlet`;
  }, [title]);
}
