/** Mails that an owner delivers to a file of his own, and who hears what comes of them. All else goes the usual way. */

import type { MailDoor, RunAnswer, RunLine, TestMail } from "./api/deploy.ts";
import type { PoolEvents } from "./pool/types.ts";
import { composeValMessage, endLines, type Outgoing } from "./services/email-compose.ts";
import { EmailError, recipientsOf } from "./services/email-mail.ts";
import { MailError, type MailIn } from "./smtp/types.ts";
import type { Started, Starts } from "./starts.ts";
import { type Job, type MailPayload, mailKey, type Store } from "./store/store.ts";
import type { JobKindSpec, StartRequest } from "./triggers/types.ts";

export interface MailRunsOptions {
  readonly store: Pick<Store, "inbox" | "jobs" | "deployments">;
  /** Of one mail. */
  readonly maxBytes: number;
}

interface Watch {
  readonly test: TestMail;
  readonly ended: PromiseWithResolvers<RunAnswer>;
  start?: Started;
}

const MINUTE = 60_000;
const BACKOFF_MS = [MINUTE, 10 * MINUTE, 60 * MINUTE, 360 * MINUTE];
/** Dead ones. */
const KEPT_MS = 14 * 24 * 60 * MINUTE;
/** Within it a mail may still be coming, so that it has no rows yet. */
const COMING_MS = 60 * MINUTE;
const CLOSING = "The town is closing. The mail is kept, and delivered when it is open again.";

export class MailRuns implements MailDoor {
  readonly #options: MailRunsOptions;
  #mail: MailIn | undefined;
  /** Those that somebody waits for, by the key of their job. */
  readonly #watches = new Map<string, Watch>();
  /** Those that run, by their trace. */
  readonly #running = new Map<string, Watch>();

  constructor(options: MailRunsOptions) {
    this.#options = options;
  }

  /** Where mails lie; until then none is taken. */
  attach(mail: MailIn): void {
    this.#mail = mail;
  }

