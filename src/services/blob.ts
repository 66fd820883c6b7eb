/** Blobs: bytes under a key, of an account or of a val. Rows in the store, bytes as objects on disk or in S3. */

import type { BlobChange, BlobPlace, BlobRow, BlobRows } from "../store/store.ts";
import { BlobError, toStorageError } from "./blob-error.ts";
import { checkKey } from "./blob-key.ts";
import type { Objects, ObjectWriter } from "./blob-objects.ts";
import { type Allowance, Quotas } from "./blob-quota.ts";
import { Removal } from "./blob-removal.ts";
import { toStream } from "./blob-stream.ts";
import type { Scope } from "./scope.ts";

export { createDiskObjects } from "./blob-disk.ts";
export { BlobError, type BlobFailure } from "./blob-error.ts";
export { createS3Objects, type S3Options } from "./blob-s3.ts";

/** A blob in a list. */
export interface ListedBlob {
  readonly key: string;
  readonly size: number;
  /** ISO 8601. */
  readonly lastModified: string;
}

/** A blob as it was when it was asked for; a later change of its key does not touch what is read of it. */
export interface StoredBlob {
  readonly size: number;
  /** Epoch milliseconds. */
  readonly lastModified: number;
  /** Of the content, with its quotes. */
  readonly etag: string;
  readonly contentType: string | undefined;
  /**
   * All of it, or the bytes from `start` up to but not including `end`. To be called at once, and read to its end or
   * cancelled; `over` hears of that. Fails when the object is damaged, as far as that can be told of a part.
   */
  stream(
    range?: { readonly start: number; readonly end: number },
    over?: () => void,
  ): ReadableStream<Uint8Array>;
}

export interface PutOptions {
  readonly contentType?: string;
  /** How many bytes are announced: what is too much is refused before the first of them. */
  readonly size?: number;
  /** Whose it is, where the val is still to be made. */
  readonly ownerId?: string;
}

/** The blob service. Its errors are BlobErrors; after one, everything is as before. */
export interface Blobs {
  /** In the order of the keys' UTF-8 bytes. */
  list(scope: Scope, prefix?: string): Promise<ListedBlob[]>;
  get(scope: Scope, key: string): Promise<StoredBlob | undefined>;
  /** Resolves once a crash would not lose it. Of several at once, the one that ends last stays, whole. */
  put(
    scope: Scope,
    key: string,
    body: ReadableStream<Uint8Array> | Uint8Array,
    options?: PutOptions,
  ): Promise<{ size: number }>;
  /** Returns whether there was one. */
  delete(scope: Scope, key: string): Promise<boolean>;
  /** Within the scope, at once however large it is. Returns whether there was one. */
  copy(scope: Scope, from: string, to: string): Promise<boolean>;
  move(scope: Scope, from: string, to: string): Promise<boolean>;
  removeScope(scope: Scope): Promise<void>;
  /** Bytes of all blobs of a user, those of their vals included. */
  usage(userId: string): Promise<number>;
  /** Waits for removals under way. */
  close(): Promise<void>;
}

export interface BlobsOptions {
  readonly rows: BlobRows;
  readonly objects: Objects;
  /** Bytes that an account may have in all its blobs. */
  readonly quota: number;
  /** The user against whose quota a scope counts; undefined when there is no such val or user. */
  readonly ownerOf: (scope: Scope) => Promise<string | undefined>;
  /** Told of failures that nobody waits for. */
  readonly onError: (error: unknown) => void;
}

/** Names are put on record so many at a time, because each record waits for the disk. */
const NAMES_AT_ONCE = 32;

/** Make the service; what a killed one left behind is removed in the background. */
export async function createBlobs(options: BlobsOptions): Promise<Blobs> {
  const leftovers = await options.rows.leftovers();
  const blobs = new BlobService(options);
  blobs.collect(leftovers);
  return blobs;
}

class BlobService implements Blobs {
  readonly #options: BlobsOptions;
  readonly #quotas: Quotas;
  readonly #removal: Removal;
  #names: string[] = [];
  #naming: Promise<void> | undefined;

  constructor(options: BlobsOptions) {
    const { rows, objects, quota, onError } = options;
    this.#options = options;
    this.#quotas = new Quotas(quota, (ownerId) => rows.usage(ownerId));
    this.#removal = new Removal({ objects, onError, forget: (names) => rows.forget(names) });
  }

  /** Remove objects that nothing refers to. */
  collect(leftovers: readonly string[]): void {
    this.#removal.remove(leftovers);
  }

  async list(scope: Scope, prefix = ""): Promise<ListedBlob[]> {
    // What cannot be in a key cannot begin one, and the database would read it differently.
    if (prefix.includes("\0") || !prefix.isWellFormed()) return [];
    const rows = await this.#options.rows.list(scope, prefix);
    return rows.map(({ key, size, modifiedAt }) => ({
      key,
      size,
      lastModified: new Date(modifiedAt).toISOString(),
    }));
  }

  async get(scope: Scope, key: string): Promise<StoredBlob | undefined> {
    const row = await this.#options.rows.find(toPlace(scope, key));
    return row && this.#toStored(row);
  }

