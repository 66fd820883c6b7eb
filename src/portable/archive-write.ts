/** An archive in the making: bytes in the order in which they are asked for, never more than one piece at a time. */

import { Spool } from "./spool.ts";
import { TAR_END, tarHeader, tarPadding } from "./tar-write.ts";

type Bytes = AsyncGenerator<Uint8Array>;

/** A small entry. */
export async function* textEntry(path: string, text: string, modifiedAt: number): Bytes {
  const bytes = Buffer.from(text);
  yield Buffer.concat([tarHeader(path, bytes.length, modifiedAt), bytes, tarPadding(bytes.length)]);
}

/** A JSON document that people may read. */
export function jsonEntry(path: string, document: unknown, modifiedAt: number): Bytes {
  return textEntry(path, `${JSON.stringify(document, null, 2)}\n`, modifiedAt);
}

/** An entry of so many bytes; what is given must be as long. */
export async function* streamEntry(
  path: string,
  size: number,
  modifiedAt: number,
  chunks: AsyncIterable<Uint8Array>,
): Bytes {
  yield tarHeader(path, size, modifiedAt);
  yield* chunks;
  yield tarPadding(size);
}

/** An entry whose length is known only once all of it is there; undefined pieces make none. */
export async function* spooledEntry(
  path: string,
  folder: string,
  modifiedAt: number,
  texts: AsyncIterable<string>,
): Bytes {
  await using spool = await Spool.open(folder);
  for await (const text of texts) await spool.write(Buffer.from(text));
  if (spool.size > 0)
    yield* streamEntry(path, spool.size, modifiedAt, spool.read({ offset: 0, size: spool.size }));
}

/** As the body of an answer. Nobody reads ahead of whoever takes it; cancelling ends everything under way. */
export function toBody(parts: Bytes): ReadableStream<Uint8Array> {
  return toStream(
    (async function* () {
      yield* parts;
      yield TAR_END;
    })(),
  );
}

/** The same for what is no archive. */
export function toStream(all: Bytes): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await all.next();
        if (done) controller.close();
        else if (value.length > 0) controller.enqueue(value);
        else return this.pull!(controller);
      },
      async cancel() {
        await all.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
