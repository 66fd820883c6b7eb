/** The calling side of the thread that works on texts (`text-worker.ts`). It starts with the first request. */
import type { Budget } from "../val/line-diff.ts";
import type { Jobs } from "./text-jobs.ts";
import type { Ask, Reply } from "./text-worker.ts";

export class TextThread {
  readonly #pending = new Map<number, { resolve(reply: Reply): void; reject(error: Error): void }>();
  #worker: Worker | undefined;
  #nextId = 1;
  #closed = false;

  /** Has the thread do it. What it used of the budget is taken off. */
  async run<K extends keyof Jobs>(
    kind: K,
    job: Parameters<Jobs[K]>[0],
    budget: Budget,
  ): Promise<ReturnType<Jobs[K]>> {
    const reply = await this.#ask({ id: this.#nextId++, kind, job, budget });
    if ("error" in reply) throw new Error(`Texts could not be compared: ${reply.error}`);
    budget.left = reply.left;
    return reply.value as ReturnType<Jobs[K]>;
  }

  close(): void {
    this.#closed = true;
    this.#end("The store is closed.");
  }

  #ask(ask: Ask): Promise<Reply> {
    if (this.#closed) return Promise.reject(new Error("The store is closed."));
    this.#worker ??= this.#start();
    return new Promise((resolve, reject) => {
      this.#pending.set(ask.id, { resolve, reject });
      this.#worker!.postMessage(ask);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL("./text-worker.ts", import.meta.url).href);
    worker.onmessage = (event: MessageEvent<Reply>) => {
      const waiting = this.#pending.get(event.data.id);
      this.#pending.delete(event.data.id);
      waiting?.resolve(event.data);
    };
    // The next request starts another one.
    worker.onerror = (event) => this.#end(`The thread that works on texts failed: ${event.message}`);
    return worker;
  }

  #end(message: string): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const waiting of this.#pending.values()) waiting.reject(new Error(message));
    this.#pending.clear();
  }
}
