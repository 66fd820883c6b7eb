/** Pictures of vals, for links that unfold. Drawn in a thread of its own: it takes a while, and here streams pass. */

import type { Val } from "../store/store.ts";
import type { AppOptions } from "./app.ts";
import { findShared } from "./shared.ts";

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
export function createCards({ store }: Pick<AppOptions, "store">): Cards {
  const artist = new Artist();
  return {
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const [, user = "", name = ""] = /^\/card\/([^/]+)\/([^/]+)\.png$/.exec(pathname) ?? [];
      const val = await findShared(store, decode(user), decode(name));
      if (val === undefined) return new Response("There is no such val.\n", { status: 404 });
      const drawn = await artist.draw(toCard(val));
      if (drawn === undefined)
        return new Response("Too many cards are being drawn.\n", {
          status: 503,
          headers: { "retry-after": "5" },
        });
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

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

class Artist {
  readonly #kept = new Map<string, Promise<Drawn | undefined>>();
  readonly #waiting: ((drawn: Drawn | undefined) => void)[] = [];
  #worker: Worker | undefined;
  #idle: Timer | undefined;

  draw(card: Card): Promise<Drawn | undefined> {
    const key = JSON.stringify(card);
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    if (this.#waiting.length >= WAITING) return Promise.resolve(undefined);
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
      this.#waiting.shift()?.(data as Drawn | undefined);
      if (this.#waiting.length > 0) return;
      this.#idle = setTimeout(() => this.close(), IDLE_MS);
      this.#idle.unref();
    };
    worker.onerror = () => this.close();
    return worker;
  }
}
