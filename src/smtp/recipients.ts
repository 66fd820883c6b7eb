/** Who may write to whom? Asked at `MAIL` and `RCPT`, before a mail comes. */

import { networkOf } from "../services/network.ts";
import { createRate, type Rate } from "../services/rate.ts";
import { isPostmaster, splitAddress } from "./address.ts";
import { MailError, type MailLimits, type Recipient, type SmtpOptions } from "./types.ts";

/** Mails that wait for vals of one account: however small they are, each is a file, and looked at when the next one comes. */
export const MAX_WAITING = 10_000;
/** A network may send as much as so many senders. */
const SENDERS_PER_NETWORK = 4;

type Options = Pick<SmtpOptions, "domain" | "rows"> & {
  readonly now: () => number;
  readonly limits: Pick<MailLimits, "ratePerMinute" | "quota">;
};

/** What an address leads to. */
export type Found = Recipient | "postmaster";

export class Recipients {
  readonly #options: Options;
  readonly #senders: Rate;
  readonly #networks: Rate;
  readonly #addresses: Rate;
  /** Bytes that are on their way for an account, and not yet among what it has. */
  readonly #coming = new Map<string, number>();

  constructor(options: Options) {
    this.#options = options;
    const { now, limits } = options;
    const perMinute = limits.ratePerMinute;
    this.#senders = createRate({ perMinute, now });
    this.#addresses = createRate({ perMinute, now });
    this.#networks = createRate({ perMinute: perMinute * SENDERS_PER_NETWORK, now });
  }

  /**
   * Throws MailError when this sender sends too much. He is counted in each network on its own: whoever takes his name
   * elsewhere does not use up what is his. The null sender has no name.
   */
  admitSender(sender: string, ip: string): void {
    const network = networkOf(ip);
    const wait = Math.max(
      this.#networks.take(network),
      this.#senders.take(`${sender.toLowerCase()} ${network}`),
    );
    if (wait > 0) throw tooMuch("Too many mails come from you.", wait);
  }

  /**
   * Rejects with MailError when nobody is found, or he may get no mail now.
   * @param bytes of the mail as far as its sender tells
   */
  async find(address: string, bytes: number): Promise<Found> {
    if (isPostmaster(address)) return "postmaster";
    const { domain, rows } = this.#options;
    const parts = splitAddress(address);
    if (parts === undefined) throw new MailError(501, "5.1.3", "That is no address.");
    if (parts.domain !== domain)
      throw new MailError(
        550,
        "5.7.1",
        `Mail is taken for addresses at ${domain} alone; nothing is relayed.`,
      );
    if (isPostmaster(parts.local)) return "postmaster";
    const found = await rows.resolve(parts.local);
    if (found === undefined) throw new MailError(550, "5.1.1", "Nobody has this address here.");
    const wait = this.#addresses.take(found.fileId);
    if (wait > 0) throw tooMuch("Too many mails come for this address.", wait);
    await this.#checkRoom(found.userId, bytes);
    return { ...found, address };
  }

  /** Counts bytes that come, or, below 0, that have ended. */
  coming(userId: string, bytes: number): void {
    const all = (this.#coming.get(userId) ?? 0) + bytes;
    if (all > 0) this.#coming.set(userId, all);
    else this.#coming.delete(userId);
  }

  async #checkRoom(userId: string, more: number): Promise<void> {
    const { mails, bytes } = await this.#options.rows.usage(userId);
    const fits = bytes + (this.#coming.get(userId) ?? 0) + more <= this.#options.limits.quota;
    if (fits && mails < MAX_WAITING) return;
    throw new MailError(452, "4.2.2", "The mailbox is full. Try again later.");
  }
}

function tooMuch(what: string, waitMs: number): MailError {
  return new MailError(450, "4.7.1", `${what} Try again in ${Math.ceil(waitMs / 1000)} s.`);
}
