/** The mail service over a real store: the user `bee`, whose address is `bee@example.org`. */

import { createEmail, type Email, type EmailOptions } from "../../src/services/email.ts";
import { EmailError, type MailRequest } from "../../src/services/email-mail.ts";
import type { MailRow, Store } from "../../src/store/store.ts";
import { makeStore } from "./store.ts";

export type MailerOptions = Partial<Omit<EmailOptions, "mails" | "users">>;

/** Makes it; goes with the scope. */
export async function makeMailer(options: MailerOptions = {}): Promise<Mailer> {
  const { store, valId, ...rest } = await makeStore();
  const { id: userId } = await store.users.create({ username: "bee", email: "bee@example.org" });
  const mailer = new Mailer(store, userId, valId, async () => rest[Symbol.asyncDispose]());
  await mailer.start(options);
  return mailer;
}

export class Mailer implements AsyncDisposable {
  readonly store: Store;
  readonly userId: string;
  readonly valId: string;
  /** Lines for the log of the val. */
  readonly notes: string[] = [];
  /** Lines for the operator. */
  readonly warnings: string[] = [];
  readonly #remove: () => Promise<void>;
  #email: Email | undefined;

  constructor(store: Store, userId: string, valId: string, remove: () => Promise<void>) {
    this.store = store;
    this.userId = userId;
    this.valId = valId;
    this.#remove = remove;
  }

  /** As a server does at its start; ends the one before. */
  async start(options: MailerOptions): Promise<void> {
    await this.#email?.close();
    this.#email = await createEmail({
      mails: this.store.mails,
      users: this.store.users,
      orgs: this.store.orgs,
      domain: "town.example",
      note: (valId, text) => this.notes.push(`${valId === this.valId ? "" : valId}${text}`),
      log: { info() {}, error: console.error, warn: (line) => this.warnings.push(line) },
      ...options,
    });
  }

  /** Sends as bee's val; resolves with the message. */
  async send(mail: MailRequest, userId = this.userId): Promise<string> {
    this.#email!.admit(userId, JSON.stringify(mail).length);
    const viewer = { userId, username: "bee", valId: this.valId };
    return (await this.#email!.send(viewer, mail)).message;
  }

  /** The status and sentence with which a mail was not sent. */
  async refusal(mail: MailRequest): Promise<string> {
    try {
      return `sent: ${await this.send(mail)}`;
    } catch (error) {
      if (error instanceof EmailError) return `${error.status} ${error.message}`;
      throw error;
    }
  }

  /** The newest mail in the store. */
  async last(): Promise<MailRow | undefined> {
    return (await this.store.mails.listByUser(this.userId, { limit: 1, offset: 0 })).rows[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#email?.close();
    await this.#remove();
  }
}
