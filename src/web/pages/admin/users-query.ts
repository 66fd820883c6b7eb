import { queryOptions } from "@tanstack/react-query";
import { callAll } from "../../client/call.ts";
import type { Row } from "../../client/contract.ts";

/** A person or an organization, as the operator sees it. */
export type TownUser = Row<"listUsers">;

/** More than a page can show; then the API has the rest. */
export const MOST_USERS = 2000;

/** All of them, the oldest first. */
export const allUsers = queryOptions({
  queryKey: ["listUsers"],
  queryFn: ({ signal }) => callAll("listUsers", { signal }, MOST_USERS) as Promise<TownUser[]>,
});
