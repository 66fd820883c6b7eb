import type { QueryClient } from "@tanstack/react-query";

/** What was asked under these names is out of date: what a page shows is asked for again. */
export async function markStale(queries: QueryClient, names: readonly string[]): Promise<void> {
  await Promise.all(
    names.map(async (name) => {
      const queryKey = [name];
      // The library asks again where it has an answer. A first question that is still out would bring what was before.
      await queries.cancelQueries({ queryKey, predicate: ({ state }) => state.data === undefined });
      await queries.invalidateQueries({ queryKey });
    }),
  );
}
