import type { ErrorCode } from "../errors.ts";
import type { Target } from "../pool/types.ts";
import type { Deployment } from "../val/deployment.ts";

/** What answers at a host. */
export type Destination =
  | { readonly kind: "val"; readonly deployment: Deployment }
  /** A server of ours behind the gateway: the API, later the web app. */
  | { readonly kind: "inner"; readonly target: Target }
  /** A known address that cannot be served, and why. */
  | { readonly kind: "failed"; readonly code: ErrorCode };

/** Asks whoever remembers (the store) for a host that is not in the table. */
export type Lookup = (host: string) => Promise<Destination | undefined>;

const MAX_REMEMBERED = 10_000;

/**
 * `host → destination`, in memory. Entries come by `set` (at start and after each save); a miss asks once,
 * concurrent misses together, and the answer is remembered, the negative one too, within a bound.
 */
export class HostTable {
  readonly #table = new Map<string, Destination>();
  readonly #asked = new Map<string, Destination | null | Promise<Destination | undefined>>();
  readonly #lookup: Lookup;

  constructor(lookup: Lookup) {
    this.#lookup = lookup;
  }

  set(host: string, destination: Destination): void {
    this.#table.set(host, destination);
    this.#asked.delete(host);
  }

  delete(host: string): void {
    this.#table.delete(host);
    this.#asked.delete(host);
  }

  /** Ask again at the next miss. */
  forget(host: string): void {
    this.#asked.delete(host);
  }

  /** What was set for this host, in lower case and without a port. */
  peek(host: string): Destination | undefined {
    return this.#table.get(host);
  }

  /** @param host as in the Host header: any case, with or without port */
  find(host: string): Destination | undefined | Promise<Destination | undefined> {
    const name = normalise(host);
    const known = this.#table.get(name) ?? this.#asked.get(name);
    if (known !== undefined) return known ?? undefined;
    return this.#ask(name);
  }

  #ask(name: string): Promise<Destination | undefined> {
    if (this.#asked.size >= MAX_REMEMBERED) this.#asked.delete(this.#asked.keys().next().value!);
    const answer = this.#lookup(name).then(
      (found) => {
        if (this.#asked.get(name) === answer) this.#asked.set(name, found ?? null);
        return this.#table.get(name) ?? found;
      },
      (error) => {
        this.#asked.delete(name);
        throw error;
      },
    );
    this.#asked.set(name, answer);
    return answer;
  }
}

function normalise(host: string): string {
  const colon = host.lastIndexOf(":");
  const name = colon > 0 && !host.endsWith("]") ? host.slice(0, colon) : host;
  const bare = name.endsWith(".") ? name.slice(0, -1) : name;
  return bare.toLowerCase();
}
