/** Rows of mails that came in, in a real SQLite of their own: who has which address, and what was written down. */

import { Database } from "bun:sqlite";
import { join } from "node:path";
import type { MailRows } from "../../src/smtp/types.ts";

/** What a test sees of a mail that was added. */
export interface AddedMail {
  readonly id: string;
  readonly sender: string;
  readonly subject: string;
  readonly messageId: string | null;
  readonly head: string;
  readonly size: number;
  readonly hops: number;
  readonly to: readonly { readonly fileId: string; readonly address: string }[];
}

/** `box-1@…` to `box-9@…` lead to files of these names, of user `ann`, but those of `full-…` to `rich`. */
export class TestMailRows implements MailRows, Disposable {
  readonly #db: Database;
  /** Thrown by the next `add`. */
  failure: Error | undefined;
  /** Vals that the mails of this process have come through. */
  readonly passed: number[] = [];
  /** Until this is resolved nothing is added. */
  held: PromiseWithResolvers<void> | undefined;
  /** Something is to be added. */
  readonly reached = Promise.withResolvers<void>();
  /** How many mails everybody has waiting. */
  mails = 0;
  /** What `rich` has waiting. */
  waiting = 0;

  constructor(folder: string) {
    this.#db = new Database(join(folder, "mails.db"));
    this.#db.run("pragma journal_mode = wal");
    this.#db.run(
      "create table if not exists mails (id text primary key, sender, size, subject, messageId, head, hops)",
    );
    this.#db.run("create table if not exists jobs (mail text, fileId text, userId text, address text)");
  }

  async resolve(local: string) {
    const bare = local.toLowerCase().replace(/\+.*$/, "");
    if (!/^(?:box|full)-\d+$/.test(bare)) return undefined;
    const userId = bare.startsWith("full") ? "rich" : "ann";
    return { fileId: bare, valId: `val-${bare}`, userId };
  }

  async add(mail: Parameters<MailRows["add"]>[0]): Promise<void> {
    this.reached.resolve();
    await this.held?.promise;
    const { failure } = this;
    if (failure !== undefined) throw failure;
    const { id, sender, size, subject, messageId = null, head, hops, to } = mail;
    this.#db.transaction(() => {
      this.#db.run("insert into mails values (?, ?, ?, ?, ?, ?, ?)", [
        ...[id, sender, size, subject, messageId, head, hops],
      ]);
      for (const { fileId, userId, address } of to)
        this.#db.run("insert into jobs values (?, ?, ?, ?)", [id, fileId, userId, address]);
    })();
    this.passed.push(mail.passed ?? 0);
  }

  async find(id: string) {
    return this.all().find((mail) => mail.id === id);
  }

  async needed(ids: readonly string[]) {
    const known = new Set(this.all().map(({ id }) => id));
    return new Set(ids.filter((id) => known.has(id)));
  }

  async usage(userId: string) {
    return { mails: this.mails, bytes: userId === "rich" ? this.waiting : 0 };
  }

  /** The oldest first. */
  all(): AddedMail[] {
    const mails = this.#db.query("select * from mails order by id").all() as Omit<AddedMail, "to">[];
    const jobs = this.#db.query("select fileId, address from jobs where mail = ? order by rowid");
    return mails.map((mail) => ({ ...mail, to: jobs.all(mail.id) as AddedMail["to"] }));
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}
