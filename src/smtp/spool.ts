/** Where do mails lie until nobody needs them any more? One file each, written while it comes, synced before it counts. */

import { createReadStream, statSync } from "node:fs";
import { type FileHandle, open, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { MAX_HEAD } from "./head.ts";
import { MailError } from "./types.ts";

export interface SpoolOptions {
  readonly folder: string;
  /** Of one mail. */
  readonly mailSize: number;
  /** Of all of them. */
  readonly spool: number;
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Written at once. */
const PORTION = 64 * 1024;
const CR = 13;
const LF = 10;

/** A file of the spool that is being made. */
export interface SpoolFile {
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
  /** What the head may be in. */
  readonly start: Buffer;
  /** Puts these bytes in the place of as many. */
  overwrite(at: number, text: string): Promise<void>;
  /** It outlives a power failure from now on, unless it is removed. */
  sync(): Promise<void>;
  remove(): Promise<void>;
}

export class Spool {
  readonly #options: SpoolOptions;
  /** Of the files that are there, finished or not. */
  readonly #sizes = new Map<string, number>();
  #bytes = 0;

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  /** Of all mails on the disk. */
  get bytes(): number {
    return this.#bytes;
  }

  get ids(): string[] {
    return [...this.#sizes.keys()];
  }

  /** Whether another mail may begin to come. */
  get isFull(): boolean {
    return this.#bytes >= this.#options.spool;
  }

  /** Begin with what an earlier process has left: removes what nobody needs. */
  async resume(needed: (ids: readonly string[]) => Promise<Set<string>>): Promise<void> {
    const files = (await readdir(this.#options.folder)).filter((name) => name.endsWith(".eml"));
    const ids = files.map((name) => name.slice(0, -4)).filter((id) => ID.test(id));
    const keep = await needed(ids);
    for (const id of ids) {
      if (keep.has(id)) this.#grow(id, statSync(this.#path(id)).size);
      else await unlink(this.#path(id));
    }
  }

  /**
   * Writes a mail as it comes; the writer waits for the disk. It is read to its end even when it is refused, for that is
   * when SMTP lets one say so. Rejects with MailError, and leaves nothing behind then.
   */
  async take(id: string, mail: AsyncIterable<Uint8Array>): Promise<SpoolFile> {
    const path = this.#path(id);
    const handle = await open(path, "wx+", 0o600);
    this.#sizes.set(id, 0);
    try {
      await this.#write(id, handle, mail);
      const bytes = this.#sizes.get(id)!;
      const start = Buffer.alloc(Math.min(bytes, MAX_HEAD));
      await handle.read(start, 0, start.length, 0);
      return this.#file({ id, path, bytes, start }, handle);
    } catch (error) {
      await handle.close();
      await this.remove(id);
      throw error;
    }
  }

  /** The file from its first byte; undefined when it is gone. */
  open(id: string): ReadableStream<Uint8Array> | undefined {
    if (!this.#sizes.has(id)) return undefined;
    return Readable.toWeb(createReadStream(this.#path(id))) as unknown as ReadableStream<Uint8Array>;
  }

  async remove(id: string): Promise<void> {
    const bytes = this.#sizes.get(id);
    if (bytes === undefined) return;
    this.#sizes.delete(id);
    this.#bytes -= bytes;
    await unlink(this.#path(id));
  }

  async #write(id: string, handle: FileHandle, mail: AsyncIterable<Uint8Array>): Promise<void> {
    const lines = new Lines();
    const portion = new Portion(handle);
    let refused: MailError | undefined;
    for await (const chunk of mail) {
      if (refused !== undefined) continue;
      refused = this.#problem(id, chunk.length) ?? lines.problem(chunk);
      if (refused !== undefined) continue;
      this.#grow(id, chunk.length);
      // A disk that fails is no reason to stop reading either.
      if (portion.add(chunk)) refused = await portion.flush().then(() => undefined, notStored);
    }
    refused ??= lines.end() ?? (await portion.flush().then(() => undefined, notStored));
    if (refused !== undefined) throw refused;
  }

  #problem(id: string, more: number): MailError | undefined {
    const { mailSize, spool } = this.#options;
    if (this.#sizes.get(id)! + more > mailSize)
      return new MailError(552, "5.3.4", `A mail has at most ${mailSize} bytes here.`);
    if (this.#bytes + more > spool)
      return new MailError(452, "4.3.1", "No room for mail is left here. Try again later.");
    return undefined;
  }

  #grow(id: string, more: number): void {
    this.#sizes.set(id, (this.#sizes.get(id) ?? 0) + more);
    this.#bytes += more;
  }

  #path(id: string): string {
    return join(this.#options.folder, `${id}.eml`);
  }

  #file(of: Pick<SpoolFile, "id" | "path" | "bytes" | "start">, handle: FileHandle): SpoolFile {
    const { folder } = this.#options;
    return {
      ...of,
      async overwrite(at, text) {
        await handle.write(Buffer.from(text), 0, text.length, at);
      },
      async sync() {
        await handle.sync();
        await handle.close();
        const directory = await open(folder, "r");
        await directory.sync().finally(() => directory.close());
      },
      remove: async () => {
        await handle.close().catch(() => {});
        await this.remove(of.id);
      },
    };
  }
}

/** Collects small pieces: mails come in such if their senders like it so. */
class Portion {
  readonly #handle: FileHandle;
  readonly #bytes = Buffer.allocUnsafe(PORTION);
  #used = 0;
  /** What does not fit. */
  #rest: Uint8Array[] = [];

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** True when it is time to write. */
  add(chunk: Uint8Array): boolean {
    if (this.#rest.length > 0 || this.#used + chunk.length > PORTION) this.#rest.push(chunk);
    else {
      this.#bytes.set(chunk, this.#used);
      this.#used += chunk.length;
    }
    return this.#rest.length > 0 || this.#used === PORTION;
  }

  async flush(): Promise<void> {
    const parts = [this.#bytes.subarray(0, this.#used), ...this.#rest];
    this.#used = 0;
    this.#rest = [];
    for (const part of parts) await writeAll(this.#handle, part);
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at);
    if (bytesWritten === 0) throw new Error("The disk takes no more.");
    at += bytesWritten;
  }
}

const notStored = (cause: unknown) =>
  new MailError(451, "4.3.0", "The mail could not be stored. Try again later.", { cause });

/**
 * Sees to it that lines end by CRLF and nothing else. A CR or LF that stands alone is what mails are smuggled with
 * (CVE-2023-51764 to 51766): one server takes it for the end of a line, the next does not. RFC 5321 §2.3.8 forbids it.
 */
class Lines {
  #last = 0;

  problem(chunk: Uint8Array): MailError | undefined {
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) {
      if ((at === 0 ? this.#last : chunk[at - 1]) !== CR) return bareNewline();
    }
    if (this.#last === CR && chunk.length > 0 && chunk[0] !== LF) return bareNewline();
    for (let at = chunk.indexOf(CR); at >= 0 && at < chunk.length - 1; at = chunk.indexOf(CR, at + 1)) {
      if (chunk[at + 1] !== LF) return bareNewline();
    }
    this.#last = chunk.at(-1) ?? this.#last;
    return undefined;
  }

  end(): MailError | undefined {
    return this.#last === CR ? bareNewline() : undefined;
  }
}

const bareNewline = () =>
  new MailError(550, "5.6.11", "A line of the mail ends by CR or LF alone; RFC 5321 wants both.");
