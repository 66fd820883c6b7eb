/** The thread in which mails are checked: their senders choose how much there is to parse and to hash. */

import { Resolver } from "node:dns/promises";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { authenticate } from "mailauth";

/** One mail on the disk; the thread answers each with a reply of the same id. */
export interface Ask {
  readonly id: number;
  readonly path: string;
  /** False: its signatures are not looked at. */
  readonly whole: boolean;
  readonly ip: string;
  readonly helo: string;
  /** Of the envelope. */
  readonly sender: string;
  /** In whose name the results are told. */
  readonly domain: string;
  readonly dnsServer: string | undefined;
  readonly patienceMs: number;
}

/** What stands in `Authentication-Results`; missing when it could not be known in time. */
export interface Reply {
  readonly id: number;
  readonly results?: string | undefined;
}

declare const self: Worker;

const QUESTION_MS = 2000;
/** To name servers, for one mail: SPF may ask ten, and each signature one. */
const MAX_QUESTIONS = 40;
/** Small pieces, so that the others have their turn in between. */
const PIECE = 16 * 1024;

self.onmessage = async ({ data }: MessageEvent<Ask>) => {
  const reply: Reply = { id: data.id, results: await resultsOf(data) };
  self.postMessage(reply);
};

async function resultsOf(ask: Ask): Promise<string | undefined> {
  const { ip, helo, sender, whole, domain: mta } = ask;
  const resolver = new Resolver({ timeout: QUESTION_MS, tries: 2 });
  if (ask.dnsServer !== undefined) resolver.setServers([ask.dnsServer]);
  const input = whole ? createReadStream(ask.path, { highWaterMark: PIECE }) : Readable.from(["\r\n"]);
  const patience = Promise.withResolvers<undefined>();
  const timer = setTimeout(patience.resolve, ask.patienceMs, undefined);
  try {
    const work = authenticate(input, {
      ...{ ip, helo, sender, mta, resolver: bounded(resolver) },
      // BIMI would fetch what a mail says.
      ...{ disableArc: true, disableBimi: true, disableDmarc: !whole },
    });
    const result = await Promise.race([work, patience.promise]);
    return result && lineOf(result.headers, whole);
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
function lineOf(headers: string, whole: boolean): string | undefined {
  const line = /^Authentication-Results: ([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)/m.exec(headers)?.[1];
  if (line === undefined || whole) return line;
  return line
    .split(";\r\n")
    .filter((part) => !part.trimStart().startsWith("dkim="))
    .join(";\r\n");
}
