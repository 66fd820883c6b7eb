/**
 * A small encoder for animated GIFs of two colours (https://www.w3.org/Graphics/GIF/spec-gif89a.txt).
 * Send the header once, then frames for as long as you like.
 */

const MIN_CODE_SIZE = 2;
const CLEAR = 1 << MIN_CODE_SIZE;
const END = CLEAR + 1;

/** The start of the file; `colors` are two of `#rrggbb`. */
export function gifHeader(width: number, height: number, colors: string[]): Uint8Array {
  const palette = colors.flatMap((color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)));
  return Uint8Array.from([
    ...ascii("GIF89a"),
    ...uint16(width),
    ...uint16(height),
    0x80, // a global palette of two colours
    0, // background colour
    0, // square pixels
    ...palette,
    ...[0x21, 0xff, 11, ...ascii("NETSCAPE2.0"), 3, 1, ...uint16(0), 0], // if it is ever saved: loop
  ]);
}

/** One full picture; `pixels` are palette indexes, `delay` is in hundredths of a second. */
export function gifFrame(width: number, height: number, pixels: Uint8Array, delay: number): Uint8Array {
  return Uint8Array.from([
    ...[0x21, 0xf9, 4, 0x04, ...uint16(delay), 0, 0], // leave the picture in place
    ...[0x2c, ...uint16(0), ...uint16(0), ...uint16(width), ...uint16(height), 0],
    MIN_CODE_SIZE,
    ...blocks(compress(pixels)),
  ]);
}

/** LZW with codes of growing size, packed from the lowest bit up. */
function compress(pixels: Uint8Array): number[] {
  const bytes: number[] = [];
  let bits = 0;
  let bitCount = 0;
  let codeSize = MIN_CODE_SIZE + 1;
  let next = END + 1;
  let known = new Map<number, number>();

  function emit(code: number): void {
    bits |= code << bitCount;
    bitCount += codeSize;
    while (bitCount >= 8) {
      bytes.push(bits & 0xff);
      bits >>= 8;
      bitCount -= 8;
    }
  }

  emit(CLEAR);
  let prefix = pixels[0];
  for (const pixel of pixels.subarray(1)) {
    const key = (prefix << 8) | pixel;
    const code = known.get(key);
    if (code !== undefined) {
      prefix = code;
      continue;
    }
    emit(prefix);
    prefix = pixel;
    if (next < 4096) {
      // The reader learns a code one step later, so the size grows when the code does not fit any more.
      if (next === 1 << codeSize) codeSize += 1;
      known.set(key, next++);
    } else {
      emit(CLEAR);
      known = new Map();
      codeSize = MIN_CODE_SIZE + 1;
      next = END + 1;
    }
  }
  emit(prefix);
  emit(END);
  if (bitCount > 0) bytes.push(bits & 0xff);
  return bytes;
}

/** Data goes in blocks of at most 255 bytes, each after its length; an empty one ends it. */
function* blocks(bytes: number[]): Generator<number> {
  for (let at = 0; at < bytes.length; at += 255) {
    const block = bytes.slice(at, at + 255);
    yield block.length;
    yield* block;
  }
  yield 0;
}

function ascii(text: string): number[] {
  return [...text].map((character) => character.charCodeAt(0));
}

function uint16(value: number): [number, number] {
  return [value & 0xff, value >> 8];
}
