/** What was asked of the API, kept for a while and shared between the parts of a page. */

import { QueryClient, queryOptions } from "@tanstack/react-query";
import { call, callAll } from "./call.ts";
import type { Answer, Asked, RouteName } from "./contract.ts";
import { Problem } from "./problem.ts";
import { markStale } from "./stale.ts";

/** One for the page. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What was refused stays refused; what could not be reached may come back.
      retry: (times, error) =>
        times < 2 && (!(error instanceof Problem) || error.status === 0 || error.status >= 500),
    },
  },
});

/** A route as a query: its key is the route's name and what it is asked, so `invalidate("getVal")` finds all of them. */
export function query<N extends RouteName>(name: N, asked: Omit<Asked<N>, "signal" | "headers">) {
  return queryOptions({
    queryKey: [name, asked] as const,
    queryFn: ({ signal }): Promise<Answer<N>> => call(name, { ...asked, signal } as unknown as Asked<N>),
  });
}

/** All pages of a list as a query, at most 1,000 rows. */
export function queryAll<N extends RouteName>(name: N, asked: Omit<Asked<N>, "signal" | "headers">) {
  return queryOptions({
    queryKey: [name, asked, "all"] as const,
    queryFn: ({ signal }) => callAll(name, { ...asked, signal } as unknown as Asked<N>),
  });
}

/** What these routes have answered is out of date. */
export async function invalidate(...names: RouteName[]): Promise<void> {
  await markStale(queries, names);
}
