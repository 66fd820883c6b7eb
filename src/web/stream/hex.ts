/** Bytes as a table of numbers, sixteen a row. */

export const HEX_ROW = 16;

/** `00000010  68 65 6c 6c 6f …  hello`, in its three parts. */
export function hexRow(offset: number, bytes: Uint8Array): { at: string; hex: string; text: string } {
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
  const left = digits.slice(0, 8).join(" ");
  const right = digits.slice(8).join(" ");
  const text = Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·"));
  return {
    at: offset.toString(16).padStart(8, "0"),
    hex: (right === "" ? left : `${left}  ${right}`).padEnd(48),
    text: text.join(""),
  };
}
