/** The routes of the API as types, taken from their contracts: nothing of this is there at run time. */

import type { z } from "@hono/zod-openapi";

type Contracts = typeof import("../../api/contract/admin.ts") &
  typeof import("../../api/contract/blob.ts") &
  typeof import("../../api/contract/branches.ts") &
  typeof import("../../api/contract/builds.ts") &
  typeof import("../../api/contract/connections.ts") &
  typeof import("../../api/contract/discover.ts") &
  typeof import("../../api/contract/email.ts") &
  typeof import("../../api/contract/environment.ts") &
  typeof import("../../api/contract/files.ts") &
  typeof import("../../api/contract/grants.ts") &
  typeof import("../../api/contract/jobs.ts") &
  typeof import("../../api/contract/mails-in.ts") &
  typeof import("../../api/contract/me.ts") &
  typeof import("../../api/contract/merges.ts") &
  typeof import("../../api/contract/orgs.ts") &
  typeof import("../../api/contract/portable.ts") &
  typeof import("../../api/contract/pulls.ts") &
  typeof import("../../api/contract/remix.ts") &
  typeof import("../../api/contract/runs.ts") &
  typeof import("../../api/contract/search.ts") &
  typeof import("../../api/contract/sign-ins.ts") &
  typeof import("../../api/contract/sqlite.ts") &
  typeof import("../../api/contract/sqlite-dump.ts") &
  typeof import("../../api/contract/telemetry.ts") &
  typeof import("../../api/contract/town-state.ts") &
  typeof import("../../api/contract/traces.ts") &
  typeof import("../../api/contract/triggers.ts") &
  typeof import("../../api/contract/usage.ts") &
  typeof import("../../api/contract/users.ts") &
  typeof import("../../api/contract/val-settings.ts") &
  typeof import("../../api/contract/vals.ts") &
  typeof import("../../api/contract/versions.ts");

type Route = { method: string; path: string; responses: object };

/** Every route, by the name of its contract. */
export type Routes = { [N in keyof Contracts as Contracts[N] extends Route ? N : never]: Contracts[N] };
/** The name of a route: `getVal`. */
export type RouteName = keyof Routes & string;

type Parsed<T> = T extends z.ZodType ? z.input<T> : never;
type RequestOf<N extends RouteName> = Routes[N] extends { request: infer R } ? R : object;
type JsonOf<T> = T extends { content: { "application/json": { schema: infer S } } } ? S : never;

type Params<N extends RouteName> = RequestOf<N> extends { params: infer P } ? { params: Parsed<P> } : object;
type Query<N extends RouteName> = RequestOf<N> extends { query: infer Q } ? { query?: Parsed<Q> } : object;
type Body<N extends RouteName> =
  RequestOf<N> extends { body: infer B } ? { json: Parsed<JsonOf<B>> } : object;

/** What a route is asked with: parts of its path, its query, its body. */
export type Asked<N extends RouteName> = Params<N> &
  Query<N> &
  Body<N> & { readonly headers?: Record<string, string>; readonly signal?: AbortSignal };

type Responses<N extends RouteName> = Routes[N]["responses"];
type Good<N extends RouteName> = Extract<keyof Responses<N>, 200 | 201 | 202>;
type OutputOf<S> = S extends z.ZodType ? z.output<S> : undefined;

/** What a route answers with when all is well; undefined when that has no JSON. */
export type Answer<N extends RouteName> = [Good<N>] extends [never]
  ? undefined
  : { [K in Good<N>]: OutputOf<JsonOf<Responses<N>[K]>> }[Good<N>];

/** One row of a list that a route answers with. */
export type Row<N extends RouteName> = Answer<N> extends { data: (infer T)[] } ? T : never;
