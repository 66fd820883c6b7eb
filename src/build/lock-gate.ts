import type { Sandbox } from "../sandbox/types.ts";

const FETCHES_AT_ONCE = 4;

/** Lets `width` actions run at once; the others wait their turn. */
export class Gate {
  #free: number;
  readonly #queue: (() => void)[] = [];

  constructor(width: number) {
    this.#free = width;
  }

  async pass<T>(action: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    try {
      return await action();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}

const gates = new WeakMap<Sandbox, Gate>();

/** The gate that all fetches of one sandbox pass. */
export function gateOf(sandbox: Sandbox): Gate {
  const gate = gates.get(sandbox) ?? new Gate(FETCHES_AT_ONCE);
  gates.set(sandbox, gate);
  return gate;
}
