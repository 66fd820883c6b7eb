import { BlobError, toStorageError } from "./blob-error.ts";
import type { ObjectReader } from "./blob-objects.ts";

/** What the bytes must add up to. */
export interface Expected {
  readonly size: number;
  /** Hex; missing when only a part is read. */
  readonly sha256: string | undefined;
}

/**
 * The bytes of an object as a stream that reads when it is read from. It fails when they are not those that were
 * stored, before the last of them is passed on, so that nobody can take a damaged object for a whole one.
 *
 * @param over called once nothing more will be read
 */
export function toStream(
  open: () => Promise<ObjectReader>,
  expected: Expected,
  over: () => void,
): ReadableStream<Uint8Array> {
  const hash = expected.sha256 === undefined ? undefined : new Bun.CryptoHasher("sha256");
  let reader: ObjectReader | undefined;
  let left = expected.size;
  let cancelled = false;

  async function end(): Promise<void> {
    over();
    const ending = reader;
    reader = undefined;
    await ending?.close();
  }

  async function next(): Promise<Uint8Array> {
    reader ??= await open();
    const chunk = await reader.next();
    left -= chunk?.length ?? 0;
    if (chunk !== undefined) hash?.update(chunk);
    const sound = left > 0 || hash === undefined || hash.digest("hex") === expected.sha256;
    if (chunk !== undefined && sound) return chunk;
    throw new BlobError("corrupt", "This blob is damaged: its bytes are not those that were stored.");
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const chunk = left > 0 ? await next() : undefined;
          if (cancelled) return await end();
          if (chunk !== undefined) controller.enqueue(chunk);
          if (left > 0) return;
          await end();
          controller.close();
        } catch (error) {
          await end().catch(() => {});
          throw toStorageError(error);
        }
      },
      cancel() {
        cancelled = true;
        return end();
      },
    },
    { highWaterMark: 0 },
  );
}
