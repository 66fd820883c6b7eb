/** How does mail come in? Each mail is on the disk, and so are its jobs, before its sender hears that it was taken. */

import { Receiver } from "./receive.ts";
import { Recipients } from "./recipients.ts";
import type { ServerParts } from "./server.ts";
import { Spool } from "./spool.ts";
import { deliveryHead } from "./trace.ts";
import type { ListenOptions, MailIn, MailLimits, SmtpOptions } from "./types.ts";

export { readCertificate } from "./certificate.ts";

const MB = 1024 * 1024;
const MINUTE = 60_000;

/** What holds when the operator chose nothing. */
const MAIL_LIMITS: MailLimits = {
  mailSize: 30 * MB,
  quota: 500 * MB,
  spool: 5000 * MB,
  ratePerMinute: 60,
  connections: 200,
  connectionsPerNetwork: 20,
  idleMs: MINUTE,
  stepMs: 5 * MINUTE,
  lookMs: 5000,
  commands: 2000,
  mails: 100,
};

/** Removes what an earlier process left unfinished, and listens. Rejects with HamletError `config`. */
export async function openSmtp(given: SmtpOptions): Promise<MailIn> {
  const limits = { ...MAIL_LIMITS, ...given.limits };
  const options = { ...given, now: given.now ?? Date.now };
  const spool = new Spool({ folder: options.folder, ...limits });
  await spool.resume((ids) => options.rows.needed(ids));
  const receiver = new Receiver({ ...options, quota: limits.quota }, spool);
  const recipients = new Recipients({ ...options, limits });
  const { listen } = options;
  const parts = { options, limits, receiver, recipients, spool };
  const conversations = listen && (await converse(parts, listen));
  const port = listen && (await conversations?.listen(listen));
  return {
    port,
    receive: (envelope, mail) => receiver.receive(envelope, mail),
    async open(mailId, address) {
      const row = await options.rows.find(mailId);
      const file = row && spool.open(mailId);
      return file && withHead(deliveryHead(row.sender, address, row.head), file);
    },
    remove: (mailId) => spool.remove(mailId),
    ids: () => spool.ids,
    async close() {
      await conversations?.close();
      await receiver.close();
    },
  };
}

/** The protocol is loaded where somebody may speak it. */
async function converse(parts: ServerParts, listen: ListenOptions) {
  const { Conversations } = await import("./server.ts");
  return new Conversations(parts, listen);
}

function withHead(head: string, file: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = file.getReader();
  return new ReadableStream<Uint8Array>({
    start: (out) => out.enqueue(new TextEncoder().encode(head)),
    async pull(out) {
      const { done, value } = await reader.read();
      if (done) out.close();
      else out.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
