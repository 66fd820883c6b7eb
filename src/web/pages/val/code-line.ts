import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";

/** The line that the address names (`?line=3`), as a stack in the logs does. */
export function useLineInAddress(): { line: number } | undefined {
  const { line } = useSearch({ strict: false }) as { line?: unknown };
  const number = Number(line);
  return useMemo(() => (Number.isInteger(number) && number > 0 ? { line: number } : undefined), [number]);
}
