import { BlobError } from "./blob-error.ts";

/** An account with something on its way in. */
interface Account {
  /** Bytes stored, as last asked. */
  stored: number;
  /** Bytes on their way. */
  coming: number;
  /** Places of blobs that are being replaced: their old size is no hindrance, but only once. */
  readonly replacing: Set<string>;
  uploads: number;
}

/** What one upload may still bring in. */
export interface Allowance {
  /** @throws BlobError `quota` when so many bytes more would be too many */
  check(bytes: number): Promise<void>;
  /** The same, and counts them. */
  take(bytes: number): Promise<void>;
  /** The upload is over: what it brought in is stored now, or nothing of it. */
  close(stored: boolean): void;
}

/**
 * Counts what is on its way in for each account, all uploads together, so that none of them can exceed the quota by
 * being many. What is stored in the end is checked once more by the store, in the transaction that stores it.
 */
export class Quotas {
  readonly #usage: (ownerId: string) => Promise<number>;
  readonly #accounts = new Map<string, Account>();
  readonly quota: number;

  constructor(quota: number, usage: (ownerId: string) => Promise<number>) {
    this.quota = quota;
    this.#usage = usage;
  }

  /** @param replaced bytes of the blob at `place` that this upload would replace */
  async open(ownerId: string, place: string, replaced: number): Promise<Allowance> {
    const stored = await this.#usage(ownerId);
    const account = this.#accounts.get(ownerId) ?? {
      stored,
      coming: 0,
      replacing: new Set<string>(),
      uploads: 0,
    };
    this.#accounts.set(ownerId, account);
    account.stored = stored;
    account.uploads += 1;
    const credited = !account.replacing.has(place);
    if (credited) account.replacing.add(place);
    return this.#allow(ownerId, account, credited ? { place, replaced } : undefined);
  }

  /** What to tell someone who wants to store too much. */
  exceeded(): BlobError {
    const quota = describe(this.quota);
    return new BlobError(
      "quota",
      `This would take the account over its quota of ${quota} for all its blobs. Delete some, or ask the operator for more.`,
    );
  }

  #allow(
    ownerId: string,
    account: Account,
    credit: { place: string; replaced: number } | undefined,
  ): Allowance {
    let taken = 0;
    const fits = (bytes: number) =>
      account.stored + account.coming + bytes - (credit?.replaced ?? 0) <= this.quota;
    const check = async (bytes: number) => {
      if (fits(bytes)) return;
      // Something may have been deleted meanwhile.
      account.stored = await this.#usage(ownerId);
      if (!fits(bytes)) throw this.exceeded();
    };
    return {
      check,
      take: async (bytes) => {
        await check(bytes);
        taken += bytes;
        account.coming += bytes;
      },
      close: (stored) => {
        account.coming -= taken;
        if (stored) account.stored += taken - (credit?.replaced ?? 0);
        if (credit !== undefined) account.replacing.delete(credit.place);
        account.uploads -= 1;
        if (account.uploads === 0) this.#accounts.delete(ownerId);
      },
    };
  }
}

const UNITS = ["bytes", "KB", "MB", "GB", "TB"];

function describe(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${Number(size.toFixed(1))} ${UNITS[unit]}`;
}
