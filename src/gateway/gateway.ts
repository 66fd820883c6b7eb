import { chmodSync, closeSync, openSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Dispatch } from "../dispatch/dispatch.ts";
import { HamletError } from "../errors.ts";
import type { Deployment } from "../val/deployment.ts";
import { Entrance } from "./entrance.ts";
import type { Destination } from "./host.ts";
import type { Peer } from "./peer.ts";
import type { RequestHead } from "./request-head.ts";
import { Upstreams } from "./upstream.ts";

export interface GatewayOptions {
  readonly hostname: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** A second one, at which the same is found. */
  readonly apiPort?: number | undefined;
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
  /** The entrance of the town's own workers: a unix socket in a folder that is theirs and ours alone. */
  readonly shortWay?: ShortWay;
  /** Settles when vals have ended what is no visitor's request, `ms` being what each may take; asked when the last request is over. */
  lingering?(ms: number): Promise<unknown>;
}

export interface ShortWay {
  readonly socketPath: string;
  /** Largest request body: what a val keeps in the town may be larger than what a visitor may send. */
  readonly maxBodyBytes: number;
}

export interface Gateway {
  readonly port: number;
  readonly apiPort: number | undefined;
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
  const { shortWay } = options;
  const upstreams = new Upstreams();
  const front = new Entrance({ ...options, upstreams, short: false });
  // Vals that call vals, however many, leave the other half of what is in flight to visitors.
  const maxConnections = Math.ceil(options.maxConnections / 2);
  const back = new Entrance({ ...options, ...shortWay, maxConnections, upstreams, short: true });
  const listener = listen(options.hostname, options.port, "--port", front);
  const apiListener = listenAlso(options, front, () => listener.stop(true));
  const backListener = shortWay && listenForWorkers(shortWay.socketPath, back);
  const ticker = setInterval(() => {
    const now = Date.now();
    front.tick(now);
    back.tick(now);
  }, TICK_MS);
  return {
    port: listener.port,
    apiPort: apiListener?.port,
    get connections() {
      return front.size;
    },
    async close(graceMs) {
      listener.stop();
      apiListener?.stop();
      const end = Date.now() + graceMs;
      await front.empty(graceMs);
      await options.lingering?.(Math.max(0, end - Date.now()));
      // Only now: to answer the last visitors, and to end what they began, vals may have had to call.
      backListener?.stop();
      await back.empty(0);
      clearInterval(ticker);
      front.clear();
      back.clear();
    },
  };
}

function listen(
  hostname: string,
  port: number,
  flag: string,
  entrance: Entrance,
): Bun.TCPSocketListener<Peer> {
  try {
    return Bun.listen<Peer>({ hostname, port, socket: entrance.handlers });
  } catch (cause) {
    const inUse = (cause as { code?: string }).code === "EADDRINUSE";
    const detail = inUse
      ? `Port ${port} on ${hostname} is in use. Stop the program that uses it, or choose another with ${flag}.`
      : `Cannot listen on ${hostname}:${port} (${(cause as Error).message}). Choose another --host or ${flag}.`;
    throw new HamletError("config", detail, { cause });
  }
}

function listenAlso({ hostname, apiPort }: GatewayOptions, entrance: Entrance, undo: () => void) {
  if (apiPort === undefined) return undefined;
  try {
    return listen(hostname, apiPort, "--api-port", entrance);
  } catch (error) {
    undo();
    throw error;
  }
}

/**
 * Linux tells the path that a socket was bound to in the `/proc/net/unix` of whoever is connected to it, vals included, which
 * are not to know where we are on this host: there it is bound by way of a descriptor of its folder.
 */
function listenForWorkers(socketPath: string, entrance: Entrance): { stop(): void } {
  const folder = process.platform === "linux" ? openSync(dirname(socketPath), "r") : undefined;
  const unix = folder === undefined ? socketPath : `/proc/self/fd/${folder}/${basename(socketPath)}`;
  const listener = Bun.listen<Peer>({ unix, socket: entrance.handlers });
  // Each worker is another user; who else is on this machine cannot enter the folder.
  chmodSync(socketPath, 0o666);
  return {
    stop() {
      listener.stop();
      // Not before: the name is removed by the same way.
      if (folder !== undefined) closeSync(folder);
    },
  };
}