  async put(
    scope: Scope,
    key: string,
    body: ReadableStream<Uint8Array> | Uint8Array,
    options: PutOptions = {},
  ): Promise<{ size: number }> {
    const { rows } = this.#options;
    const place = toPlace(scope, key);
    const ownerId = options.ownerId ?? (await this.#ownerOf(scope));
    const replaced = await rows.find(place);
    const allowance = await this.#quotas.open(ownerId, JSON.stringify(place), replaced?.size ?? 0);
    let stored = false;
    try {
      if (options.size !== undefined) await allowance.check(options.size);
      const { object, size, sha256 } = await this.#write(body, allowance);
      const blob = { key, object, size, sha256, contentType: options.contentType ?? null };
      // Should it fail, only the next start can know what has become of the object.
      const change = await rows.put(place, blob, { ownerId, quota: this.#quotas.quota });
      this.#removal.remove(change?.unused ?? [object]);
      if (change === undefined) throw this.#quotas.exceeded();
      stored = true;
      return { size };
    } finally {
      allowance.close(stored);
    }
  }

  async delete(scope: Scope, key: string): Promise<boolean> {
    return this.#changed(await this.#options.rows.remove(toPlace(scope, key)));
  }

  async copy(scope: Scope, from: string, to: string): Promise<boolean> {
    checkKey(to);
    const { quota } = this.#quotas;
    const ownerId = await this.#ownerOf(scope);
    const change = await this.#options.rows.copy(toPlace(scope, from), to, { ownerId, quota });
    if (change === "quota") throw this.#quotas.exceeded();
    return this.#changed(change === "no_blob" ? undefined : change);
  }

  async move(scope: Scope, from: string, to: string): Promise<boolean> {
    checkKey(to);
    return this.#changed(await this.#options.rows.move(toPlace(scope, from), to));
  }

  async removeScope(scope: Scope): Promise<void> {
    this.#changed(await this.#options.rows.removeScope(scope));
  }

  usage(userId: string): Promise<number> {
    return this.#options.rows.usage(userId);
  }

  async close(): Promise<void> {
    await this.#naming?.catch(() => {});
    await this.#options.rows.forget(this.#names.splice(0));
    await this.#removal.settled();
  }

  #changed(change: BlobChange | undefined): boolean {
    if (change !== undefined) this.#removal.remove(change.unused);
    return change !== undefined;
  }

  async #ownerOf(scope: Scope): Promise<string> {
    const ownerId = await this.#options.ownerOf(scope);
    if (ownerId !== undefined) return ownerId;
    throw new BlobError("no_scope", `There is no ${scope.kind} ${scope.id} any more that could have a blob.`);
  }

  #toStored(row: BlobRow): StoredBlob {
    const { object, size, sha256, contentType, modifiedAt } = row;
    return {
      size,
      lastModified: modifiedAt,
      etag: `"${sha256}"`,
      contentType: contentType ?? undefined,
      stream: ({ start, end } = { start: 0, end: size }, over = () => {}) => {
        const whole = start === 0 && end === size;
        const release = this.#removal.hold(object);
        return toStream(
          () => this.#options.objects.open(object, start, end),
          { size: end - start, sha256: whole ? sha256 : undefined },
          () => {
            release();
            over();
          },
        );
      },
    };
  }

  /** The body as a new object; when this fails, nothing is left of it. */
  async #write(body: ReadableStream<Uint8Array> | Uint8Array, allowance: Allowance) {
    const object = await this.#takeName();
    const hash = new Bun.CryptoHasher("sha256");
    let size = 0;
    let writer: ObjectWriter | undefined;
    try {
      writer = await this.#options.objects.create(object);
      for await (const chunk of body instanceof Uint8Array ? [body] : whole(body)) {
        await allowance.take(chunk.length);
        hash.update(chunk);
        size += chunk.length;
        await writer.write(chunk);
      }
      const committing = writer;
      writer = undefined;
      await committing.commit();
      return { object, size, sha256: hash.digest("hex") };
    } catch (error) {
      await writer?.abort().catch(() => {});
      this.#removal.remove([object]);
      throw toStorageError(error);
    }
  }

  /** A name for an object that is on record: should we die before a blob has it, the next start removes it. */
  async #takeName(): Promise<string> {
    for (;;) {
      const name = this.#names.pop();
      if (name !== undefined) return name;
      this.#naming ??= this.#reserve().finally(() => {
        this.#naming = undefined;
      });
      await this.#naming;
    }
  }

  async #reserve(): Promise<void> {
    const names = Array.from({ length: NAMES_AT_ONCE }, () => crypto.randomUUID().replaceAll("-", ""));
    await this.#options.rows.reserve(names);
    this.#names.push(...names);
  }
}

function toPlace(scope: Scope, key: string): BlobPlace {
  checkKey(key);
  return { kind: scope.kind, id: scope.id, key };
}

/** The chunks of a body whose sender may go away before its end. */
async function* whole(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        ended = true;
        throw new BlobError("cut_off", "The body ended before it was whole. Nothing was stored.", { cause });
      });
      ended = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!ended) await reader.cancel().catch(() => {});
  }
}
