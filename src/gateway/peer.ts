import type { Socket } from "bun";
import { toWire } from "./fields.ts";

/** Pieces up to this size are worth copying to save a system call. */
const MAX_CORKED = 8 * 1024;

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
  #corked: string | undefined;
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
    if (this.#corked !== undefined) {
      if (data.length <= MAX_CORKED && this.#corked.length <= MAX_CORKED) {
        this.#corked +=
          typeof data === "string"
            ? data
            : Buffer.from(data.buffer, data.byteOffset, data.length).toString("latin1");
        return true;
      }
      this.uncork();
      const flowing = this.send(data);
      this.cork();
      return flowing;
    }
    return this.#write(typeof data === "string" ? toWire(data) : data);
  }

  /** Gather small pieces (a head and the body behind it) into one write, until `uncork`. */
  cork(): void {
    this.#corked ??= "";
  }

  uncork(): void {
    const gathered = this.#corked;
    this.#corked = undefined;
    if (gathered) this.#write(toWire(gathered));
  }

  #write(data: string | Uint8Array): boolean {
    const socket = this.#socket;
    if (this.closed || socket === undefined) return true;
    if (this.#pending.length === 0) {
      const written = Math.max(0, socket.write(data));
      if (written === data.length) return true;
      this.#pending.push(rest(data, written));
      return false;
    }
    this.#pending.push(rest(data, 0));
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
    this.uncork();
    this.#ending = true;
    if (this.#pending.length === 0) this.#shutdown();
  }

  /** Close now; what the kernel took is still delivered, as slowly as the other side reads. */
  close(): void {
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

function rest(data: string | Uint8Array, from: number): Uint8Array {
  return typeof data === "string" ? Buffer.from(data.slice(from), "latin1") : data.subarray(from);
}

/** The socket handlers shared by both sides; `data` is the Peer. */
export const peerHandlers = {
  data(socket: Socket<Peer>, data: Buffer): void {
    socket.data.onData(data);
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
