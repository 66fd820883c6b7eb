/** Takes an animated GIF apart while it arrives (https://www.w3.org/Graphics/GIF/spec-gif89a.txt). */

const EXTENSION = 0x21;
const IMAGE = 0x2c;
const HEADER_BYTES = 13;

/** Yields the compressed pixels of each picture as soon as its last byte is here. Throws on anything that is no GIF. */
export async function* readGifFrames(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = new ByteReader(bytes);
  const header = await source.take(HEADER_BYTES);
  if (new TextDecoder().decode(header.subarray(0, 6)) !== "GIF89a") throw new Error("This is no GIF89a.");
  await source.take(paletteBytes(header[10]!));
  for (;;) {
    const [kind] = await source.take(1);
    if (kind === EXTENSION) {
      await source.take(1);
      await readBlocks(source);
    } else if (kind === IMAGE) {
      const descriptor = await source.take(9);
      await source.take(paletteBytes(descriptor[8]!));
      await source.take(1);
      yield await readBlocks(source);
    } else {
      throw new Error(`There is no GIF block of kind ${kind}.`);
    }
  }
}

function paletteBytes(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

async function readBlocks(source: ByteReader): Promise<Uint8Array> {
  const blocks: Uint8Array[] = [];
  for (;;) {
    const [size] = await source.take(1);
    if (size === 0) return Buffer.concat(blocks);
    blocks.push(await source.take(size!));
  }
}

class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #pending = Buffer.alloc(0);

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#chunks = bytes[Symbol.asyncIterator]();
  }

  async take(count: number): Promise<Uint8Array> {
    while (this.#pending.length < count) {
      const { done, value } = await this.#chunks.next();
      if (done) throw new Error("The GIF ended in the middle of a block.");
      this.#pending = Buffer.concat([this.#pending, value]);
    }
    const taken = this.#pending.subarray(0, count);
    this.#pending = this.#pending.subarray(count);
    return taken;
  }
}
