import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ObjectReader, Objects, ObjectWriter } from "./blob-objects.ts";

const BLOCK_BYTES = 256 * 1024;

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

/** Gathers pieces into blocks; one block is filled while the one before is written. */
class FileWriter implements ObjectWriter {
  readonly #file: FileHandle;
  readonly #folder: string;
  #position = 0;
  #block: Uint8Array | undefined;
  #filled = 0;
  #spare: Uint8Array | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(file: FileHandle, folder: string) {
    this.#file = file;
    this.#folder = folder;
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let from = 0; from < chunk.length; ) {
      this.#block ??= this.#takeBlock();
      const part = chunk.subarray(from, from + BLOCK_BYTES - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      from += part.length;
      if (this.#filled === BLOCK_BYTES) await this.#flush();
    }
  }

  async commit(): Promise<void> {
    try {
      await this.#flush();
      await this.#writing;
      await Promise.all([this.#file.datasync(), syncFolder(this.#folder)]);
    } finally {
      await this.#file.close();
    }
  }

  async abort(): Promise<void> {
    await this.#writing.catch(() => {});
    await this.#file.close();
  }

  /** Begin to write what was gathered, once what was before it is written. */
  async #flush(): Promise<void> {
    await this.#writing;
    if (this.#block === undefined) return;
    const block = this.#block;
    this.#writing = this.#write(block.subarray(0, this.#filled)).finally(() => {
      this.#spare = block;
    });
    // Whoever waits for it next is told; until then a failure must not count as one that nobody handles.
    this.#writing.catch(() => {});
    this.#block = undefined;
    this.#filled = 0;
  }

  #takeBlock(): Uint8Array {
    const block = this.#spare ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
    this.#spare = undefined;
    return block;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, from, bytes.length - from, this.#position);
      from += bytesWritten;
      this.#position += bytesWritten;
    }
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
    const wanted = Math.min(BLOCK_BYTES, this.#end - this.#position);
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
