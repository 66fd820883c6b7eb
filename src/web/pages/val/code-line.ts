import { useLocation } from "@tanstack/react-router";
import { useMemo } from "react";

/** The line that the address names: `#L12`, as the search has it, or `?line=12`, as a stack in the logs does. */
export function useLineInAddress(): { line: number } | undefined {
  const { hash, search } = useLocation();
  const number = Number(/^L(\d{1,6})$/.exec(hash)?.[1] ?? (search as { line?: unknown }).line);
  return useMemo(() => (Number.isInteger(number) && number > 0 ? { line: number } : undefined), [number]);
}
