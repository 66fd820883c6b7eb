/** Where this town's API is. `std/API_URL` */

/**
 * The base URL of the API, without a trailing slash.
 *
 * @example
 * ```ts
 * import { API_URL } from "https://esm.town/v/std/API_URL";
 *
 * const me = await fetch(`${API_URL}/v1/me`, {
 *   headers: { authorization: `Bearer ${Deno.env.get("valtown")}` },
 * });
 * console.log(me.status); // → 200
 * ```
 */
export const API_URL: string = Deno.env.get("VALTOWN_API_URL") ?? "https://api.val.town";
