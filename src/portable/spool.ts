/** A file for what is only passing through. It has no name once it is open, so that nothing is left of it, whatever happens. */

import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";

const READ_BYTES = 256 * 1024;

/** A part of a spool. */
export interface Slice {
  readonly offset: number;
  readonly size: number;
}

export class Spool implements AsyncDisposable {
  readonly #file: FileHandle;
  #size = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(folder: string): Promise<Spool> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, crypto.randomUUID());
    const file = await open(path, "wx+", 0o600);
    await rm(path);
    return new Spool(file);
  }

  /** Bytes so far: where the next ones will be. */
  get size(): number {
    return this.#size;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.#size);
      done += bytesWritten;
      this.#size += bytesWritten;
    }
  }

  async *read({ offset, size }: Slice): AsyncGenerator<Uint8Array> {
    for (let done = 0; done < size; ) {
      const room = new Uint8Array(Math.min(READ_BYTES, size - done));
      const { bytesRead } = await this.#file.read(room, 0, room.length, offset + done);
      if (bytesRead === 0) throw new Error("A spool is shorter than what was written to it.");
      done += bytesRead;
      yield room.subarray(0, bytesRead);
    }
  }

  /** All of a slice; for what is known to be small. */
  async bytes(slice: Slice): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.read(slice)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}
