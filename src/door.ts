/** The town's own calls of its endpoints, by the door of its vals: the gateway takes them as any other's. */

import type { Runs } from "./api/deploy.ts";
import { endpointUrl, type TownAddress } from "./val/address.ts";
import { HOPS } from "./wire/headers.ts";

/** Calls an endpoint as a visitor would; redirects and encodings are the caller's business. */
export function callAtDoor(door: string, town: TownAddress): Runs["call"] {
  return async ({ label, method, path, headers, body, hops, signal }) => {
    const { origin, host, protocol } = new URL(endpointUrl(town, label));
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
