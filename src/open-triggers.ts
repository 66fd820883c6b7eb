/** What starts vals by itself, opened: the queue's loop, the ticker of schedules, mail that comes in, notices of failures. */

import { availableParallelism } from "node:os";
import type { Config } from "./config.ts";
import { tellAuthor } from "./data-plane.ts";
import type { Log } from "./log.ts";
import type { MailRuns } from "./mail-runs.ts";
import { openMail } from "./open-mail.ts";
import type { OpenServices } from "./open-services.ts";
import type { MailIn } from "./smtp/types.ts";
import type { Starts } from "./starts.ts";
import type { Store } from "./store/store.ts";
import { Cron, createNotices, createTriggers, intervalKind, systemClock } from "./triggers/triggers.ts";
import { apiUrl, appUrl, type TownAddress } from "./val/address.ts";

export interface OpenTriggers {
  /** Mail that comes in, also by the API. */
  readonly mail: MailIn;
  /** Takes a job out of the queue; false when it runs. */
  remove(jobId: string): Promise<boolean>;
  /** No slot and no mail is taken any more, nothing begins; what runs gets the grace. */
  close(graceMs: number): Promise<void>;
}

export interface TriggerParts {
  readonly config: Config;
  readonly store: Store;
  readonly starts: Pick<Starts, "start">;
  readonly mailRuns: MailRuns;
  readonly services: Pick<OpenServices, "email">;
  readonly log: Log;
  readonly town: TownAddress;
}

/** Between two looks whether something lies in the spool that nobody waits for. */
const SWEEP_MS = 3_600_000;
/** A relay that does not answer does not keep the town from closing. */
const NOTICE_MS = 1000;

/** Opens them all, and takes up what an earlier process left. Rejects with HamletError `config`. */
export async function openTriggers(parts: TriggerParts): Promise<OpenTriggers> {
  const { config, store, starts, mailRuns, services, log, town } = parts;
  const { email } = services;
  const notices = new Set<Promise<void>>();
  const tell = createNotices({ store, email, api: apiUrl(town), app: appUrl(town), log });
  const mail = await openMail({
    ...{ config, store, email, log },
    note: (recipient, text) =>
      tellOwner(store, recipient, text).catch((error) =>
        log.error("A val's log could not be written.", { error }),
      ),
  });
  mailRuns.attach(mail);
  const loop = await createTriggers({
    jobs: store.jobs,
    starter: { start: (of) => mailRuns.start(of, (one) => starts.start(one)) },
    kinds: { interval: intervalKind(store.schedules), email: mailRuns.kind },
    maxRuns: config.maxRuns,
    maxStarting: Math.max(2, Math.ceil(availableParallelism() / 2)),
    // The folder is locked: whoever had jobs is no more.
    alone: true,
    failed: (job, failure) => {
      const told = tell(job, failure).finally(() => notices.delete(told));
      notices.add(told);
    },
    log,
  });
  const cron = new Cron({
    tick: (limit) => store.schedules.tick(limit, config.minPeriod),
    skipped: (slot, sentence) => tellAuthor(store, slot, sentence, slot.trace),
    onError: (error) => log.error("Schedules could not be read; it is tried again.", { error }),
    clock: systemClock,
  });
  // In the background: many may have become due meanwhile.
  void cron.look();
  const sweep = () =>
    mailRuns
      .sweep(Date.now())
      .catch((error) => log.error("The spool of mails could not be swept.", { error }));
  let swept = Promise.resolve();
  const sweeping = setInterval(() => (swept = sweep()), SWEEP_MS);
  return {
    mail,
    remove: (jobId) => loop.remove(jobId),
    async close(graceMs) {
      clearInterval(sweeping);
      // What still comes is in the queue for the next start.
      await Promise.all([cron.close(), mail.close(), swept, loop.close(graceMs)]);
      mailRuns.close();
      await Promise.race([Promise.all(notices), Bun.sleep(NOTICE_MS)]);
    },
  };
}

/** A line in the log of a file that is to get a mail. */
async function tellOwner(
  store: Store,
  { fileId, valId }: { fileId: string; valId: string },
  text: string,
): Promise<void> {
  const val = await store.vals.find(valId);
  const file = await store.files.find(fileId);
  const branch = file && (await store.branches.find(file.branchId));
  if (val === undefined || file === undefined || branch === undefined) return;
  const { version } = branch;
  tellAuthor(
    store,
    { username: val.username, valId, fileId, branchId: branch.id, version, trigger: "email" },
    text,
  );
}
