import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ObjectReader, Objects, ObjectWriter } from "./blob-objects.ts";

const READ_BYTES = 256 * 1024;

/** Objects as files in a folder, in 256 folders by the first two digits of their names. */
export function createDiskObjects(folder: string): Objects {
  const shards = new Map<string, Promise<void>>();

  async function makeShard(path: string): Promise<void> {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await syncFolder(folder);
  }

  function shardOf(name: string): { path: string; made: Promise<void> } {
    const path = join(folder, name.slice(0, 2));
    let made = shards.get(path);
    if (made === undefined) {
      made = makeShard(path);
      shards.set(path, made);
      made.catch(() => shards.delete(path));
    }
    return { path, made };
  }

  return {
    async create(name) {
      const { path, made } = shardOf(name);
      await made;
      // No blob has this name before it is whole and synced, so that it needs no temporary one.
      const file = await open(join(path, name), "wx", 0o600);
      return new FileWriter(file, path);
    },
    async open(name, start, end) {
      return new FileReader(await open(join(folder, name.slice(0, 2), name), "r"), start, end);
    },
    remove: (name) => rm(join(folder, name.slice(0, 2), name), { force: true }),
  };
}

class FileWriter implements ObjectWriter {
  readonly #file: FileHandle;
  readonly #folder: string;
  #position = 0;

  constructor(file: FileHandle, folder: string) {
    this.#file = file;
    this.#folder = folder;
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let from = 0; from < chunk.length; ) {
      const { bytesWritten } = await this.#file.write(chunk, from, chunk.length - from, this.#position);
      from += bytesWritten;
      this.#position += bytesWritten;
    }
  }

  async commit(): Promise<void> {
    try {
      await this.#file.datasync();
    } finally {
      await this.#file.close();
    }
    await syncFolder(this.#folder);
  }

  abort(): Promise<void> {
    return this.#file.close();
  }
}

class FileReader implements ObjectReader {
  readonly #file: FileHandle;
  readonly #end: number;
  #position: number;
  /** A file must not be closed under a read: its descriptor could be another file's by then. */
  #reading: Promise<unknown> = Promise.resolve();

  constructor(file: FileHandle, start: number, end: number) {
    this.#file = file;
    this.#position = start;
    this.#end = end;
  }

  async next(): Promise<Uint8Array | undefined> {
    const wanted = Math.min(READ_BYTES, this.#end - this.#position);
    if (wanted === 0) return undefined;
    const reading = this.#file.read(new Uint8Array(wanted), 0, wanted, this.#position);
    this.#reading = reading.catch(() => {});
    const { bytesRead, buffer } = await reading;
    this.#position += bytesRead;
    return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead);
  }

  async close(): Promise<void> {
    await this.#reading;
    await this.#file.close();
  }
}

/** A new file is there after a crash only when its folder was synced, too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
