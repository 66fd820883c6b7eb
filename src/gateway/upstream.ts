import { HamletError } from "../errors.ts";
import type { Target } from "../pool/types.ts";
import type { HeadMemory } from "./head-reader.ts";
import { Peer, peerHandlers } from "./peer.ts";

/** Who is served by a connection to a worker at this moment. */
export interface UpstreamUser {
  onUpstreamData(data: Buffer): void;
  onUpstreamFlushed(): void;
  onUpstreamCongested(): void;
  onUpstreamGone(): void;
}

/** One connection to a worker's (or an inner server's) unix socket. */
export class Upstream extends Peer implements HeadMemory {
  user: UpstreamUser | undefined;
  last: HeadMemory["last"];
  /** It has served a call before: its end may have been closed meanwhile. */
  reused = false;
  readonly target: Target;

  constructor(target: Target) {
    super();
    this.target = target;
  }

  onData(data: Buffer): void {
    // Bytes that nobody asked for: the other side is not speaking HTTP; never let them meet the next visitor.
    if (this.user === undefined) this.destroy();
    else this.user.onUpstreamData(data);
  }

  onFlushed(): void {
    this.user?.onUpstreamFlushed();
  }

  onCongested(): void {
    this.user?.onUpstreamCongested();
  }

  onGone(): void {
    this.user?.onUpstreamGone();
  }

  /** The visitor has gone: his last frame, which may have come with his leaving, still goes out and may be answered. */
  leave(): undefined {
    this.user = undefined;
    this.finish();
    setTimeout(() => this.destroy(), LEAVE_MS);
  }
}

const LEAVE_MS = 1000;
const MAX_IDLE = 256;
/** A full listen backlog answers EAGAIN on a unix socket instead of queueing: try again, a few ms later. */
const CONNECT_TRIES = 40;
const CONNECT_PAUSE_MS = 5;

/** Connections to workers: idle ones are kept per target and go with it. */
export class Upstreams {
  readonly #idle = new WeakMap<Target, Upstream[]>();

  /** @throws HamletError `val_died` when nobody listens there any more. */
  acquire(target: Target, fresh = false): Upstream | Promise<Upstream> {
    const idle = fresh ? undefined : this.#idle.get(target);
    while (idle !== undefined && idle.length > 0) {
      const upstream = idle.pop()!;
      if (upstream.closed) continue;
      upstream.reused = true;
      return upstream;
    }
    return connect(target);
  }

  /** Give back a connection on which a whole call has ended. */
  release(upstream: Upstream): void {
    upstream.user = undefined;
    if (upstream.closed) return;
    // The last bytes may have come after a slow visitor had it paused.
    upstream.resume();
    const idle = this.#idle.get(upstream.target);
    if (idle === undefined) this.#idle.set(upstream.target, [upstream]);
    else if (idle.length < MAX_IDLE) idle.push(upstream);
    else upstream.destroy();
  }
}

async function connect(target: Target): Promise<Upstream> {
  for (let attempt = 1; ; attempt++) {
    const upstream = new Upstream(target);
    try {
      const socket = await Bun.connect<Peer>({
        unix: target.socketPath,
        data: upstream,
        socket: peerHandlers,
      });
      upstream.attach(socket);
      return upstream;
    } catch (cause) {
      const again = (cause as { code?: string }).code === "EAGAIN" && attempt < CONNECT_TRIES;
      if (!again) throw new HamletError("val_died", `No connection to worker ${target.id}.`, { cause });
      await new Promise((resolve) => setTimeout(resolve, CONNECT_PAUSE_MS));
    }
  }
}
