/** Values of SQLite with their types, as Hrana writes them, and as people read and write them. */

export type Value =
  | { readonly type: "null" }
  | { readonly type: "integer"; readonly value: string }
  | { readonly type: "float"; readonly value: number | null }
  | { readonly type: "text"; readonly value: string }
  | { readonly type: "blob"; readonly base64: string };

/** What a value can be. */
export const VALUE_TYPES = ["null", "integer", "float", "text", "blob"] as const;
export type ValueType = (typeof VALUE_TYPES)[number];

export const NULL: Value = { type: "null" };
export const text = (value: string): Value => ({ type: "text", value });
export const integer = (value: number | string): Value => ({ type: "integer", value: String(value) });

/** A value as one writes it; of null and of nothing the same, which the type tells apart. Bytes are in hexadecimal. */
export function writeValue(value: Value): string {
  switch (value.type) {
    case "null":
      return "";
    case "blob":
      return toHex(value.base64);
    // SQLite's infinities have no JSON.
    case "float":
      return value.value === null ? "Infinity" : writeFloat(value.value);
    default:
      return value.value;
  }
}

/** What was written as a value of this type, or why it is none. */
export function readValue(type: ValueType, written: string): Value | string {
  if (type === "null") return NULL;
  if (type === "text") return text(written);
  if (type === "blob") {
    const hex = written.replace(/\s/g, "");
    if (!/^(?:[0-9a-f]{2})*$/i.test(hex))
      return "Bytes are written as pairs of hexadecimal digits: 00 ff 41.";
    return { type: "blob", base64: fromHex(hex) };
  }
  const plain = written.trim();
  if (type === "integer") {
    if (!/^[+-]?\d{1,19}$/.test(plain)) return "An integer has up to 19 digits and no point.";
    const number = BigInt(plain);
    return BigInt.asIntN(64, number) === number
      ? integer(number.toString())
      : "This is more than the 64 bits of an integer.";
  }
  const number = Number(plain);
  if (plain === "" || !Number.isFinite(number)) return "A number is written as 1.5 or 2e10.";
  return { type: "float", value: number };
}

/** How many bytes a blob has. */
export function blobSize(base64: string): number {
  return Math.floor((base64.replace(/=+$/, "").length * 3) / 4);
}

/** 2 and 2.0 are two things to SQLite. */
function writeFloat(value: number): string {
  const written = String(value);
  return /^-?\d+$/.test(written) ? `${written}.0` : written;
}

function toHex(base64: string): string {
  let hex = "";
  for (const char of atob(base64)) hex += char.charCodeAt(0).toString(16).padStart(2, "0");
  return hex;
}

function fromHex(hex: string): string {
  let bytes = "";
  for (let at = 0; at < hex.length; at += 2)
    bytes += String.fromCharCode(Number.parseInt(hex.slice(at, at + 2), 16));
  return btoa(bytes);
}
