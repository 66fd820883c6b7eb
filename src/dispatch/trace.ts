const pool = Buffer.alloc(16 * 256);
let next = pool.length;

/**
 * 32 hex digits (W3C trace-id). They begin with the time in milliseconds, so that an index of them grows at its end. Random
 * bytes are drawn for 256 ids at a time, since a draw costs more than a request's parsing.
 */
export function newTrace(): string {
  if (next >= pool.length) {
    crypto.getRandomValues(pool);
    next = 0;
  }
  pool.writeUIntBE(Date.now(), next, 6);
  next += 16;
  return pool.toString("hex", next - 16, next);
}
