/** The town's own calls of its endpoints, by the door of its vals: the gateway takes them as any other's. */

import type { Runs } from "./api/deploy.ts";
import { endpointUrl, type TownAddress } from "./val/address.ts";
import { HOPS } from "./wire/headers.ts";

/** What belongs to the connection, and who is asked. */
const NOT_THE_CALLERS =
  /^(?:host|connection|content-length|transfer-encoding|upgrade|expect|te|trailer|keep-alive|proxy-.*|x-forwarded-.*|x-hamlet-.*)$/i;

/** Calls an endpoint as a visitor would; redirects and encodings are the caller's business. */
export function callAtDoor(door: string, town: TownAddress): Runs["call"] {
  return async ({ label, method, path, headers: given, body, length, hops, signal }) => {
    const { origin, host, protocol } = new URL(endpointUrl(town, label));
    const headers = new Headers(given);
    for (const name of given.keys()) if (NOT_THE_CALLERS.test(name)) headers.delete(name);
    if (body !== undefined && length != null) headers.set("content-length", length);
    headers.set("host", host);
    headers.set("x-forwarded-proto", protocol.slice(0, -1));
    if (hops !== undefined) headers.set(HOPS, hops);
    // Plain HTTP all the same: the scheme is told, and nobody listens in on a socket of ours.
    return fetch(`http://${new URL(origin).host}${path}`, {
      ...{ method, headers, signal, unix: door, redirect: "manual", decompress: false },
      ...(body !== undefined && { body }),
    });
  };
}
