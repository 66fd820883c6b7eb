/** What the operator chose of mail that comes in, opened. */

import type { Config } from "./config.ts";
import { makeFolder } from "./folder.ts";
import type { Log } from "./log.ts";
import type { Email } from "./services/email.ts";
import { openSmtp } from "./smtp/smtp.ts";
import type { MailIn, PostmasterMail, SmtpOptions } from "./smtp/types.ts";
import type { Store } from "./store/store.ts";

export interface MailInOptions {
  readonly config: Config;
  readonly store: Pick<Store, "inbox" | "mails" | "users">;
  readonly email: Pick<Email, "notify">;
  /** Writes a line into a val's log. */
  readonly note: SmtpOptions["note"];
  readonly log: Log;
}

/** Also without a port: mails that are handed over by the API lie in the same spool. Rejects with HamletError `config`. */
export async function openMail(options: MailInOptions): Promise<MailIn> {
  const { config, store, log, note } = options;
  const listen = toListen(config);
  const mail = await openSmtp({
    folder: makeFolder(config.data, "mails"),
    domain: config.mailDomain,
    ...{ rows: store.inbox, note, log, listen },
    sentBy: async (id) => (await store.mails.find(id))?.valId,
    postmaster: (letter) =>
      tellOperator(options, letter).catch((error) =>
        log.error("A mail to the postmaster could not be passed on.", { error }),
      ),
    dnsServer: config.dnsServer,
    limits: {
      mailSize: config.mailSize,
      quota: config.mailQuota,
      spool: config.mailSpool,
      ratePerMinute: config.mailRate,
    },
  });
  if (listen !== undefined) {
    const where = `Mail to addresses at ${config.mailDomain} comes in at ${listen.host}, port ${mail.port}`;
    if (listen.tls === undefined) log.warn(`${where}, without STARTTLS: there is no --smtp-cert.`);
    else log.info(`${where}, with STARTTLS.`);
  }
  return mail;
}

function toListen(config: Config): SmtpOptions["listen"] {
  const { smtpPort: port, smtpCert: cert, smtpKey: key } = config;
  if (port === undefined) return undefined;
  const host = config.smtpHost ?? config.host;
  return cert === undefined || key === undefined ? { host, port } : { host, port, tls: { cert, key } };
}

/** By the relay, to the first operator with an address; the log has it in any case. */
async function tellOperator({ store, email }: MailInOptions, letter: PostmasterMail): Promise<void> {
  for (const { id, admin } of await store.users.list()) {
    const to = admin ? await store.users.verifiedEmail(id) : undefined;
    if (to === undefined) continue;
    const subject = `To the postmaster: ${letter.subject}`.replace(/\p{Cc}/gu, " ").slice(0, 200);
    const text = `From <${letter.from}>. The mail begins:\n\n${letter.text}`;
    await email.notify({ to, subject, text });
    return;
  }
}
