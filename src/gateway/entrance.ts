import { type Peer, peerHandlers } from "./peer.ts";
import { Visitor, type VisitorContext } from "./visitor.ts";

export interface EntranceOptions extends Omit<VisitorContext, "stopping" | "left"> {
  readonly maxConnections: number;
}

/** One place at which connections come in, and those that are open. */
export class Entrance {
  readonly #open = new Set<Visitor>();
  readonly #context: VisitorContext;
  readonly #maxConnections: number;
  #stopping = false;
  #emptied: (() => void) | undefined;

  constructor(options: EntranceOptions) {
    const isStopping = () => this.#stopping;
    this.#maxConnections = options.maxConnections;
    this.#context = {
      ...options,
      get stopping() {
        return isStopping();
      },
      left: (visitor) => {
        this.#open.delete(visitor);
        if (this.#open.size === 0) this.#emptied?.();
      },
    };
  }

  get size(): number {
    return this.#open.size;
  }

  /** For the sockets of a listener. */
  get handlers(): Bun.SocketHandler<Peer> {
    return { open: (socket) => this.#opened(socket), ...peerHandlers };
  }

  /** Time has passed: those whose deadline is over hear of it. */
  tick(now: number): void {
    for (const visitor of this.#open) {
      if (visitor.deadline !== 0 && visitor.deadline <= now) visitor.onDeadline();
    }
  }

  /** Take no new request; settles when the open ones have ended, or their grace. */
  async empty(graceMs: number): Promise<void> {
    this.#stopping = true;
    for (const visitor of this.#open) visitor.stop();
    if (this.#open.size === 0 || graceMs === 0) return;
    await withinGrace(graceMs, new Promise<void>((resolve) => (this.#emptied = resolve)));
  }

  /** Close what is open. */
  clear(): void {
    for (const visitor of this.#open) {
      visitor.destroy();
      visitor.onGone();
    }
  }

  #opened(socket: Bun.Socket<Peer>): void {
    const visitor = new Visitor(this.#context, socket.remoteAddress ?? "");
    visitor.attach(socket);
    socket.data = visitor;
    if (this.#open.size >= this.#maxConnections && this.#context.short) this.#makeRoom();
    if (this.#open.size >= this.#maxConnections || this.#stopping) visitor.destroy();
    else this.#open.add(visitor);
  }

  /**
   * Close the oldest connection on which nothing is being asked. All vals come in here, and whose a connection is cannot be
   * told: one that keeps thousands open must not shut the door to the others.
   */
  #makeRoom(): void {
    for (const visitor of this.#open) {
      if (visitor.busy || visitor.congested) continue;
      visitor.destroy();
      this.#open.delete(visitor);
      return;
    }
  }
}

async function withinGrace(graceMs: number, done: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([done, new Promise<void>((resolve) => (timer = setTimeout(resolve, graceMs)))]);
  clearTimeout(timer);
}
