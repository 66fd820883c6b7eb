import type { Dispatch } from "../dispatch/dispatch.ts";
import { HamletError } from "../errors.ts";
import type { Deployment } from "../val/deployment.ts";
import type { Destination } from "./host.ts";
import { type Peer, peerHandlers } from "./peer.ts";
import type { RequestHead } from "./request-head.ts";
import { Upstreams } from "./upstream.ts";
import { Visitor, type VisitorContext } from "./visitor.ts";

export interface GatewayOptions {
  readonly hostname: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly dispatch: Dispatch;
  /** What answers this request; the whole head is given because one host may serve two things. */
  find(head: RequestHead): Destination | undefined | Promise<Destination | undefined>;
  /** A sentence for the author's log about an answer that had to be replaced by ours. */
  note(deployment: Deployment, trace: string, error: HamletError): void;
  /** An error of our own, for the operator. */
  report(error: HamletError): void;
  /** Whether `x-forwarded-*` from this address is believed. */
  isTrusted(address: string): boolean;
  readonly maxBodyBytes: number;
  readonly maxConnections: number;
  /** To receive a whole request head; to begin the answer; to keep an idle connection. Milliseconds. */
  readonly headMs: number;
  readonly firstByteMs: number;
  readonly idleMs: number;
}

export interface Gateway {
  readonly port: number;
  /** Open connections of visitors. */
  readonly connections: number;
  /** Take no new request, let the open ones end for at most `graceMs`, then close everything. */
  close(graceMs: number): Promise<void>;
}

const TICK_MS = 250;

/**
 * Listen for visitors: HTTP/1.1 (RFC 9112) read and framed anew on raw sockets, in both directions.
 * @throws HamletError `config` when the address cannot be listened on
 */
export function createGateway(options: GatewayOptions): Gateway {
  const visitors = new Set<Visitor>();
  const state = { stopping: false };
  let emptied: (() => void) | undefined;
  const context: VisitorContext = {
    dispatch: options.dispatch,
    upstreams: new Upstreams(),
    maxBodyBytes: options.maxBodyBytes,
    firstByteMs: options.firstByteMs,
    headMs: options.headMs,
    idleMs: options.idleMs,
    find: options.find,
    note: options.note,
    report: options.report,
    isTrusted: options.isTrusted,
    get stopping() {
      return state.stopping;
    },
    left(visitor) {
      visitors.delete(visitor);
      if (visitors.size === 0) emptied?.();
    },
  };
  const listener = listen(options, (socket) => {
    const visitor = new Visitor(context, socket.remoteAddress);
    visitor.attach(socket);
    socket.data = visitor;
    if (visitors.size >= options.maxConnections || state.stopping) visitor.destroy();
    else visitors.add(visitor);
  });
  const ticker = setInterval(() => {
    const now = Date.now();
    for (const visitor of visitors) {
      if (visitor.deadline !== 0 && visitor.deadline <= now) visitor.onDeadline();
    }
  }, TICK_MS);
  return {
    port: listener.port,
    get connections() {
      return visitors.size;
    },
    async close(graceMs) {
      state.stopping = true;
      listener.stop();
      for (const visitor of visitors) visitor.stop();
      if (visitors.size > 0) await withinGrace(graceMs, new Promise<void>((resolve) => (emptied = resolve)));
      clearInterval(ticker);
      for (const visitor of visitors) {
        visitor.destroy();
        visitor.onGone();
      }
    },
  };
}

function listen(
  options: GatewayOptions,
  opened: (socket: Bun.Socket<Peer>) => void,
): Bun.TCPSocketListener<Peer> {
  const { hostname, port } = options;
  try {
    return Bun.listen<Peer>({ hostname, port, socket: { open: opened, ...peerHandlers } });
  } catch (cause) {
    const inUse = (cause as { code?: string }).code === "EADDRINUSE";
    const detail = inUse
      ? `Port ${port} on ${hostname} is in use. Stop the program that uses it, or choose another with --port.`
      : `Cannot listen on ${hostname}:${port} (${(cause as Error).message}). Choose another --host or --port.`;
    throw new HamletError("config", detail, { cause });
  }
}

async function withinGrace(graceMs: number, done: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([done, new Promise<void>((resolve) => (timer = setTimeout(resolve, graceMs)))]);
  clearTimeout(timer);
}
