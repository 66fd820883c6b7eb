// Passes a remote file through, however large: ?url=https://…

/** What a browser or a cache wants to know about the file; everything else stays behind. */
const PASSED_ON = ["accept-ranges", "cache-control", "content-range", "content-type", "etag"];

export default async function imageProxy(req: Request): Promise<Response> {
  const source = URL.parse(new URL(req.url).searchParams.get("url") ?? "");
  if (source?.protocol !== "https:" && source?.protocol !== "http:") {
    return new Response("Say which file: ?url=https://example.com/picture.jpg\n", { status: 400 });
  }

  const range = req.headers.get("range");
  // With the visitor's signal the download stops when the visitor leaves.
  const remote = await fetch(source, { signal: req.signal, headers: range ? { range } : {} });

  const headers = new Headers({
    // A page or a script from elsewhere must not run with this val's address.
    "content-security-policy": "sandbox",
    "x-content-type-options": "nosniff",
  });
  for (const name of PASSED_ON) {
    const value = remote.headers.get(name);
    if (value) headers.set(name, value);
  }
  // fetch has unpacked an encoded body: its length is not the one that was announced.
  const length = remote.headers.get("content-length");
  if (length && !remote.headers.has("content-encoding")) headers.set("content-length", length);

  return new Response(remote.body, { status: remote.status, headers });
}
