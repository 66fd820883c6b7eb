/** Tar archives as npm packages are, well-formed ones and others. */

export interface TarEntry {
  readonly name: string;
  readonly body?: string | Uint8Array;
  /** `file` if not given. */
  readonly kind?: "file" | "hard link" | "symlink" | "folder";
  /** Where a link leads. */
  readonly target?: string;
}

const BLOCK = 512;
const KINDS = { file: "0", "hard link": "1", symlink: "2", folder: "5" };
const utf8 = new TextEncoder();

/** A gzipped archive of exactly these entries. */
export function packTar(entries: readonly TarEntry[]): Uint8Array {
  const blocks = entries.flatMap((entry) => {
    const body = typeof entry.body === "string" ? utf8.encode(entry.body) : (entry.body ?? new Uint8Array());
    return [header(entry, body.length), body, new Uint8Array(-body.length & (BLOCK - 1))];
  });
  return Bun.gzipSync(Buffer.concat([...blocks, new Uint8Array(2 * BLOCK)]));
}

function header({ name, kind = "file", target = "" }: TarEntry, size: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (text: string, at: number) => block.set(utf8.encode(text), at);
  put(name, 0);
  put(kind === "folder" ? "0000755" : "0000644", 100);
  put("0000000", 108);
  put("0000000", 116);
  put(size.toString(8).padStart(11, "0"), 124);
  put("00000000000", 136);
  put(" ".repeat(8), 148);
  put(KINDS[kind], 156);
  put(target, 157);
  put("ustar\u000000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
