/** A blob service over a real store, its objects on disk or in a real S3 server. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type Blobs, createBlobs, createDiskObjects, createS3Objects } from "../../src/services/blob.ts";
import type { Objects } from "../../src/services/blob-objects.ts";
import type { Scope } from "../../src/services/scope.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { hasS3, startS3 } from "./s3.ts";

/** A place for objects that a test can look into, behind the service's back. */
export interface Shelf extends AsyncDisposable {
  readonly objects: Objects;
  /** Names of all objects. */
  names(): Promise<string[]>;
  /** Change a byte of an object, or cut it short. */
  damage(name: string, how: "changed" | "cut"): Promise<void>;
}

/** The places that the same tests are run with. What is missing is skipped, and said. */
export const SHELVES: readonly { title: string; start: (() => Promise<Shelf>) | undefined }[] = [
  { title: "on disk", start: async () => startDisk() },
  hasS3
    ? { title: "in S3", start: startBucket }
    : { title: "in S3 (needs the packages that scripts/setup.sh installs)", start: undefined },
];

function startDisk(): Shelf {
  const folder = mkdtempSync(join(tmpdir(), "blobs-"));
  const files = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  return {
    objects: createDiskObjects(folder),
    names: async () => files().map((path) => basename(path)),
    async damage(name, how) {
      const path = files().find((file) => basename(file) === name)!;
      writeFileSync(path, damaged(readFileSync(path), how));
    },
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function startBucket(): Promise<Shelf> {
  const server = await startS3();
  const client = new Bun.S3Client({ ...server.options });
  return {
    objects: await createS3Objects(server.options),
    async names() {
      const { contents = [] } = await client.list();
      return contents.map(({ key }) => basename(key));
    },
    async damage(name, how) {
      const file = client.file(`blobs/${name}`);
      await file.write(damaged(await file.bytes(), how));
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function damaged(bytes: Uint8Array, how: "changed" | "cut"): Uint8Array {
  const copy = new Uint8Array(bytes);
  if (how === "cut") return copy.subarray(0, -1);
  const middle = Math.floor(copy.length / 2);
  copy[middle] = copy[middle]! ^ 1;
  return copy;
}

/** What a test works with; goes with the scope, its objects too. */
export class Stand implements AsyncDisposable {
  readonly store: Store;
  readonly userId: string;
  /** The global store of a user `ann`. */
  readonly scope: Scope;
  readonly #shelf: Shelf;
  readonly #folder: string;
  readonly #quota: number;
  readonly errors: unknown[] = [];
  blobs!: Blobs;

  constructor(shelf: Shelf, folder: string, store: Store, userId: string, quota: number) {
    this.#shelf = shelf;
    this.#folder = folder;
    this.#quota = quota;
    this.store = store;
    this.userId = userId;
    this.scope = { kind: "user", id: userId };
  }

  /** Make the service, as a start of the server does. */
  async start(): Promise<void> {
    const { store } = this;
    this.blobs = await createBlobs({
      rows: store.blobs,
      objects: this.#shelf.objects,
      quota: this.#quota,
      ownerOf: async ({ kind, id }) =>
        kind === "user" ? (await store.users.find(id))?.id : (await store.vals.find(id))?.userId,
      onError: (error) => this.errors.push(error),
    });
  }

  async val(name: string): Promise<Scope> {
    const { id } = await this.store.vals.create({ userId: this.userId, name, privacy: "public" });
    return { kind: "val", id };
  }

  /** The content of a blob; undefined when there is none. */
  async read(key: string, scope = this.scope): Promise<Uint8Array | undefined> {
    const blob = await this.blobs.get(scope, key);
    return blob && new Response(blob.stream()).bytes();
  }

  async readText(key: string, scope = this.scope): Promise<string | undefined> {
    const bytes = await this.read(key, scope);
    return bytes && new TextDecoder().decode(bytes);
  }

  async keys(prefix?: string, scope = this.scope): Promise<string[]> {
    return (await this.blobs.list(scope, prefix)).map(({ key }) => key);
  }

  /** How many objects there are, once nothing is being removed. */
  async objects(): Promise<number> {
    await this.blobs.close();
    return (await this.#shelf.names()).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.blobs.removeScope(this.scope);
    await this.blobs.close();
    await this.store.close();
    rmSync(this.#folder, { recursive: true, force: true });
    if (this.errors.length > 0) throw this.errors[0];
  }
}

/** A stand with a user of its own; `quota` in bytes. */
export async function makeStand(shelf: Shelf, quota = 64 * 1024 * 1024): Promise<Stand> {
  const folder = mkdtempSync(join(tmpdir(), "data-"));
  const store = await openStore({ folder });
  const { id } = await store.users.create({ username: "ann" });
  const stand = new Stand(shelf, folder, store, id, quota);
  await stand.start();
  return stand;
}

/** Bytes that compress badly and repeat never: `seed` tells them apart. */
export function makeBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  const words = new Uint32Array(bytes.buffer, 0, Math.floor(length / 4));
  let state = seed;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    words[i] = state;
  }
  return bytes.fill(seed, words.length * 4);
}

/** A body in pieces; after the last one it ends, or fails. */
export function inPieces(bytes: Uint8Array, piece: number, failure?: Error): ReadableStream<Uint8Array> {
  let from = 0;
  return new ReadableStream(
    {
      pull(controller) {
        if (from < bytes.length) controller.enqueue(bytes.subarray(from, from + piece));
        else if (failure !== undefined) controller.error(failure);
        else controller.close();
        from += piece;
      },
    },
    { highWaterMark: 0 },
  );
}
