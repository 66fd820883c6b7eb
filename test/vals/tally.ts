/** Counts the requests whose body it could read to the end; `/tally` tells. */

let whole = 0;

export default async function (request: Request): Promise<Response> {
  if (new URL(request.url).pathname === "/tally") return new Response(`${whole}`);
  const { headers, body } = request;
  // The body of a GET is kept from us: then nobody here can say whether it was whole.
  const hidden =
    body === null && (headers.has("transfer-encoding") || Number(headers.get("content-length")) > 0);
  if (hidden) return new Response(null, { status: 202 });
  await request.bytes();
  whole += 1;
  return new Response("counted");
}
