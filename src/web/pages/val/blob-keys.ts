/** Keys of blobs as folders: a slash in a key is only a way to read it. */

export interface Blob {
  readonly key: string;
  readonly size: number;
  readonly lastModified: string;
}

export interface Folder {
  /** With its slash at the end. */
  readonly prefix: string;
  readonly name: string;
  readonly count: number;
  readonly size: number;
}

/** What is directly below a prefix: folders by name, then blobs by name. */
export function listFolder(
  blobs: readonly Blob[],
  prefix: string,
): { folders: readonly Folder[]; blobs: readonly Blob[] } {
  const folders = new Map<string, { count: number; size: number }>();
  const here: Blob[] = [];
  for (const blob of blobs) {
    if (!blob.key.startsWith(prefix)) continue;
    const slash = blob.key.indexOf("/", prefix.length);
    // A key that ends with a slash has no name within that folder: it stays where it can be seen.
    if (slash === -1 || slash === blob.key.length - 1) {
      here.push(blob);
      continue;
    }
    const name = blob.key.slice(prefix.length, slash + 1);
    const { count = 0, size = 0 } = folders.get(name) ?? {};
    folders.set(name, { count: count + 1, size: size + blob.size });
  }
  return {
    folders: [...folders].map(([name, sums]) => ({ prefix: prefix + name, name, ...sums })),
    blobs: here,
  };
}

/** The way to a prefix, one step for each folder. */
export function stepsTo(prefix: string): { name: string; prefix: string }[] {
  const steps: { name: string; prefix: string }[] = [];
  for (let at = prefix.indexOf("/"); at !== -1; at = prefix.indexOf("/", at + 1)) {
    const before = steps.at(-1)?.prefix.length ?? 0;
    steps.push({ name: prefix.slice(before, at) || "/", prefix: prefix.slice(0, at + 1) });
  }
  return steps;
}

/** What bytes are, as far as they are shown: pictures by how they begin, whatever their name says. */
export function pictureType(bytes: Uint8Array): string | undefined {
  const begins = (...start: number[]) => start.every((byte, at) => bytes[at] === byte);
  const word = (at: number, text: string) =>
    [...text].every((char, i) => bytes[at + i] === char.charCodeAt(0));
  if (begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "image/png";
  if (begins(0xff, 0xd8, 0xff)) return "image/jpeg";
  if (word(0, "GIF87a") || word(0, "GIF89a")) return "image/gif";
  if (word(0, "RIFF") && word(8, "WEBP")) return "image/webp";
  return undefined;
}

/** Bytes as text, if they are that; a character that is cut at the end is left out. */
export function readText(bytes: Uint8Array, isCut: boolean): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    // In the form of a stream, what is incomplete at the end is no mistake.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: isCut });
  } catch {
    return undefined;
  }
}
