/** Hrana's values in JSON, to and from what SQLite takes and gives. */

import { SqlError } from "./sqlite-problems.ts";

/** An integer is a bigint, a float a number: SQLite keeps them apart, and so must we. */
export type SqlValue = null | bigint | number | string | Uint8Array;

const MAX_INTEGER = 2n ** 63n - 1n;
const MIN_INTEGER = -(2n ** 63n);

/** @throws SqlError when it is none */
export function parseValue(json: unknown): SqlValue {
  const { type, value, base64 } = (json ?? {}) as { type?: unknown; value?: unknown; base64?: unknown };
  if (type === "null") return null;
  if (type === "text" && typeof value === "string") return value;
  if (type === "float" && typeof value === "number") return value;
  if (type === "blob" && typeof base64 === "string") return Buffer.from(base64, "base64");
  if (type === "integer" && typeof value === "string" && /^[+-]?\d{1,19}$/.test(value)) {
    const integer = BigInt(value);
    if (integer >= MIN_INTEGER && integer <= MAX_INTEGER) return integer;
  }
  throw new SqlError("ARGS_INVALID", "An argument is not a value of null, integer, float, text or blob.");
}

/** As JSON text. */
export function renderValue(value: SqlValue): string {
  if (value === null) return '{"type":"null"}';
  if (typeof value === "bigint") return `{"type":"integer","value":"${value}"}`;
  if (typeof value === "string") return `{"type":"text","value":${JSON.stringify(value)}}`;
  // JSON has no infinity: null, as sqld says it.
  if (typeof value === "number") return `{"type":"float","value":${Number.isFinite(value) ? value : "null"}}`;
  const { buffer, byteOffset, byteLength } = value;
  return `{"type":"blob","base64":"${Buffer.from(buffer, byteOffset, byteLength).toString("base64")}"}`;
}
