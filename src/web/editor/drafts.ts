/** What was typed and not yet saved, kept in the browser: through reloads, crashes and hours without a network. */

/** The part of `localStorage` that is used. */
export type DraftStorage = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

/** Which file it is a draft of: its id says which val and branch, too. */
export interface Draft {
  readonly text: string;
  /** A digest of the text that it began from: whether that still is what is saved. */
  readonly base: string;
  /** When it was last typed in, epoch ms. */
  readonly at: number;
}

const PREFIX = "hamlet-draft:";
/** Together; browsers give about 5 million characters to all that a site keeps. */
const MAX_CHARS = 2_000_000;
const MAX_AGE_MS = 90 * 86_400_000;

/** Drafts by the id of their file. Where nothing can be kept, nothing is found. */
export class Drafts {
  readonly #storage: DraftStorage;
  readonly #now: () => number;
  readonly #maxChars: number;
  readonly #listeners = new Set<() => void>();

  constructor(storage: DraftStorage, options: { now?: () => number; maxChars?: number } = {}) {
    this.#storage = storage;
    this.#now = options.now ?? Date.now;
    this.#maxChars = options.maxChars ?? MAX_CHARS;
  }

  /** Told when a draft has come or gone; what is typed into one is no news. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Of which files there are drafts, as one text: the same until one has come or gone. */
  readonly ids = (): string => {
    try {
      const keys = Array.from({ length: this.#storage.length }, (_, at) => this.#storage.key(at) ?? "");
      return keys
        .filter((key) => key.startsWith(PREFIX))
        .map((key) => key.slice(PREFIX.length))
        .sort()
        .join(" ");
    } catch {
      return "";
    }
  };

  get(fileId: string): Draft | undefined {
    return this.#read(PREFIX + fileId);
  }

  /** False when it could not be kept. The oldest others make room. */
  put(fileId: string, text: string, base: string): boolean {
    const draft: Draft = { text, base, at: this.#now() };
    this.#tidy(this.#maxChars - text.length, PREFIX + fileId);
    return this.#change(() => this.#storage.setItem(PREFIX + fileId, JSON.stringify(draft)));
  }

  /** What cannot be reached cannot be offered again either. */
  drop(fileId: string): void {
    this.#change(() => this.#storage.removeItem(PREFIX + fileId));
  }

  #change(change: () => void): boolean {
    const before = this.ids();
    try {
      change();
    } catch {
      return false;
    }
    if (this.ids() !== before) for (const listener of this.#listeners) listener();
    return true;
  }

  /** Drops what is too old, then the oldest, until the rest has room. */
  #tidy(room: number, except: string): void {
    const kept = this.#all()
      .filter(({ key }) => key !== except)
      .sort((a, b) => b.draft.at - a.draft.at);
    let used = 0;
    for (const { key, draft } of kept) {
      used += draft.text.length;
      if (used > room || this.#now() - draft.at > MAX_AGE_MS) this.#storage.removeItem(key);
    }
  }

  #all(): { key: string; draft: Draft }[] {
    try {
      const keys = Array.from({ length: this.#storage.length }, (_, at) => this.#storage.key(at));
      return keys.flatMap((key) => {
        const draft = key?.startsWith(PREFIX) ? this.#read(key) : undefined;
        return draft === undefined ? [] : [{ key: key!, draft }];
      });
    } catch {
      return [];
    }
  }

  #read(key: string): Draft | undefined {
    try {
      const found: unknown = JSON.parse(this.#storage.getItem(key) ?? "null");
      return isDraft(found) ? found : undefined;
    } catch {
      return undefined;
    }
  }
}

function isDraft(value: unknown): value is Draft {
  if (typeof value !== "object" || value === null) return false;
  const { text, base, at } = value as Record<string, unknown>;
  return typeof text === "string" && typeof base === "string" && typeof at === "number";
}

/** A short name for a text: 53 bits, against chance and not against malice (cyrb53). */
export function digest(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return `${text.length}-${(4294967296 * (2097151 & low) + (high >>> 0)).toString(36)}`;
}
