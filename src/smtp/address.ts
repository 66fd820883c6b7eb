/** Whom does an address mean? */

import { domainToASCII } from "node:url";

/** Both halves of an address: the local part without quotes, the domain in ASCII and lower case. */
export interface AddressParts {
  readonly local: string;
  readonly domain: string;
}

/** Undefined when there is no @, and for what is no domain. */
export function splitAddress(address: string): AddressParts | undefined {
  const at = address.lastIndexOf("@");
  if (at <= 0) return undefined;
  const domain = domainToASCII(address.slice(at + 1)).toLowerCase();
  return domain === "" ? undefined : { local: unquote(address.slice(0, at)), domain };
}

/** Addresses that each town has to answer for (RFC 5321 §4.5.1, RFC 2142): they are the operator's. */
export const isPostmaster = (local: string) => /^(?:postmaster|abuse)$/i.test(local);

function unquote(local: string): string {
  const inner = /^"(.*)"$/s.exec(local)?.[1];
  return inner === undefined ? local : inner.replace(/\\(.)/gs, "$1");
}
