/** Rows as CSV (RFC 4180). */

import { type Value, writeValue } from "./sqlite-value.ts";

/** One line. Null is nothing, an empty text is `""`: so that one can tell them apart. Bytes are in hexadecimal. */
export function toCsvLine(values: readonly Value[]): string {
  return `${values.map(toCell).join(",")}\r\n`;
}

/** The line with the names of columns. */
export function toCsvHead(names: readonly string[]): string {
  return `${names.map(quote).join(",")}\r\n`;
}

function toCell(value: Value): string {
  const written = writeValue(value);
  return value.type === "text" ? quote(written) : written;
}

function quote(written: string): string {
  return written === "" || /[",\r\n]|^\s|\s$/.test(written) ? `"${written.replaceAll('"', '""')}"` : written;
}
