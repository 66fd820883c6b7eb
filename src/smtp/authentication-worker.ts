/** The thread in which mails are checked: their senders choose how much there is to parse and to hash. */

import { Resolver } from "node:dns/promises";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { type AuthenticateResult, type AuthStatus, authenticate } from "mailauth";
import { type Answer, type Names, rememberNames } from "./names.ts";

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
/** Of a host or a key: nothing in it could be read as a result. */
const NAME = /^[\w.-]{1,253}$/;
/** Small pieces, so that the others have their turn in between. */
const PIECE = 16 * 1024;

/** Of all mails: a thread has one server to ask. */
let names: Names | undefined;

self.onmessage = async ({ data }: MessageEvent<Ask>) => {
  const reply: Reply = { id: data.id, results: await resultsOf(data) };
  self.postMessage(reply);
};

async function resultsOf(ask: Ask): Promise<string | undefined> {
  const { ip, helo, sender, whole, domain: mta } = ask;
  names ??= namesOf(ask.dnsServer);
  const input = whole ? createReadStream(ask.path, { highWaterMark: PIECE }) : Readable.from(["\r\n"]);
  const patience = Promise.withResolvers<undefined>();
  const timer = setTimeout(patience.resolve, ask.patienceMs, undefined);
  try {
    const work = authenticate(input, {
      ...{ ip, helo, sender, mta, resolver: bounded(names) },
      // BIMI would fetch what a mail says.
      ...{ disableArc: true, disableBimi: true, disableDmarc: !whole },
    });
    const result = await Promise.race([work, patience.promise]);
    return result && lineOf(result, ask);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
    input.destroy();
  }
}

function namesOf(server: string | undefined): Names {
  const resolver = new Resolver({ timeout: QUESTION_MS, tries: 2 });
  if (server !== undefined) resolver.setServers([server]);
  return rememberNames(async (name, type) => (await resolver.resolve(name, type)) as Answer);
}

function bounded(names: Names): Names {
  let questions = 0;
  return async (name, type) => {
    questions += 1;
    if (questions > MAX_QUESTIONS) throw Object.assign(new Error("Too many questions"), { code: "ETIMEOUT" });
    return names(name, type);
  };
}

/**
 * Made anew of results and names alone. What mailauth writes has comments and quoted texts of the sender's choice, such as
 * `smtp.mailfrom="bob;dmarc=pass@evil.example"`, and people look for `dmarc=pass`.
 */
function lineOf({ spf, dkim, dmarc }: AuthenticateResult, { domain, whole }: Ask): string {
  const signatures = whole ? dkim.results : [];
  const methods = [
    ...signatures.map(({ status, signingDomain, selector }) =>
      method("dkim", status, { "header.d": signingDomain, "header.s": selector }),
    ),
    ...(spf ? [method("spf", spf.status, { "smtp.mailfrom": spf.status.smtp?.mailfrom })] : []),
    ...(dmarc ? [method("dmarc", dmarc.status, { "header.from": dmarc.status.header?.from })] : []),
  ];
  return [domain, ...methods].join(";\r\n\t");
}

function method(name: string, { result }: AuthStatus, about: Readonly<Record<string, string | undefined>>) {
  const told = Object.entries(about).flatMap(([key, value = ""]) => {
    const host = value.slice(value.lastIndexOf("@") + 1);
    return NAME.test(host) ? [`${key}=${host}`] : [];
  });
  return [`${name}=${result}`, ...told].join(" ");
}
