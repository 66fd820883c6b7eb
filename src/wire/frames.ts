/**
 * Messages between two processes over a byte stream: four bytes with the length of the head, four with that of the body,
 * little-endian; then the head, which is JSON, and the body, which is whatever the head says it is.
 */

export interface Frame {
  readonly head: unknown;
  readonly body: Uint8Array;
}

export interface FrameLimits {
  readonly headBytes: number;
  readonly bodyBytes: number;
}

const PREFIX = 8;
const NOTHING = new Uint8Array(0);

/** The bytes of one message. */
export function encodeFrame(head: object, body: Uint8Array = NOTHING): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const frame = new Uint8Array(PREFIX + text.length + body.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, text.length, true);
  view.setUint32(4, body.length, true);
  frame.set(text, PREFIX);
  frame.set(body, PREFIX + text.length);
  return frame;
}

/**
 * The messages in a stream, until it ends. Throws when one is longer than allowed, before it is read, or when its head is
 * not JSON.
 */
export async function* readFrames(
  stream: AsyncIterable<Uint8Array>,
  limits: FrameLimits,
): AsyncGenerator<Frame> {
  let chunks: Uint8Array[] = [];
  let size = 0;
  let wanted = PREFIX;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    while (size >= wanted) {
      const bytes = chunks.length === 1 ? chunks[0]! : concat(chunks, size);
      const { head, body } = lengths(bytes, limits);
      wanted = PREFIX + head + body;
      chunks = [bytes];
      if (size < wanted) break;
      const text = new TextDecoder().decode(bytes.subarray(PREFIX, PREFIX + head));
      yield { head: JSON.parse(text), body: bytes.slice(PREFIX + head, wanted) };
      chunks = [bytes.subarray(wanted)];
      size -= wanted;
      wanted = PREFIX;
    }
  }
}

function lengths(bytes: Uint8Array, { headBytes, bodyBytes }: FrameLimits): { head: number; body: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [head, body] = [view.getUint32(0, true), view.getUint32(4, true)];
  if (head > headBytes || body > bodyBytes)
    throw new Error(`a message of ${head} + ${body} bytes is too long`);
  return { head, body };
}

function concat(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
