/** Pictures of vals, for links that unfold. Drawn in a thread of its own: it takes a while, and here streams pass. */

import type { Val } from "../store/store.ts";
import type { AppOptions } from "./app.ts";
import { decodePart, findShared } from "./shared.ts";

/** What is on a card. */
export interface Card {
  readonly title: string;
  readonly about: string;
}

type Drawn = Uint8Array<ArrayBuffer>;

/** So many are kept; the oldest go. */
const KEPT = 200;
/** So many may wait to be drawn; beyond, who asks is told to come again. */
const WAITING = 50;
const IDLE_MS = 30_000;

export interface Cards {
  /** Answers `/card/{user}/{val}.png`. */
  fetch(request: Request): Promise<Response>;
  close(): void;
}

/** Nothing is loaded before the first card is asked for. */
export function createCards({ store, log }: Pick<AppOptions, "store" | "log">): Cards {
  const artist = new Artist((error) => log?.error("A card of a link could not be drawn.", { error }));
  return {
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const [, user = "", name = ""] = /^\/card\/([^/]+)\/([^/]+)\.png$/.exec(pathname) ?? [];
      const val = await findShared(store, decodePart(user), decodePart(name));
      if (val === undefined) return new Response("There is no such val.\n", { status: 404 });
      const drawn = await artist.draw(toCard(val));
      if (drawn === "full")
        return new Response("Too many cards are being drawn.\n", {
          status: 503,
          headers: { "retry-after": "5" },
        });
      if (drawn === undefined) return new Response("The card could not be drawn.\n", { status: 500 });
      return new Response(drawn, {
        headers: {
          "content-type": "image/png",
          "cache-control": "public, max-age=300",
          "x-content-type-options": "nosniff",
        },
      });
    },
    close: () => artist.close(),
  };
}

function toCard({ username, name, description }: Val): Card {
  return { title: `${username} / ${name}`, about: description ?? "" };
}

class Artist {
  readonly #kept = new Map<string, Promise<Drawn | undefined>>();
  readonly #waiting: ((drawn: Drawn | undefined) => void)[] = [];
  #worker: Worker | undefined;
  #idle: Timer | undefined;
  readonly #failed: (error: unknown) => void;

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** Undefined when it failed. */
  draw(card: Card): Promise<Drawn | "full" | undefined> {
    const key = JSON.stringify(card);
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    if (this.#waiting.length >= WAITING) return Promise.resolve("full");
    const drawn = this.#ask(card);
    this.#kept.set(key, drawn);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    drawn.then((bytes) => bytes === undefined && this.#kept.delete(key));
    return drawn;
  }

  close(): void {
    clearTimeout(this.#idle);
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const tell of this.#waiting.splice(0)) tell(undefined);
  }

  /** The thread answers in the order in which it is asked. */
  #ask(card: Card): Promise<Drawn | undefined> {
    clearTimeout(this.#idle);
    this.#worker ??= this.#start();
    const { promise, resolve } = Promise.withResolvers<Drawn | undefined>();
    this.#waiting.push(resolve);
    this.#worker.postMessage(card);
    return promise;
  }

  #start(): Worker {
    const worker = new Worker(new URL("./card-worker.ts", import.meta.url).href);
    worker.onmessage = ({ data }) => {
      const { drawn, error } = data as { drawn?: Drawn; error?: unknown };
      if (error !== undefined) this.#failed(error);
      this.#waiting.shift()?.(drawn);
      if (this.#waiting.length > 0) return;
      this.#idle = setTimeout(() => this.close(), IDLE_MS);
      this.#idle.unref();
    };
    worker.onerror = (event) => {
      this.#failed(event.message);
      this.close();
    };
    return worker;
  }
}
