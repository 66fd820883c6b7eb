/** Reads a tar archive that anyone may have made, piece by piece. What two readers could understand differently is refused. */

import { ArchiveError } from "./archive-error.ts";

/** A file in an archive, before its bytes. */
export interface TarEntry {
  /** As it is written there. */
  readonly path: string;
  readonly size: number;
}

/** Takes what an archive holds. It is asked to take one entry's bytes before the next entry. */
export interface TarReceiver {
  /** Throws ArchiveError for what it does not take. */
  begin(entry: TarEntry): void | Promise<void>;
  take(bytes: Uint8Array): void | Promise<void>;
}

const BLOCK = 512;
const CUT_SHORT = "The archive is cut short. Nothing of it was taken.";
/** Of the records before an entry, which hold long names. */
const MAX_RECORDS = 64 * 1024;
const FILE = new Set(["0", "\0"]);
const KINDS: Readonly<Record<string, string>> = {
  "1": "a hard link",
  "2": "a symbolic link",
  "3": "a device",
  "4": "a device",
  "6": "a pipe",
};

/** Read all of it. Rejects with ArchiveError when it is no archive, is cut short, or has what is refused. */
export async function readTar(body: AsyncIterable<Uint8Array>, receiver: TarReceiver): Promise<void> {
  const source = new Source(body);
  try {
    await readEntries(source, receiver);
  } finally {
    await source.close();
  }
}

async function readEntries(source: Source, receiver: TarReceiver): Promise<void> {
  let extra: { path?: string; size?: number } = {};
  for (;;) {
    const head = await source.exactly(BLOCK);
    if (head.every((byte) => byte === 0)) return await source.finish();
    checkSum(head);
    const type = String.fromCharCode(head[156]!);
    const size = extra.size ?? toNumber(head.subarray(124, 136));
    if (type === "x" || type === "g" || type === "L") {
      const text = await readRecords(source, toNumber(head.subarray(124, 136)));
      // What would go for all entries is of no use here.
      if (type === "x") extra = { ...extra, ...parseRecords(text) };
      if (type === "L") extra = { ...extra, path: decode(text).replace(/\0+$/, "") };
      continue;
    }
    const path = extra.path ?? nameOf(head);
    extra = {};
    if (type === "5") continue;
    if (!FILE.has(type))
      throw new ArchiveError(
        `${show(path)} is ${KINDS[type] ?? "of a kind that is not known"}. An archive may hold files only.`,
      );
    await receiver.begin({ path, size });
    await source.pass(size, (bytes) => receiver.take(bytes));
    await source.exactly(-size & (BLOCK - 1));
  }
}

/** A name as it may be shown. */
export function show(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path.toWellFormed());
}

/** Bytes in the portions that are asked for. */
class Source {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#chunks = body[Symbol.asyncIterator]();
  }

  async exactly(size: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    await this.pass(size, (bytes) => void pieces.push(bytes));
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  async pass(size: number, take: (bytes: Uint8Array) => void | Promise<void>): Promise<void> {
    for (let left = size; left > 0; ) {
      const chunk = await this.#next();
      if (chunk === undefined) throw new ArchiveError(CUT_SHORT);
      const part = chunk.subarray(0, left);
      this.#rest = chunk.subarray(part.length);
      left -= part.length;
      await take(part);
    }
  }

  /** Behind the first block of zeros: nothing but zeros, which fill the last record of a tape. */
  async finish(): Promise<void> {
    let zeros = 0;
    for (let chunk = await this.#next(); chunk !== undefined; chunk = await this.#next()) {
      if (!chunk.every((byte) => byte === 0))
        throw new ArchiveError("Something follows the end of the archive.");
      zeros += chunk.length;
      this.#rest = new Uint8Array(0);
    }
    if (zeros < BLOCK) throw new ArchiveError(CUT_SHORT);
  }

  /** Whatever is left is not wanted. */
  async close(): Promise<void> {
    await this.#chunks.return?.().catch(() => {});
  }

  async #next(): Promise<Uint8Array | undefined> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#chunks.next().catch((cause: unknown) => {
        throw Object.assign(new ArchiveError(CUT_SHORT), { cause });
      });
      if (done) return undefined;
      this.#rest = value;
    }
    return this.#rest;
  }
}

function checkSum(head: Uint8Array): void {
  const stated = toNumber(head.subarray(148, 156));
  const sum = head.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (sum !== stated)
    throw new ArchiveError(
      "This is no tar archive, or it is damaged: a checksum is wrong. Compressed ones are not read.",
    );
}

/** Octal digits, as they are written; sizes beyond them are in pax records. */
function toNumber(field: Uint8Array): number {
  const text = Buffer.from(field)
    .toString("latin1")
    .replace(/[\0 ]+$/, "")
    .trimStart();
  if (/^[0-7]{1,12}$/.test(text)) return Number.parseInt(text, 8);
  throw new ArchiveError("This is no tar archive, or it is damaged: a number in it is none.");
}

function nameOf(head: Uint8Array): string {
  const text = (from: number, to: number) => {
    const field = head.subarray(from, to);
    const end = field.indexOf(0);
    return decode(end === -1 ? field : field.subarray(0, end));
  };
  const prefix = decode(head.subarray(257, 263)) === "ustar\0" ? text(345, 500) : "";
  return prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`;
}

async function readRecords(source: Source, size: number): Promise<Uint8Array> {
  if (size > MAX_RECORDS) throw new ArchiveError("A name in the archive is too long.");
  const bytes = await source.exactly(size);
  await source.exactly(-size & (BLOCK - 1));
  return bytes;
}

/** Of the pax records (POSIX.1-2001) those that count here; a value may have any character. */
function parseRecords(bytes: Uint8Array): { path?: string; size?: number } {
  const found: { path?: string; size?: number } = {};
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const digits = space === -1 ? "" : decode(bytes.subarray(at, space));
    const length = /^\d{1,6}$/.test(digits) ? Number(digits) : 0;
    const record = bytes.subarray(space + 1, at + length);
    if (length === 0 || at + length > bytes.length || record.at(-1) !== 0x0a)
      throw new ArchiveError("A pax record in the archive is damaged.");
    const [key, ...value] = decode(record.subarray(0, -1)).split("=");
    if (key === "path") found.path = value.join("=");
    if (key === "size") found.size = toSize(value.join("="));
    at += length;
  }
  return found;
}

function toSize(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ArchiveError("A size in the archive is none.");
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw Object.assign(new ArchiveError("A name in the archive is not UTF-8."), { cause });
  }
}
