/** Asks the internet's name servers for TXT records, by which the owner of a domain shows that it is his. */

import { Resolver } from "node:dns/promises";

/** The texts of a name's TXT records; none when there is no such name. Rejects when no server would say. */
export type TxtLookup = (name: string) => Promise<string[]>;

const TIMEOUT_MS = 3000;
const TRIES = 2;
/** What a name server answers when there is nothing: no such name, or no such record. */
const NOTHING = ["ENOTFOUND", "ENODATA", "NXDOMAIN"];

/** @param server address and port of a name server; the system's when missing */
export function createTxtLookup(server?: string): TxtLookup {
  return async (name) => {
    // One for each question: a resolver asks its questions one after the other.
    const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
    if (server !== undefined) resolver.setServers([server]);
    try {
      const records = await resolver.resolveTxt(name);
      return records.map((parts) => parts.join("").trim());
    } catch (error) {
      if (NOTHING.includes((error as { code?: string }).code ?? "")) return [];
      throw error;
    }
  };
}
