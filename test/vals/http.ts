/** Says what it saw of a request; `x-do` asks for one of the answers that the tests look at. */

const GZIPPED = new Response("the same bytes, whatever the visitor accepts\n".repeat(100)).body!.pipeThrough(
  new CompressionStream("gzip"),
);
const gzipped = await new Response(GZIPPED).bytes();

const answers: Record<string, (request: Request) => Response | Promise<Response>> = {
  status: (request) => {
    const status = Number(request.headers.get("x-status"));
    return new Response([204, 205, 304].includes(status) ? null : `status ${status}`, { status });
  },
  redirect: () =>
    new Response(null, { status: 302, headers: { location: "https://elsewhere.example/a?b#c" } }),
  cookies: () => {
    const headers = new Headers({ "set-cookie": "a=1; Path=/" });
    headers.append("set-cookie", "b=2; Expires=Wed, 21 Oct 2099 07:28:00 GMT");
    headers.append("set-cookie", "c=3");
    return new Response("three", { headers });
  },
  gzip: () =>
    new Response(gzipped, { headers: { "content-encoding": "gzip", "content-type": "text/plain" } }),
  text: () => new Response("compress me ".repeat(10_000), { headers: { "content-type": "text/plain" } }),
  "no-body": () => new Response(null),
  latin: () => new Response("ok", { headers: { "x-latin": "caf\xe9" } }),
  cors: () => new Response("own", { headers: { "access-control-allow-origin": "https://only.example" } }),
  "no-cors": () => new Response("none", { headers: { "access-control-allow-origin": "" } }),
  "own-preflight": () =>
    new Response(null, { status: 200, headers: { "access-control-allow-methods": "LINK" } }),
  forge: () =>
    new Response("forged", {
      headers: { "x-hamlet-trace": "f".repeat(32), "x-hamlet-version": "999", connection: "x-a", "x-a": "1" },
    }),
  throw: () => {
    throw new Error("a secret reason");
  },
  "no-response": () => "not a response" as never,
};

export default async function (request: Request): Promise<Response> {
  const action = request.headers.get("x-do");
  if (action !== null) return answers[action]!(request);
  return Response.json({
    method: request.method,
    url: request.url,
    headers: [...request.headers],
    body: await request.text(),
  });
}
