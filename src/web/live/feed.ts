/** History and what comes, as one list without a hole between them. */

import type { StreamEvent } from "./event-stream.ts";
import { type FollowState, follow, type Stop } from "./live.ts";
import { type Newer, type Row, Rows } from "./rows.ts";

/** Where rows of one kind come from. */
export interface Source<T extends Row> {
  /** Of the stream. */
  readonly path: string;
  /** Rows before a place, the newest first, and the place to go on from, if there may be more. */
  page(end: string | undefined, signal: AbortSignal): Promise<{ rows: T[]; end: string | undefined }>;
  /** What an event of the stream holds. */
  read(event: StreamEvent): T | undefined;
  readonly newer: Newer<T>;
  /** The place just behind a row, for `page`. */
  behind(row: T): string;
  /** A row that may have changed while nobody listened. */
  open?(row: T): boolean;
}

/** What is behind the first row: `failed` can be tried again, `full` means that no more are held. */
export type Older = "more" | "loading" | "none" | "failed" | "full";

export interface FeedView<T> {
  readonly rows: readonly T[];
  readonly state: FollowState;
  /** A sentence, when the stream is not well. */
  readonly why: string | undefined;
  readonly older: Older;
  /** The first history is here. */
  readonly ready: boolean;
  /** The server removed some before it could send them; behind this row, or at the start. */
  readonly gaps: readonly string[];
}

export interface FeedOptions {
  readonly batchMs?: number;
  /** So many are held. */
  readonly most?: number;
  readonly followOptions?: Partial<Parameters<typeof follow>[1]>;
}

const BATCH_MS = 100;
const MOST = 20_000;
/** The first look: enough for a large screen and a filter. */
const FIRST_PAGES = 3;
/** At a reconnect: what may lie between. */
const CATCH_UP_PAGES = 20;

/** Lives as long as somebody listens: begins with `resume`, rests with `suspend`, and goes on where it was. */
export class Feed<T extends Row> {
  readonly #source: Source<T>;
  readonly #options: FeedOptions;
  readonly #rows: Rows<T>;
  readonly #listeners = new Set<() => void>();
  #view: FeedView<T>;
  #pending: T[] = [];
  #gaps: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stop: Stop | undefined;
  #lastId = "";
  #end: string | undefined;
  #asked = new AbortController();

  constructor(source: Source<T>, options: FeedOptions = {}) {
    this.#source = source;
    this.#options = options;
    this.#rows = new Rows(source.newer);
    const start = { rows: [], state: "connecting", why: undefined, older: "loading", ready: false, gaps: [] };
    this.#view = start as FeedView<T>;
  }

  get view(): FeedView<T> {
    return this.#view;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  resume(): void {
    if (this.#stop !== undefined) return;
    this.#asked = new AbortController();
    const fresh = this.#lastId === "";
    let joined = false;
    this.#stop = follow(this.#source.path, {
      ...this.#options.followOptions,
      ...(fresh ? {} : { lastEventId: this.#lastId }),
      onEvent: (event) => this.#take(event),
      onState: (state, why) => {
        this.#show({ state, why });
        // History is asked for once the stream is open: what is in neither would have to come in between.
        if (state === "open" || (state !== "connecting" && !this.#view.ready))
          void this.#join(fresh && !joined);
        if (state === "open") joined = true;
      },
    });
  }

  suspend(): void {
    if (this.#stop === undefined) return;
    this.#lastId = this.#stop();
    this.#stop = undefined;
    this.#asked.abort();
    if (this.#view.older === "loading") this.#show({ older: "failed" });
  }

  /** What is before the first row; false when nothing came of it. */
  async loadOlder(pages = 5): Promise<boolean> {
    if (this.#view.older === "loading" || this.#view.older === "none") return false;
    if (this.#isFull()) {
      this.#show({ older: "full" });
      return false;
    }
    this.#show({ older: "loading" });
    const { signal } = this.#asked;
    try {
      for (let page = 0; page < pages; page++) {
        await this.#page(signal);
        if (this.#end === undefined || this.#isFull()) break;
      }
      this.#flush({ ready: true, older: this.#end === undefined ? "none" : "more" });
      return true;
    } catch {
      this.#show({ older: "failed" });
      return false;
    }
  }

  #isFull(): boolean {
    return this.#rows.all.length >= (this.#options.most ?? MOST);
  }

  async #page(signal: AbortSignal): Promise<void> {
    const { rows, end } = await this.#source.page(this.#end, signal);
    signal.throwIfAborted();
    this.#end = end;
    this.#rows.add(rows);
  }

  /** Reads back from now: to what is known already, or as far as a first look goes. */
  async #join(fresh: boolean): Promise<void> {
    const { signal } = this.#asked;
    this.#flush();
    // Up to here all is known; what comes by the stream meanwhile says nothing of what is before it.
    const known = this.#rows.all.at(-1)?.sort ?? "";
    const first = !this.#view.ready && this.#rows.all.length === 0;
    const open = this.#source.open;
    if (!fresh && !first && !(open && this.#rows.all.some(open))) return;
    try {
      let end: string | undefined;
      let more = true;
      for (let page = 0; more && page < (first ? FIRST_PAGES : CATCH_UP_PAGES); page++) {
        const found = await this.#source.page(end, signal);
        signal.throwIfAborted();
        const met = found.rows.some(({ sort }) => sort <= known);
        this.#rows.add(found.rows);
        end = found.end;
        more = end !== undefined && (first || !met);
      }
      if (first) this.#end = end;
      this.#flush({ ready: true, ...(first && { older: end === undefined ? "none" : "more" }) });
    } catch {
      if (first && !signal.aborted) this.#show({ older: "failed" });
    }
  }

  #take(event: StreamEvent): void {
    if (event.event === "dropped") this.#gaps.push(this.#newestKey());
    const row = this.#source.read(event);
    if (row !== undefined) this.#pending.push(row);
    this.#timer ??= setTimeout(() => this.#flush(), this.#options.batchMs ?? BATCH_MS);
  }

  #newestKey(): string {
    return (this.#pending.at(-1) ?? this.#rows.all.at(-1))?.key ?? "";
  }

  #flush(more: Partial<FeedView<T>> = {}): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#rows.add(this.#pending);
    this.#pending = [];
    let { older } = { ...this.#view, ...more };
    // A tenth more than are held, so that not every line moves all others.
    if (
      this.#rows.all.length > (this.#options.most ?? MOST) * 1.1 &&
      this.#rows.trim(this.#options.most ?? MOST)
    ) {
      this.#end = this.#source.behind(this.#rows.all[0]!);
      older = "more";
    }
    this.#show({ ...more, older, rows: this.#rows.all, gaps: [...this.#gaps] });
  }

  #show(change: Partial<FeedView<T>>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}
