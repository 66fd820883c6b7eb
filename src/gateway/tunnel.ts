interface End {
  send(data: Uint8Array): boolean;
  pause(): void;
}

/**
 * An upgraded connection: bytes pass both ways as they come, held back by whoever is slow. Frames, pings and close
 * codes are between the visitor and the val; the connection serves nobody else afterwards.
 */
export class Tunnel {
  bytesIn = 0;
  bytesOut = 0;
  readonly #visitor: End;
  readonly #worker: End;

  /** Holding the worker back when the visitor is slow is its owner's, as for any answer. */
  constructor(visitor: End, worker: End) {
    this.#visitor = visitor;
    this.#worker = worker;
  }

  /** @returns bytes used: all */
  fromVisitor(data: Buffer): number {
    this.bytesIn += data.length;
    this.#worker.send(data);
    return data.length;
  }

  fromWorker(data: Buffer): void {
    this.bytesOut += data.length;
    this.#visitor.send(data);
  }
}
