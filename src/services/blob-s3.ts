import { HamletError } from "../errors.ts";
import type { ObjectReader, Objects, ObjectWriter } from "./blob-objects.ts";

/** A bucket of an S3 server, and who may use it. */
export interface S3Options {
  /** `https://s3.example.org`, without the bucket. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The least that S3 takes as a part of a larger object; one of them is in memory for each upload. */
const PART_BYTES = 5 * 1024 * 1024;
/** Slashes and hex digits only: some servers sign other characters differently. */
const PREFIX = "blobs/";

/**
 * Objects in an S3 bucket.
 * @throws HamletError `config` when nothing can be written to it
 */
export async function createS3Objects(options: S3Options): Promise<Objects> {
  const client = new Bun.S3Client({ ...options });
  const objects: Objects = {
    async create(name) {
      return new S3Writer(
        client.file(PREFIX + name).writer({ partSize: PART_BYTES, queueSize: 1, retry: 3 }),
      );
    },
    async open(name, start, end) {
      return new S3Reader(
        client
          .file(PREFIX + name)
          .slice(start, end)
          .stream(),
      );
    },
    remove: (name) => client.delete(PREFIX + name),
  };
  try {
    await client.write(`${PREFIX}check`, "");
    await objects.remove("check");
  } catch (cause) {
    const { code, message } = cause as Error & { code?: string };
    throw new HamletError(
      "config",
      `Nothing can be stored in the S3 bucket ${options.bucket} at ${options.endpoint} (${code}: ${message.replace(/\.$/, "")}). Check the flags --blob-s3-….`,
      { cause },
    );
  }
  return objects;
}

class S3Writer implements ObjectWriter {
  readonly #sink: Bun.NetworkSink;
  #waiting = 0;

  constructor(sink: Bun.NetworkSink) {
    this.#sink = sink;
  }

  async write(chunk: Uint8Array): Promise<void> {
    await this.#sink.write(chunk);
    this.#waiting += chunk.length;
    // `write` alone would queue without bound.
    if (this.#waiting < PART_BYTES) return;
    this.#waiting = 0;
    await this.#sink.flush();
  }

  async commit(): Promise<void> {
    await this.#sink.end();
  }

  /** An upload that is left unfinished would be kept, and paid for, where no list shows it; a whole one can be removed. */
  async abort(): Promise<void> {
    await this.#sink.end();
  }
}

class S3Reader implements ObjectReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  }

  async next(): Promise<Uint8Array | undefined> {
    const { value } = await this.#reader.read();
    return value;
  }

  close(): Promise<void> {
    return this.#reader.cancel();
  }
}
