/** Follows a stream of events for as long as one wishes: whatever cuts it, it goes on where it was. */

import { EventReader, type StreamEvent } from "./event-stream.ts";

/** `ended`: it will not go on by itself. */
export type FollowState = "connecting" | "open" | "reconnecting" | "ended";

export interface FollowOptions {
  /** In their order, each once. `dropped` and `end` of the server are among them. */
  readonly onEvent: (event: StreamEvent) => void;
  /** `why` is a sentence, for what is not well. */
  readonly onState?: (state: FollowState, why?: string) => void;
  /** The id of the last event that one has; without it, what is new is followed. */
  readonly lastEventId?: string;
  /** How long to wait before the nth attempt, ms. */
  readonly pause?: (attempt: number) => number;
  /** After so long without a byte it is taken for dead: the server says something every 15 s. */
  readonly silenceMs?: number;
  /** Where to listen for `online` and `offline`; the window unless told otherwise. */
  readonly network?: EventTarget;
}

/** Ends it; tells from where another `follow` would go on. */
export type Stop = () => string;

const SILENCE_MS = 40_000;
/** Of these the server says more the next time; every other refusal stays one. */
const PASSING = new Set([408, 425, 429]);

const defaultPause = (attempt: number) =>
  Math.min(5000, 500 * 2 ** Math.min(attempt, 6)) * (0.75 + Math.random() / 2);

/** Begin to follow `path`, such as `/api/v3/live/logs?val_id=…`. */
export function follow(path: string, options: FollowOptions): Stop {
  return new Following(path, options).stop;
}

class Following {
  readonly #path: string;
  readonly #options: FollowOptions;
  readonly #network: EventTarget;
  readonly #pause: (attempt: number) => number;
  #id: string;
  #attempt = 0;
  #stopped = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #connection: AbortController | undefined;

  constructor(path: string, options: FollowOptions) {
    this.#path = path;
    this.#options = options;
    this.#network = options.network ?? globalThis;
    this.#pause = options.pause ?? defaultPause;
    this.#id = options.lastEventId ?? "";
    this.#network.addEventListener("online", this.#online);
    this.#network.addEventListener("offline", this.#offline);
    this.#say("connecting");
    void this.#connect();
  }

  readonly stop: Stop = () => {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#connection?.abort();
    this.#network.removeEventListener("online", this.#online);
    this.#network.removeEventListener("offline", this.#offline);
    return this.#id;
  };

  readonly #online = () => {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    void this.#connect();
  };

  /** The browser would let an answer that cannot go on hang. */
  readonly #offline = () => this.#connection?.abort();

  #say(state: FollowState, why?: string): void {
    if (!this.#stopped) this.#options.onState?.(state, why);
  }

  async #connect(): Promise<void> {
    this.#timer = undefined;
    const connection = new AbortController();
    this.#connection = connection;
    const why = await this.#read(connection).catch(() => "The connection was lost.");
    connection.abort();
    if (this.#stopped) return;
    if (why === undefined) return void this.stop();
    this.#say("reconnecting", why);
    this.#timer = setTimeout(() => void this.#connect(), this.#pause(this.#attempt++));
  }

  /** Reads one answer to its end. @returns why it is to be asked again; undefined: not at all */
  async #read(connection: AbortController): Promise<string | undefined> {
    const silence = new Silence(this.#options.silenceMs ?? SILENCE_MS, () => connection.abort());
    try {
      silence.heard();
      const response = await fetch(this.#path, {
        headers: {
          accept: "text/event-stream",
          ...(this.#id !== "" && { "last-event-id": this.#id }),
        },
        cache: "no-store",
        signal: connection.signal,
      });
      if (!response.ok || response.body === null) return await this.#refused(response);
      this.#say("open");
      return await this.#events(response.body, silence);
    } finally {
      silence.over();
    }
  }

  async #events(body: ReadableStream<Uint8Array>, silence: Silence): Promise<string | undefined> {
    const reader = new EventReader(this.#id);
    for (const source = body.getReader(); ; ) {
      const { value, done } = await source.read();
      if (done || this.#stopped) return "The town has closed the connection.";
      silence.heard();
      this.#attempt = 0;
      for (const event of reader.push(value)) {
        this.#id = event.id;
        this.#options.onEvent(event);
        if (event.event !== "end") continue;
        this.#say("ended", reasonOf(event.data));
        return undefined;
      }
      this.#id = reader.id;
    }
  }

  async #refused(response: Response): Promise<string | undefined> {
    const body = (await response.json().catch(() => undefined)) as { message?: string } | undefined;
    const why = body?.message ?? `The town answered ${response.status}.`;
    if (response.status >= 500 || PASSING.has(response.status)) return why;
    this.#say("ended", why);
    return undefined;
  }
}

class Silence {
  readonly #ms: number;
  readonly #tooLong: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number, tooLong: () => void) {
    this.#ms = ms;
    this.#tooLong = tooLong;
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#tooLong, this.#ms);
  }

  over(): void {
    clearTimeout(this.#timer);
  }
}

function reasonOf(data: string): string {
  try {
    const { reason } = JSON.parse(data) as { reason?: unknown };
    if (typeof reason === "string") return `${reason}.`;
  } catch {
    // Then it says nothing more.
  }
  return "The town has ended it.";
}
