/**
 * Fetches from where a user says, which may be anywhere: only from addresses that vals may reach too. The name is resolved
 * once, and it is to what it was resolved to that the connection is made, so that a second answer of a name server changes
 * nothing. Redirects are not followed.
 */

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { ArchiveError } from "./archive-error.ts";

/** Whether an address may be reached at a port. */
export type Allows = (address: string, port: number) => boolean;

export interface GuardedOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/** Rejects with ArchiveError when the address may not be reached, cannot be, or answers with a redirect. */
export async function guardedFetch(url: URL, allows: Allows, options: GuardedOptions): Promise<Response> {
  const name = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? (PORTS[url.protocol] ?? 0) : Number(url.port);
  const address = await resolve(name, port, allows);
  const target = new URL(url);
  target.hostname = isIP(address) === 6 ? `[${address}]` : address;
  let response: Response;
  try {
    response = await fetch(target, {
      headers: { ...options.headers, host: url.host },
      redirect: "manual",
      // A connection that is kept could be one that was made for another name.
      keepalive: false,
      signal: options.signal,
      ...(isIP(name) === 0 && { tls: { serverName: name } }),
    });
  } catch (cause) {
    if (options.signal.aborted) throw new ArchiveError(`${url.host} took too long to answer.`, 502);
    throw Object.assign(new ArchiveError(`${url.host} cannot be reached.`, 502), { cause });
  }
  if (response.status < 300 || response.status >= 400) return response;
  await response.body?.cancel();
  throw new ArchiveError(`${url.host} answers with a redirect. Give the address of the API itself.`, 502);
}

async function resolve(name: string, port: number, allows: Allows): Promise<string> {
  const addresses = isIP(name) === 0 ? await lookUp(name) : [name];
  const [first] = addresses;
  // One that may not be reached among others is a trick, or a mistake that would be hard to find.
  if (first !== undefined && addresses.every((address) => allows(address, port))) return first;
  throw new ArchiveError(`${name} is not on the public internet, or may not be reached from this town.`, 403);
}

async function lookUp(name: string): Promise<string[]> {
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address);
  } catch (cause) {
    throw Object.assign(new ArchiveError(`There is no server named ${name}.`, 502), { cause });
  }
}
