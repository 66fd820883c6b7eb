/** Kept for vals of former days. `std/fetch` */

/**
 * The global `fetch`; what once went through proxies now goes straight.
 *
 * @deprecated Use the global `fetch`.
 * @example
 * ```ts
 * import { fetch } from "https://esm.town/v/std/fetch";
 *
 * const response = await fetch("data:text/plain,hello");
 * console.log(await response.text()); // → "hello"
 * ```
 */
export function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  return globalThis.fetch(input, init);
}
