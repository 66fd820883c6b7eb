/** Is a mail from whom it says? SPF, DKIM and DMARC, as a header line; never a reason to refuse a mail or to lose it. */

import { Resolver } from "node:dns/promises";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { authenticate } from "mailauth";
import type { Peer } from "./types.ts";

export interface Sending extends Pick<Peer, "ip" | "helo"> {
  /** Of the envelope. */
  readonly sender: string;
}

/** A mail on the disk. */
export interface Written {
  readonly path: string;
  readonly bytes: number;
}

export interface AuthenticationOptions {
  /** In whose name the results are told. */
  readonly domain: string;
  readonly dnsServer?: string | undefined;
  /** For everything together; a mail waits no longer than that. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 5000;
const QUESTION_MS = 2000;
/** To name servers, for one mail: SPF may ask ten, and each signature one. */
const MAX_QUESTIONS = 40;
/** Of a larger mail the signatures are not looked at: each of its bytes would be hashed in our own thread. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Small pieces, so that others have their turn in between. */
const PIECE = 16 * 1024;

/** What `Authentication-Results` says of a mail; undefined when it cannot be known now. */
export async function authenticationOf(
  mail: Written,
  { ip, helo, sender }: Sending,
  { domain, dnsServer, patienceMs = PATIENCE_MS }: AuthenticationOptions,
): Promise<string | undefined> {
  const resolver = new Resolver({ timeout: QUESTION_MS, tries: 2 });
  if (dnsServer !== undefined) resolver.setServers([dnsServer]);
  const whole = mail.bytes <= MAX_BYTES;
  const input = whole ? createReadStream(mail.path, { highWaterMark: PIECE }) : Readable.from(["\r\n"]);
  const patience = Promise.withResolvers<undefined>();
  const timer = setTimeout(patience.resolve, patienceMs, undefined);
  try {
    const work = authenticate(input, {
      ...{ ip, helo, sender, mta: domain, resolver: bounded(resolver) },
      // The latter would fetch what the mail says.
      ...{ disableArc: true, disableBimi: true, disableDmarc: !whole },
    });
    const result = await Promise.race([work, patience.promise]);
    return result && resultsOf(result.headers, whole);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
    input.destroy();
    resolver.cancel();
  }
}

function bounded(resolver: Resolver) {
  let questions = 0;
  return async (name: string, type: string): Promise<string[][] | string[]> => {
    questions += 1;
    if (questions > MAX_QUESTIONS) throw Object.assign(new Error("Too many questions"), { code: "ETIMEOUT" });
    return (await resolver.resolve(name, type)) as string[][] | string[];
  };
}

/** Of the lines that mailauth makes, the one that we put before the mail. */
function resultsOf(headers: string, whole: boolean): string | undefined {
  const line = /^Authentication-Results: ([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)/m.exec(headers)?.[1];
  if (line === undefined || whole) return line;
  return line
    .split(";\r\n")
    .filter((part) => !part.trimStart().startsWith("dkim="))
    .join(";\r\n");
}
