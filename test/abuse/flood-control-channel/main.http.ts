// Writes what no reader of lines expects: endless ones, binary ones, many.
const utf8 = new TextEncoder();
const MEGABYTE = 2 ** 20;

const floods: Readonly<Record<string, () => Promise<void>>> = {
  async line() {
    const chunk = new Uint8Array(MEGABYTE).fill(97);
    for (let i = 0; i < 10; i++) await writeAll(chunk);
    await writeAll(utf8.encode("\n"));
  },
  async binary() {
    const chunk = new Uint8Array(MEGABYTE);
    for (let at = 0; at < MEGABYTE; at += 65_536) crypto.getRandomValues(chunk.subarray(at, at + 65_536));
    for (let i = 0; i < 4; i++) await writeAll(chunk);
  },
  async lines() {
    await writeAll(utf8.encode("flood\n".repeat(200_000)));
  },
  async empty() {
    await writeAll(new Uint8Array(MEGABYTE).fill(10));
  },
  async errors() {
    const bytes = utf8.encode("flood on stderr\n".repeat(50_000));
    for (let at = 0; at < bytes.length; ) at += await Deno.stderr.write(bytes.subarray(at));
  },
};

async function writeAll(bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += await Deno.stdout.write(bytes.subarray(at));
}

export default function flood(request: Request): Response {
  const { pathname } = new URL(request.url);
  floods[pathname.slice(1)]?.();
  return new Response("flooding");
}
