/**
 * The short way to the val's own town. `fetch` and `WebSocket` look at the host: what this town serves goes through its
 * unix socket, all else takes Deno's own way, untouched.
 */

import type { ShortWay } from "../wire/control.ts";
import { HOPS } from "../wire/headers.ts";
import {
  chain,
  createHttpClient,
  indexOf,
  NativeRequest,
  NativeURL,
  nativeFetch,
  slice,
} from "./intrinsics.ts";
import { currentHops } from "./trace.ts";
import { offerWebSocket } from "./websocket.ts";

type Input = Parameters<typeof fetch>[0];
type Init = RequestInit & { client?: Deno.HttpClient };

/** What Deno keeps a Request's body and a Response's addresses in; internals of the pinned Deno, see trace.ts. */
interface InnerRequest {
  readonly body: { readonly source: unknown } | null;
}
interface InnerResponse {
  urlList: string[];
}

const innerOf = <T>(object: object, name: string): T => {
  const symbol = Object.getOwnPropertySymbols(object).find(({ description }) => description === name);
  return (object as Record<symbol, T>)[symbol as symbol] as T;
};
/**
 * Deno looks a name up before it goes to any proxy, which can take seconds and is of no use here, and sends `localhost`
 * through none. This is an address to which nothing is ever sent (RFC 6666).
 */
const NOBODY = "[100::1]";
const MAX_REDIRECTS = 20;
const OF_A_BODY = [
  "content-encoding",
  "content-language",
  "content-location",
  "content-type",
  "content-length",
];
const OF_AN_ORIGIN = ["authorization", "proxy-authorization", "cookie"];

/** Put `fetch` and `WebSocket` in place; the connection is made by the first call. */
export function openShortWay({ door, hosts }: ShortWay): void {
  const town = new Town(door, hosts);
  globalThis.fetch = function fetch(...args: [input: Input, init?: Init]) {
    const [input, init] = args;
    if (town.has(input, init)) return call(town, input, init);
    const answer = nativeFetch(...args);
    return isPlain(input, init) ? (chain(answer, undefined, walkAgain) as Promise<Response>) : answer;

    /** An outside address may lead back into the town, where Deno's own way ends at the wall: then each step is ours. */
    function walkAgain(error: unknown): Promise<Response> {
      if (town.has(endOf(error))) return call(town, input, init);
      throw error;
    }
  };
  offerWebSocket(town);
}

/** Whether this call can be made twice: nothing is sent, nothing is special. */
function isPlain(input: unknown, init?: Init): boolean {
  if (typeof input !== "string" && !(input instanceof NativeURL)) return false;
  const method = init?.method ?? "GET";
  return (
    (method === "GET" || method === "HEAD") && !init?.client && (init?.redirect ?? "follow") === "follow"
  );
}

const FAILED = "error sending request for url (";

/** The address at which Deno's own way ended, as its message has it; its host is what counts. */
function endOf(error: unknown): string {
  const text = `${(error as { cause?: { message?: unknown } })?.cause?.message}`;
  const start = indexOf(text, FAILED);
  return start < 0 ? "" : slice(text, start + FAILED.length, indexOf(text, "): "));
}

/** What is behind the door, and the client that goes through it. */
export class Town {
  readonly #door: string;
  readonly #names: Record<string, true> = { __proto__: null } as never;
  readonly #suffixes: readonly string[];
  #client: Deno.HttpClient | undefined;

  constructor(door: string, hosts: readonly string[]) {
    this.#door = door;
    for (const host of hosts) this.#names[host] = true;
    this.#suffixes = hosts.filter((host) => host.startsWith("."));
  }

  get client(): Deno.HttpClient {
    this.#client ??= createHttpClient({
      proxy: { transport: "unix", path: this.#door },
      http2: false,
      allowHost: true,
    });
    return this.#client;
  }

  /** Whether this call stays in the town; what is no address at all is left to Deno to refuse. */
  has(input: unknown, init?: Init): boolean {
    if (init?.client) return false;
    const text = typeof input === "object" && input !== null && "url" in input ? input.url : input;
    try {
      return this.serves(new NativeURL(text as string));
    } catch {
      return false;
    }
  }

  serves({ protocol, host }: URL): boolean {
    if (protocol !== "http:" && protocol !== "https:" && protocol !== "ws:" && protocol !== "wss:")
      return false;
    if (this.#names[host]) return true;
    for (const suffix of this.#suffixes) if (host.endsWith(suffix)) return true;
    return false;
  }

  /** The address to ask for at the door; the real host goes into `Host`. */
  toDoor(url: URL): string {
    const address = new NativeURL(url);
    address.host = NOBODY;
    address.port = "";
    return address.href;
  }
}

/** `fetch` to this town; redirects are followed here, for one may lead out of it (Fetch standard, HTTP-redirect fetch). */
async function call(town: Town, input: Input, init?: Init): Promise<Response> {
  // Deno's own checks of what it is given, and its own reading of it.
  const request = new NativeRequest(input, init);
  const { headers, signal, redirect } = request;
  let { method } = request;
  const inner = innerOf<InnerRequest>(request, "request").body;
  let body = inner && ((inner.source ?? request.body) as BodyInit);
  let url = new NativeURL(request.url);
  const hops = currentHops();
  const trail = [url.href];
  for (;;) {
    const inTown = town.serves(url);
    if (inTown) headers.set("host", url.host);
    else headers.delete("host");
    if (inTown && hops !== undefined) headers.set(HOPS, hops);
    else headers.delete(HOPS);
    const where = inTown ? town.toDoor(url) : url.href;
    const client = inTown ? { client: town.client } : {};
    const response = await nativeFetch(where, {
      method,
      headers,
      body,
      signal,
      redirect: "manual",
      ...client,
    });
    const next = redirect === "manual" ? undefined : nextOf(response, url);
    if (next === undefined) return named(response, trail);
    await response.body?.cancel();
    if (redirect === "error")
      throw new TypeError("Fetch failed: Encountered redirect while redirect mode is set to 'error'");
    if (trail.length > MAX_REDIRECTS)
      throw new TypeError(`Fetch failed: Maximum number of redirects (${MAX_REDIRECTS}) reached`);
    if (becomesGet(response.status, method)) {
      method = "GET";
      body = null;
      for (const name of OF_A_BODY) headers.delete(name);
    } else if (inner && body && inner.source === null) {
      throw new TypeError("Fetch failed: Can not redeliver a streaming request body after a redirect");
    }
    if (next.origin !== url.origin) for (const name of OF_AN_ORIGIN) headers.delete(name);
    url = next;
    trail.push(url.href);
  }
}

/** Where this answer leads, if it does. */
function nextOf(response: Response, url: URL): URL | undefined {
  const { status } = response;
  const leads = status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
  const location = leads ? response.headers.get("location") : null;
  if (location === null) return undefined;
  const next = new NativeURL(location, url);
  if (next.protocol !== "http:" && next.protocol !== "https:")
    throw new TypeError("Fetch failed: Can not redirect to a non HTTP(s) url");
  if (next.hash === "") next.hash = url.hash;
  return next;
}

function becomesGet(status: number, method: string): boolean {
  if (status === 303) return method !== "GET" && method !== "HEAD";
  return (status === 301 || status === 302) && method === "POST";
}

/** The response says where it came from, in the words it was asked in. */
function named(response: Response, trail: string[]): Response {
  innerOf<InnerResponse>(response, "response").urlList = trail;
  return response;
}
