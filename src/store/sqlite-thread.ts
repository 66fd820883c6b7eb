/** The calling side of the thread that owns one connection to a SQLite file (`sqlite-worker.ts`). */
import type { Call, Reply } from "./sqlite-worker.ts";

type Answer = Exclude<Reply, { error: unknown }>;
type Unnumbered<T> = T extends { id: number } ? Omit<T, "id"> : never;

/** A failed statement; `code` is SQLite's extended result code by name. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** One worker thread; it answers in the order of the calls. */
export class Thread {
  readonly #worker = new Worker(new URL("./sqlite-worker.ts", import.meta.url).href);
  readonly #pending = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  #nextId = 1;
  #ended: Error | undefined;

  constructor() {
    this.#worker.onmessage = (event: MessageEvent<Reply>) => {
      const reply = event.data;
      const waiting = this.#pending.get(reply.id);
      this.#pending.delete(reply.id);
      if ("error" in reply) waiting?.reject(new DatabaseError(reply.error.message, reply.error.code));
      else waiting?.resolve(reply);
    };
    this.#worker.onerror = (event) => this.#fail(`The database thread failed: ${event.message}`);
    this.#worker.addEventListener("close", () => this.#fail("The database is closed."));
  }

  /** Rejects with DatabaseError. */
  call(call: Unnumbered<Call>): Promise<Answer> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ ...call, id });
    });
  }

  /** Ends the thread as it is; what waits is refused. */
  end(): void {
    this.#fail("The database is closed.");
    this.#worker.terminate();
  }

  #fail(message: string): void {
    this.#ended ??= new DatabaseError(message, "CLOSED");
    for (const waiting of this.#pending.values()) waiting.reject(this.#ended);
    this.#pending.clear();
  }
}
