/** An archive that someone sent, whole on the disk, with every entry's name and size checked. */

import type { z } from "zod";
import { MAX_CONTENT } from "../val/name.ts";
import { pathProblem } from "../val/path.ts";
import { ArchiveError } from "./archive-error.ts";
import { HEAD, headSchema } from "./layout.ts";
import { type Slice, Spool } from "./spool.ts";
import { readTar, show, type TarEntry, type TarReceiver } from "./tar-read.ts";

/** Bounds of what is taken. */
export interface ArchiveLimits {
  /** Of all of it, bytes. */
  readonly bytes: number;
  /** Of all blobs in it, bytes. */
  readonly blobBytes: number;
  readonly entries: number;
}

const MB = 1024 * 1024;
const MAX_PATH_BYTES = 2048;
const MAX_ENTRIES = 200_000;
/** How much the entry of a name may have; a name that fits none is passed over. */
const KINDS: readonly [pattern: RegExp, most: (limits: ArchiveLimits) => number][] = [
  [/^hamlet\.json$/, () => 64 * 1024],
  [/^vals\/[^/]+\/val\.json$/, () => 16 * MB],
  [/^vals\/[^/]+\/variables\.json$/, () => MB],
  // UTF-8 has no more than three bytes for a UTF-16 code unit.
  [/^vals\/[^/]+\/files\/[^/]+\/.+$/, () => 3 * MAX_CONTENT],
  [/^(vals\/[^/]+\/)?blobs\.json$/, () => 64 * MB],
  [/^(vals\/[^/]+\/)?blobs\/\d{8}$/, ({ blobBytes }) => blobBytes],
  [/^(vals\/[^/]+\/)?database\.sql$/, ({ bytes }) => bytes],
];

export class Archive implements AsyncDisposable {
  readonly #spool: Spool;
  readonly #entries: Map<string, Slice>;

  private constructor(spool: Spool, entries: Map<string, Slice>) {
    this.#spool = spool;
    this.#entries = entries;
  }

  /** Reads all of it before anything is made of it. Rejects with ArchiveError. */
  static async read(
    body: AsyncIterable<Uint8Array>,
    folder: string,
    limits: Omit<ArchiveLimits, "entries"> & { entries?: number },
  ): Promise<Archive> {
    const spool = await Spool.open(folder);
    try {
      const collector = new Collector(spool, { entries: MAX_ENTRIES, ...limits });
      await readTar(body, collector);
      const archive = new Archive(spool, collector.entries);
      if (!archive.has(HEAD)) throw new ArchiveError(`This is no archive of a Hamlet: ${HEAD} is missing.`);
      await archive.json(HEAD, headSchema);
      return archive;
    } catch (error) {
      await spool[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** One without anything in it yet, for what is fetched piece by piece. */
  static async empty(folder: string): Promise<Archive> {
    return new Archive(await Spool.open(folder), new Map());
  }

  /** Put something small into it. */
  async add(path: string, text: string): Promise<void> {
    checkPath(path);
    const bytes = Buffer.from(text);
    this.#entries.set(path, { offset: this.#spool.size, size: bytes.length });
    await this.#spool.write(bytes);
  }

  /** Names of vals, in the order of the archive. */
  get vals(): string[] {
    const names = [...this.#entries.keys()].map((path) => /^vals\/([^/]+)\/val\.json$/.exec(path)?.[1]);
    return names.filter((name) => name !== undefined);
  }

  has(path: string): boolean {
    return this.#entries.has(path);
  }

  size(path: string): number {
    return this.#slice(path).size;
  }

  read(path: string): AsyncGenerator<Uint8Array> {
    return this.#spool.read(this.#slice(path));
  }

  async text(path: string): Promise<string> {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
        await this.#spool.bytes(this.#slice(path)),
      );
    } catch (cause) {
      throw Object.assign(new ArchiveError(`${show(path)} is not UTF-8.`), { cause });
    }
  }

  async json<T extends z.ZodType>(path: string, schema: T): Promise<z.infer<T>> {
    const text = await this.text(path);
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (cause) {
      throw Object.assign(new ArchiveError(`${show(path)} is not JSON.`), { cause });
    }
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const where = issue?.path.map(String).join("/") ?? "";
    throw new ArchiveError(`${show(path)} is not as it should be: ${where} ${issue?.message ?? ""}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#spool[Symbol.asyncDispose]();
  }

  #slice(path: string): Slice {
    const slice = this.#entries.get(path);
    if (slice === undefined) throw new ArchiveError(`${show(path)} is missing in the archive.`);
    return slice;
  }
}

/** Writes what is known down, and counts everything. */
class Collector implements TarReceiver {
  readonly entries = new Map<string, Slice>();
  readonly #spool: Spool;
  readonly #limits: ArchiveLimits;
  #seen = 0;
  #bytes = 0;
  #blobBytes = 0;
  #keeps = false;

  constructor(spool: Spool, limits: ArchiveLimits) {
    this.#spool = spool;
    this.#limits = limits;
  }

  begin(entry: TarEntry): void {
    const path = entry.path.replace(/^(\.\/)+/, "");
    checkPath(path);
    this.#seen++;
    this.#bytes += entry.size;
    const { entries, bytes, blobBytes } = this.#limits;
    if (this.#seen > entries)
      throw new ArchiveError(
        `An archive may have at most ${entries} files. Export single vals instead.`,
        413,
      );
    if (this.#bytes > bytes) throw new ArchiveError(`An archive may have at most ${bytes} bytes.`, 413);
    const most = KINDS.find(([pattern]) => pattern.test(path))?.[1](this.#limits);
    this.#keeps = most !== undefined;
    if (most === undefined) return;
    if (entry.size > most && !/blobs\/\d+$/.test(path))
      throw new ArchiveError(`${show(path)} is too large.`, 413);
    if (/blobs\/\d{8}$/.test(path)) this.#blobBytes += entry.size;
    if (this.#blobBytes > blobBytes)
      throw new ArchiveError(
        "The blobs in the archive have more bytes than the account has left. Delete some, or ask the operator for more.",
        413,
      );
    if (this.entries.has(path)) throw new ArchiveError(`${show(path)} is in the archive twice.`);
    this.entries.set(path, { offset: this.#spool.size, size: entry.size });
  }

  async take(bytes: Uint8Array): Promise<void> {
    if (this.#keeps) await this.#spool.write(bytes);
  }
}

/** A name that leads nowhere but below where it stands. */
function checkPath(path: string): void {
  const problem =
    Buffer.byteLength(path) > MAX_PATH_BYTES ||
    /[\p{Cc}\\]/u.test(path) ||
    path.split("/").some((part) => part === "" || part === "." || part === "..");
  if (problem) throw new ArchiveError(`${show(path)} is no name that an entry of an archive may have.`);
  const [, file] = /^vals\/[^/]+\/files\/[^/]+\/(.+)$/.exec(path) ?? [];
  const wrong = file === undefined ? undefined : pathProblem(file);
  if (wrong !== undefined) throw new ArchiveError(`${show(path)}: ${wrong}`);
}