  async hand(test: TestMail): ReturnType<MailDoor["hand"]> {
    const { store, maxBytes } = this.#options;
    if (this.#mail === undefined) throw new EmailError(503, "The town is not open yet. Try again.");
    const { fileId, valId, userId, address, from } = test;
    const id = Bun.randomUUIDv7();
    const watch: Watch = { test, ended: Promise.withResolvers() };
    watch.ended.promise.catch(() => {});
    const key = mailKey(id, fileId);
    // Before it is taken: it may be delivered sooner than this hears of it.
    if (test.line !== undefined) this.#watches.set(key, watch);
    test.signal?.addEventListener("abort", () => this.#watches.delete(key));
    try {
      const to = [{ fileId, valId, userId, address }];
      await this.#mail.receive({ id, from, to }, endLines(bounded(test.mail, maxBytes)));
    } catch (error) {
      this.#watches.delete(key);
      throw error instanceof MailError ? toEmailError(error) : error;
    }
    const jobId = await store.inbox.jobOf(id, fileId);
    return { mailId: id, jobId, ended: watch.ended.promise };
  }

  /**
   * Delivers what a val has written to those of its recipients that are vals of this town; answers which. The rules
   * against loops hold as for a mail from outside. Rejects with EmailError.
   */
  async deliverLocal(mail: Outgoing): Promise<string[]> {
    const to: Parameters<MailIn["receive"]>[0]["to"][number][] = [];
    const { envelope, domain } = mail;
    for (const address of recipientsOf(envelope)) {
      const at = address.lastIndexOf("@");
      if (!isHere(address.slice(at + 1), domain)) continue;
      const target = await this.#options.store.inbox.resolve(address.slice(0, at));
      if (target !== undefined) to.push({ ...target, address });
    }
    if (to.length === 0 || this.#mail === undefined) return [];
    const peer = { ip: "127.0.0.1", helo: domain, protocol: "HTTP" };
    try {
      const from = envelope.from.email;
      const mailIn = await this.#mail.receive({ from, to, peer, local: true }, composeValMessage(mail));
      return mailIn.delivered.map(({ address }) => address);
    } catch (error) {
      throw error instanceof MailError ? toEmailError(error) : error;
    }
  }

  async open(mailId: string, address: string): Promise<ReadableStream<Uint8Array> | undefined> {
    return this.#mail?.open(mailId, address);
  }

  /** Starts what a job is about, with an ear on it when somebody waits for that. */
  async start(of: StartRequest, start: Starts["start"]): Promise<Awaited<ReturnType<Starts["start"]>>> {
    const watch = this.#watches.get(of.key);
    if (watch === undefined) return start(of);
    let trace = "";
    const begun = async (id: string) => {
      if (!(await of.begun(id))) return false;
      trace = id;
      this.#running.set(id, watch);
      watch.test.started?.(id);
      return true;
    };
    try {
      watch.start = await start({ ...of, begun });
      return watch.start;
    } finally {
      this.#running.delete(trace);
    }
  }

  /** A val has written a line. */
  heard(line: Parameters<PoolEvents["log"]>[0] & RunLine): void {
    const { once } = line.deployment;
    if (once !== undefined) this.#running.get(once)?.test.line?.(line);
  }

  /** What a mail's job delivers, and what is to be done then. */
  get kind(): JobKindSpec {
    return {
      contentType: "message/rfc822",
      backoffMs: BACKOFF_MS,
      body: (job) => this.#body(job),
      hops: ({ payload }) => (payload as MailPayload).passed ?? 0,
      settled: (job, how) => this.#settled(job, how.kind === "again"),
    };
  }

  async #body({ payload }: Job): Promise<ReadableStream<Uint8Array>> {
    const { mailId, address } = payload as MailPayload;
    const mail = await this.open(mailId, address);
    if (mail === undefined) throw new Error(`The mail ${mailId} is no longer in the spool.`);
    return mail;
  }

  /** It is on record how an attempt ended. One that failed is not repeated if somebody was told of it. */
  async #settled(job: Job, again: boolean): Promise<void> {
    const watch = this.#watches.get(job.key);
    if (watch !== undefined) {
      this.#watches.delete(job.key);
      if (again) await this.#options.store.jobs.remove(job.id);
      await this.#answer(watch);
    }
    await this.#tidy(job);
  }

  /** Of these mails nothing stays that nobody waits for. */
  async release(mailIds: readonly string[]): Promise<void> {
    const needed = await this.#options.store.inbox.needed(mailIds);
    for (const id of mailIds) if (!needed.has(id)) await this.#mail?.remove(id);
  }

  /** What was tried in vain is given up after its time; and whatever else is gone leaves nothing in the spool. */
  async sweep(now: number): Promise<void> {
    await this.#options.store.inbox.expire(now - KEPT_MS);
    const old = (this.#mail?.ids() ?? []).filter((id) => timeOf(id) < now - COMING_MS);
    await this.release(old);
  }

  /** Whoever waits is told that it takes longer. */
  close(): void {
    for (const watch of this.#watches.values()) watch.ended.reject(new EmailError(503, CLOSING));
    this.#watches.clear();
  }

  async #answer({ test, start, ended }: Watch): Promise<void> {
    const deployed = await this.#options.store.deployments.byVal(test.valId);
    const version = deployed.find(({ fileId }) => fileId === test.fileId)?.version ?? 0;
    if (start?.kind === "ran") ended.resolve({ built: true, version, finished: start.finished });
    else if (start?.kind === "unbuilt")
      ended.resolve({ built: false, version, diagnostics: [{ message: start.message }] });
    else ended.reject(new EmailError(409, "The file gets no mail any more: it is gone, or of another type."));
  }

  /** The mail itself goes with the last one who needs it. */
  async #tidy({ payload }: Job): Promise<void> {
    const { mailId } = payload as MailPayload;
    if (await this.#options.store.inbox.settled(mailId)) await this.#mail?.remove(mailId);
  }
}

/** Code that was written for Val Town writes to vals there: here that means this town. */
const isHere = (host: string, domain: string) => [domain, "valtown.email"].includes(host.toLowerCase());

/** When a UUID of version 7 was made. */
const timeOf = (id: string) => Number.parseInt(id.replace("-", "").slice(0, 12), 16);

/** What is beyond the bound is not even read. */
async function* bounded(chunks: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > most) throw new MailError(552, "5.3.4", `A mail has at most ${most} bytes here.`);
    yield chunk;
  }
}

/** Without the code that is meant for servers. */
function toEmailError({ message, responseCode }: MailError): EmailError {
  const sentence = message.replace(/^\d\.\d+\.\d+ /, "");
  if (responseCode === 552) return new EmailError(413, sentence);
  return new EmailError(responseCode < 500 ? 503 : 422, sentence);
}
