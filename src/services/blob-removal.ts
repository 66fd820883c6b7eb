import type { Objects } from "./blob-objects.ts";

export interface RemovalOptions {
  readonly objects: Objects;
  /** Take removed objects off the record. */
  readonly forget: (objects: readonly string[]) => Promise<void>;
  /** Told when an object could not be removed; the next start tries again. */
  readonly onError: (error: unknown) => void;
}

/** Removes objects in the background; one that is being read goes when its last reader has left. */
export class Removal {
  readonly #options: RemovalOptions;
  readonly #readers = new Map<string, number>();
  readonly #waiting = new Set<string>();
  #queue: string[] = [];
  #working: Promise<void> | undefined;

  constructor(options: RemovalOptions) {
    this.#options = options;
  }

  /** Keep an object while it is read; the returned function lets it go. */
  hold(object: string): () => void {
    this.#readers.set(object, (this.#readers.get(object) ?? 0) + 1);
    let held = true;
    return () => {
      if (held) this.#release(object);
      held = false;
    };
  }

  remove(objects: readonly string[]): void {
    for (const object of objects) {
      if (this.#readers.has(object)) this.#waiting.add(object);
      else this.#queue.push(object);
    }
    if (this.#queue.length > 0) this.#working ??= this.#work();
  }

  /** Resolves when all that can be removed now is. */
  async settled(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  #release(object: string): void {
    const left = this.#readers.get(object)! - 1;
    if (left > 0) {
      this.#readers.set(object, left);
      return;
    }
    this.#readers.delete(object);
    if (this.#waiting.delete(object)) this.remove([object]);
  }

  async #work(): Promise<void> {
    const { objects, forget, onError } = this.#options;
    while (this.#queue.length > 0) {
      const removed: string[] = [];
      for (const object of this.#queue.splice(0, 100)) {
        await objects.remove(object).then(() => removed.push(object), onError);
      }
      await forget(removed).catch(onError);
    }
    this.#working = undefined;
  }
}
