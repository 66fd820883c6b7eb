/** Is a mail from whom it says? SPF, DKIM and DMARC, as a header line; never a reason to refuse a mail or to lose it. */

import type { Ask, Reply } from "./authentication-worker.ts";

export type Sending = Omit<Ask, "id" | "domain" | "dnsServer" | "patienceMs">;

export interface AuthenticationOptions {
  /** In whose name the results are told. */
  readonly domain: string;
  /** The system's when missing. */
  readonly dnsServer?: string | undefined;
  /** A mail waits no longer than that. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 5000;
/** Behind it a thread that has not even said that it does not know is stuck. */
const STUCK_MS = 2000;

/** The calling side of the thread that checks mails (`authentication-worker.ts`), which starts with the first one. */
export class Authentication {
  readonly #options: AuthenticationOptions;
  readonly #pending = new Map<number, (results: string | undefined) => void>();
  #worker: Worker | undefined;
  #nextId = 1;

  constructor(options: AuthenticationOptions) {
    this.#options = options;
  }

  /** What `Authentication-Results` says of it; undefined when it cannot be known now. Never rejects. */
  async of(sending: Sending): Promise<string | undefined> {
    const { domain, dnsServer, patienceMs = PATIENCE_MS } = this.#options;
    const id = this.#nextId++;
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#pending.set(id, resolve);
    const stuck = setTimeout(() => this.#end(), patienceMs + STUCK_MS);
    this.#worker ??= this.#start();
    this.#worker.postMessage({ ...sending, id, domain, dnsServer, patienceMs } satisfies Ask);
    try {
      return await promise;
    } finally {
      clearTimeout(stuck);
    }
  }

  close(): void {
    this.#end();
  }

  #start(): Worker {
    const worker = new Worker(new URL("./authentication-worker.ts", import.meta.url).href);
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      this.#pending.get(data.id)?.(data.results);
      this.#pending.delete(data.id);
    };
    // The next mail starts another one.
    worker.onerror = () => this.#end();
    return worker;
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const resolve of this.#pending.values()) resolve(undefined);
    this.#pending.clear();
  }
}
