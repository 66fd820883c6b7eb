/** The API's client, derived from its contracts. */

import routes from "virtual:routes";
import type { Answer, Asked, RouteName } from "./contract.ts";
import { Problem } from "./problem.ts";

interface Loose {
  readonly params?: Record<string, unknown>;
  readonly query?: Record<string, unknown>;
  readonly json?: unknown;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/** The address of a route on this host, for links and for what is not asked by `call`. */
export function pathOf(
  name: RouteName,
  { params = {}, query = {} }: Pick<Loose, "params" | "query"> = {},
): string {
  const [, path] = routes[name]!;
  const filled = path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(String(params[key])));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) search.append(key, String(one));
    }
  }
  return `/api${filled}${search.size > 0 ? `?${search}` : ""}`;
}

/** Asks a route and gives the answer as it came. Rejects with a Problem for every status of 400 and more. */
export async function ask<N extends RouteName>(name: N, asked: Asked<N>): Promise<Response> {
  const { params, query, json, headers, signal } = asked as Loose;
  const [method] = routes[name]!;
  const response = await fetch(pathOf(name, { ...(params && { params }), ...(query && { query }) }), {
    method,
    headers: { ...(json !== undefined && { "content-type": "application/json" }), ...headers },
    ...(json !== undefined && { body: JSON.stringify(json) }),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new Problem(0, "The town cannot be reached. Look at your connection, then try again.");
  });
  if (response.ok) return response;
  throw await toProblem(response);
}

/** Asks a route and gives its JSON. Rejects with a Problem for every status of 400 and more. */
export async function call<N extends RouteName>(name: N, asked: Asked<N>): Promise<Answer<N>> {
  const response = await ask(name, asked);
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  return (isJson ? await response.json() : undefined) as Answer<N>;
}

/** All pages of a list, at most `most` rows. */
export async function callAll<N extends RouteName>(
  name: N,
  asked: Asked<N>,
  most = 1000,
): Promise<Answer<N> extends { data: (infer T)[] } ? T[] : never> {
  const rows: unknown[] = [];
  for (let offset = 0; rows.length < most; offset = rows.length) {
    const query = { limit: 100, ...(asked as Loose).query, offset };
    const page = (await call(name, { ...asked, query } as Asked<N>)) as {
      data: unknown[];
      links: { next?: string };
    };
    rows.push(...page.data);
    if (page.links.next === undefined || page.data.length === 0) break;
  }
  return rows as never;
}

/** An error answer as a Problem. */
export async function toProblem(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => undefined)) as
    | { message?: string; code?: string }
    | undefined;
  const message = body?.message ?? `The town answered ${response.status} ${response.statusText}`.trim();
  return new Problem(response.status, message, body?.code, body);
}
