/** Lets `width` actions run at once, or one alone; the others wait their turn. */
export class Gate {
  readonly #width: number;
  readonly #queue: { readonly weight: number; readonly start: () => void }[] = [];
  #taken = 0;

  /** Nothing runs or waits. */
  get isIdle(): boolean {
    return this.#taken === 0 && this.#queue.length === 0;
  }

  constructor(width: number) {
    this.#width = width;
  }

  pass<T>(action: () => Promise<T>): Promise<T> {
    return this.#run(1, action);
  }

  alone<T>(action: () => Promise<T>): Promise<T> {
    return this.#run(this.#width, action);
  }

  async #run<T>(weight: number, action: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      this.#queue.push({ weight, start });
      this.#admit();
    });
    try {
      return await action();
    } finally {
      this.#taken -= weight;
      this.#admit();
    }
  }

  /** In turn: whoever wants to be alone is not overtaken for ever. */
  #admit(): void {
    for (let next = this.#queue[0]; next && this.#taken + next.weight <= this.#width; next = this.#queue[0]) {
      this.#queue.shift();
      this.#taken += next.weight;
      next.start();
    }
  }
}

/** A gate for each key, there while it is used. */
export class Gates {
  readonly #width: number;
  readonly #gates = new Map<string, Gate>();

  constructor(width: number) {
    this.#width = width;
  }

  async pass<T>(key: string, action: () => Promise<T>): Promise<T> {
    const gate = this.#gates.get(key) ?? new Gate(this.#width);
    this.#gates.set(key, gate);
    try {
      return await gate.pass(action);
    } finally {
      if (gate.isIdle) this.#gates.delete(key);
    }
  }
}
