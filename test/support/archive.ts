/** Archives as tests look into them and make them. */

import { extract } from "tar-stream";
import { TAR_END, tarHeader, tarPadding } from "../../src/portable/tar-write.ts";

/** Texts by name, in order, read by a program that is not ours. */
export async function unpack(archive: Uint8Array): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const reader = extract();
  reader.end(archive);
  for await (const entry of reader) {
    const pieces: Uint8Array[] = [];
    for await (const piece of entry) pieces.push(piece as Uint8Array);
    found.set(entry.header.name, Buffer.concat(pieces).toString("latin1"));
  }
  return found;
}

/** An archive of these entries, `hamlet.json` before them. */
export function pack(entries: Readonly<Record<string, string>>, kind = "account"): Uint8Array<ArrayBuffer> {
  const all = { "hamlet.json": JSON.stringify({ format: "hamlet", version: 1, kind }), ...entries };
  const blocks = Object.entries(all).flatMap(([name, text]) => {
    const bytes = Buffer.from(text);
    return [tarHeader(name, bytes.length, 0), bytes, tarPadding(bytes.length)];
  });
  return new Uint8Array(Buffer.concat([...blocks, TAR_END]));
}

/** What is in an archive but for when it was made. */
export function comparable(found: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(
    [...found].map(([name, text]) => [
      name,
      text.replace(/"exportedAt": "[^"]*"/, "").replace(/"createdAt":"[^"]*"/g, ""),
    ]),
  );
}
