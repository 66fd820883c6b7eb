/** The trace id, and the count of vals passed, that travel with the val's asynchronous work, in V8's own async context. */

import { HOPS, TRACE } from "../wire/headers.ts";
import { getAsyncContext, setAsyncContext } from "./intrinsics.ts";

interface Context {
  hamletTrace?: unknown;
  hamletHops?: unknown;
}

interface Inner {
  header(name: string): string | null;
}

// Deno keeps what a Request is made of under a symbol; reading one header there builds no Headers object, which halves
// what a request costs here. An internal of the pinned Deno: the guest does not start where it is missing.
const INNER = Object.getOwnPropertySymbols(new Request("http://localhost/")).find(
  (symbol) => symbol.description === "request",
) as symbol;

/**
 * Everything that this tick starts from now on belongs to the request, Deno's later reads of its response included.
 * The context has our own shape: AsyncLocalStorage copies its keys and adds its own.
 */
export function enterTrace(request: Request): void {
  const inner = (request as unknown as Record<symbol, Inner>)[INNER] as Inner;
  setAsyncContext({ __proto__: null, hamletTrace: inner.header(TRACE), hamletHops: inner.header(HOPS) });
}

/** The trace id of the request that this code runs for, or an empty string. */
export function currentTrace(): string {
  const trace = (getAsyncContext() as Context | undefined)?.hamletTrace;
  return typeof trace === "string" ? trace : "";
}

/** Through how many vals the request came that this code runs for, as its header said it; undefined: none. */
export function currentHops(): string | undefined {
  const hops = (getAsyncContext() as Context | undefined)?.hamletHops;
  return typeof hops === "string" ? hops : undefined;
}
