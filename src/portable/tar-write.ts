/** Tar archives as POSIX has them (ustar, with pax records where a name or a size does not fit). */

const BLOCK = 512;
const MAX_NAME_BYTES = 100;
/** Eleven octal digits. */
const MAX_SIZE = 8 ** 11 - 1;
const utf8 = new TextEncoder();

/** What ends an archive. */
export const TAR_END: Uint8Array = new Uint8Array(2 * BLOCK);

/** What stands before the bytes of a file. `modifiedAt` in epoch milliseconds. */
export function tarHeader(path: string, size: number, modifiedAt: number): Uint8Array {
  const name = utf8.encode(path);
  const fits = name.length <= MAX_NAME_BYTES && name.every((byte) => byte < 0x80);
  const records = [
    ...(fits ? [] : [toRecord("path", path)]),
    ...(size <= MAX_SIZE ? [] : [toRecord("size", String(size))]),
  ];
  const short = fits ? name : utf8.encode(path.replace(/[^\x20-\x7e]/g, "_")).subarray(0, MAX_NAME_BYTES);
  const entry = block(short, Math.min(size, MAX_SIZE), modifiedAt, "0");
  if (records.length === 0) return entry;
  const extra = utf8.encode(records.join(""));
  const head = block(utf8.encode("PaxHeader"), extra.length, modifiedAt, "x");
  return Buffer.concat([head, extra, tarPadding(extra.length), entry]);
}

/** What stands behind so many bytes. */
export function tarPadding(size: number): Uint8Array {
  return new Uint8Array(-size & (BLOCK - 1));
}

function block(name: Uint8Array, size: number, modifiedAt: number, type: string): Uint8Array {
  const bytes = new Uint8Array(BLOCK);
  const put = (text: string, at: number) => bytes.set(utf8.encode(text), at);
  const octal = (value: number) => `${Math.max(0, Math.floor(value)).toString(8).padStart(11, "0")}\0`;
  bytes.set(name, 0);
  put("0000644\0", 100);
  put("0000000\0", 108);
  put("0000000\0", 116);
  put(octal(size), 124);
  put(octal(modifiedAt / 1000), 136);
  put(" ".repeat(8), 148);
  put(type, 156);
  put("ustar\x0000", 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return bytes;
}

/** `LENGTH KEY=VALUE\n`, where the length counts itself. */
function toRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = utf8.encode(rest).length;
  let length = bytes;
  while (length !== bytes + String(length).length) length = bytes + String(length).length;
  return `${length}${rest}`;
}
