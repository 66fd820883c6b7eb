// Sets the headers by which HTTP tells where an answer ends, and those that only Hamlet sets.
type Answers = Readonly<Record<string, () => Response>>;

const answers: Answers = {
  "/short-length": () => new Response("0123456789", { headers: { "content-length": "3" } }),
  "/long-length": () => new Response("0123456789", { headers: { "content-length": "1000" } }),
  "/negative-length": () => new Response("0123456789", { headers: { "content-length": "-1" } }),
  "/odd-length": () => new Response("0123456789", { headers: { "content-length": "+10, 10" } }),
  "/short-stream": () => new Response(stream("0123456789", "abc"), { headers: { "content-length": "5" } }),
  "/long-stream": () => new Response(stream("0123456789"), { headers: { "content-length": "1000" } }),
  "/chunked": () => new Response("5\r\nhello\r\n0\r\n\r\n", { headers: { "transfer-encoding": "chunked" } }),
  "/chunked-and-length": () =>
    new Response("0123456789", { headers: { "transfer-encoding": "chunked", "content-length": "3" } }),
  "/gzip-coding": () => new Response("0123456789", { headers: { "transfer-encoding": "gzip, chunked" } }),
  "/identity-coding": () => new Response("0123456789", { headers: { "transfer-encoding": "identity" } }),
  "/upgrade": () => new Response("0123456789", { headers: { connection: "upgrade", upgrade: "h2c" } }),
  "/connection-names": () =>
    new Response("0123456789", { headers: { connection: "content-length, x-kept", "x-kept": "1" } }),
  "/trailer": () => new Response("0123456789", { headers: { trailer: "content-length", te: "trailers" } }),
  "/no-content": () =>
    new Response(null, { status: 204, headers: { "content-length": "10", "transfer-encoding": "chunked" } }),
  "/not-modified": () => new Response(null, { status: 304, headers: { "content-length": "10" } }),
  "/keep-alive": () =>
    new Response("0123456789", { headers: { "keep-alive": "timeout=0", "proxy-connection": "close" } }),
  "/date": () =>
    new Response("0123456789", { headers: { date: "yesterday", server: "apache", via: "1.0 nowhere" } }),
  "/hamlet": () =>
    new Response("0123456789", {
      headers: {
        "x-hamlet-error": "internal",
        "x-hamlet-trace": "f".repeat(32),
        "x-hamlet-version": "999",
        "x-hamlet-anything": "forged",
      },
    }),
};

function stream(...chunks: string[]): ReadableStream<Uint8Array> {
  const left = chunks.map((chunk) => new TextEncoder().encode(chunk));
  return new ReadableStream({
    pull(controller) {
      const chunk = left.shift();
      if (chunk) controller.enqueue(chunk);
      else controller.close();
    },
  });
}

export default function smuggle(request: Request): Response {
  const { pathname } = new URL(request.url);
  if (pathname === "/list") return Response.json(Object.keys(answers));
  return answers[pathname]?.() ?? new Response("plain", { headers: { "x-plain": "1" } });
}
