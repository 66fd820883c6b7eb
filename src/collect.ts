/** Removes what was built and is served no more, while the town runs too: every save leaves something behind. */

import type { Builder, Needed } from "./build/build.ts";
import type { Log } from "./log.ts";
import type { Store } from "./store/store.ts";

export interface CollectorOptions {
  readonly store: Store;
  readonly builder: Builder;
  readonly log: Log;
  /** Between two collections, ms. */
  readonly everyMs?: number;
  /** What is needed besides what is served. */
  readonly also?: () => readonly Needed[];
}

const HOUR = 60 * 60 * 1000;

export class Collector {
  readonly #options: CollectorOptions;
  /** What was served at the last collection: somebody may just be about to start a worker of it. */
  #before: readonly Needed[] = [];
  #running: Promise<void> | undefined;
  /** Builds of which the deployer does not know. */
  #besides = 0;
  #last = performance.now();

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  /** Before a build, which may use what is there though nothing needs it. */
  async finished(): Promise<void> {
    await this.#running;
  }

  /** Build something that is not to be served: nothing is removed meanwhile. */
  async beside<T>(build: () => Promise<T>): Promise<T> {
    this.#besides++;
    try {
      await this.finished();
      return await build();
    } finally {
      this.#besides--;
    }
  }

  /** No build runs: the time to remove, if it is due. Nobody waits for it but the next build. */
  idle(): void {
    const { store, log, everyMs = HOUR } = this.#options;
    if (this.#besides > 0 || this.#running !== undefined || performance.now() - this.#last < everyMs) return;
    this.#running = store.deployments
      .all()
      .then((served) => this.collect(served))
      .catch((error) => log.error("What was built for older versions could not be removed.", { error }))
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Remove all but what is served now, and was at the last time. */
  async collect(served: readonly Needed[]): Promise<void> {
    this.#last = performance.now();
    const needed = [...served, ...(this.#options.also?.() ?? [])];
    await this.#options.builder.keepOnly([...this.#before, ...needed]);
    this.#before = needed;
  }
}
