import type { Socket } from "bun";
import { atEndOfTurn, CORK_BYTES, giveCork, takeCork } from "./turn.ts";

/**
 * One end of a connection, with back-pressure made visible: `send` says when to stop, `onFlushed` when to go on.
 * Bun's `socket.write` takes what the kernel takes and returns the count; the rest is kept here, and nowhere else.
 */
export abstract class Peer {
  #socket: Socket<Peer> | undefined;
  #pending: Uint8Array[] = [];
  #ending = false;
  #paused = false;
  #progress = false;
  #cork: Buffer | undefined;
  #corked = 0;
  closed = false;

  attach(socket: Socket<Peer>): void {
    this.#socket = socket;
  }

  /** True while bytes wait for the kernel to take them. */
  get congested(): boolean {
    return this.#pending.length > 0;
  }

  /**
   * Queue bytes; a string stands for its latin1 bytes.
   * @returns false when the caller should stop until `onFlushed`.
   */
  send(data: string | Uint8Array): boolean {
    if (this.closed) return true;
    if (this.#corked + data.length > CORK_BYTES) return this.#sendLarge(data);
    this.#cork ??= takeCork();
    if (typeof data === "string") this.#cork.write(data, this.#corked, "latin1");
    else this.#cork.set(data, this.#corked);
    const isFirst = this.#corked === 0;
    this.#corked += data.length;
    if (isFirst) atEndOfTurn(this);
    return !this.congested;
  }

  /** Hand what was gathered in this turn to the kernel. */
  flush(): void {
    const cork = this.#cork;
    const length = this.#corked;
    if (cork === undefined) return;
    this.#cork = undefined;
    this.#corked = 0;
    // The rest is copied: the buffer is somebody else's next.
    if (length > 0 && !this.#write(cork.subarray(0, length), true)) this.onCongested();
    giveCork(cork);
  }

  /** What does not fit beside what is gathered goes after it, by itself. */
  #sendLarge(data: string | Uint8Array): boolean {
    this.flush();
    return this.#write(typeof data === "string" ? Buffer.from(data, "latin1") : data, false);
  }

  #write(bytes: Uint8Array, copies: boolean): boolean {
    const socket = this.#socket;
    if (this.closed || socket === undefined) return true;
    const written = this.#pending.length === 0 ? Math.max(0, socket.write(bytes)) : 0;
    if (written === bytes.length) return true;
    const rest = bytes.subarray(written);
    this.#pending.push(copies ? Buffer.from(rest) : rest);
    return false;
  }

  /** To be called by the socket's `drain`. */
  drain(): void {
    const socket = this.#socket;
    if (socket === undefined || this.#pending.length === 0) return;
    while (this.#pending.length > 0) {
      const chunk = this.#pending[0]!;
      const written = Math.max(0, socket.write(chunk));
      if (written > 0) this.#progress = true;
      if (written < chunk.length) {
        this.#pending[0] = chunk.subarray(written);
        return;
      }
      this.#pending.shift();
    }
    if (this.#ending) this.#shutdown();
    else this.onFlushed();
  }

  /** Stop reading from this end, so that its sender is held back. */
  pause(): void {
    if (this.#paused || this.closed) return;
    this.#paused = true;
    this.#socket?.pause();
  }

  resume(): void {
    if (!this.#paused || this.closed) return;
    this.#paused = false;
    this.#socket?.resume();
  }

  /** Send what is queued, then FIN; what still comes in keeps being delivered. */
  finish(): void {
    if (this.closed || this.#ending) return;
    this.flush();
    this.#ending = true;
    if (this.#pending.length === 0) this.#shutdown();
  }

  /** Close now; what the kernel took is still delivered, as slowly as the other side reads. */
  close(): void {
    this.flush();
    this.#drop()?.end();
  }

  /** Close now, and let the other side see a reset. */
  destroy(): void {
    this.#drop()?.terminate();
  }

  /** Whether a slow reader took anything since this was last asked. */
  takeProgress(): boolean {
    const progress = this.#progress;
    this.#progress = false;
    return progress;
  }

  /** To be called by the socket's `close`. */
  gone(): void {
    const first = !this.closed;
    this.closed = true;
    this.#pending = [];
    if (first) this.onGone();
  }

  abstract onData(data: Buffer): void;
  abstract onFlushed(): void;
  /** What was sent in this turn is more than the kernel takes now: stop until `onFlushed`. */
  abstract onCongested(): void;
  /** The other side closed the connection (not called after `destroy`). */
  abstract onGone(): void;

  #drop(): Socket<Peer> | undefined {
    if (this.closed) return undefined;
    this.closed = true;
    this.#pending = [];
    return this.#socket;
  }

  #shutdown(): void {
    this.#socket?.shutdown();
  }
}

/**
 * Each piece that a socket delivers is garbage as soon as it is passed on, and the collector, which goes by the size of
 * the heap, lets tens of MB of them pile up when they come fast: so it is asked to run after so many bytes.
 */
const COLLECT_AFTER = 4 * 1024 * 1024;
let delivered = 0;

function countDelivered(bytes: number): void {
  delivered += bytes;
  if (delivered < COLLECT_AFTER) return;
  delivered = 0;
  Bun.gc(false);
}

/** The socket handlers shared by both sides; `data` is the Peer. */
export const peerHandlers = {
  data(socket: Socket<Peer>, data: Buffer): void {
    socket.data.onData(data);
    countDelivered(data.length);
  },
  drain(socket: Socket<Peer>): void {
    socket.data.drain();
  },
  close(socket: Socket<Peer>): void {
    socket.data.gone();
  },
  /** Also told of an exception in one of these handlers, after which the socket would stay open. */
  error(socket: Socket<Peer>): void {
    socket.data.gone();
    socket.terminate();
  },
};
