/** Counts the requests whose body it could read to the end; `/tally` tells. */

let whole = 0;

export default async function (request: Request): Promise<Response> {
  if (new URL(request.url).pathname === "/tally") return new Response(`${whole}`);
  await request.bytes();
  whole += 1;
  return new Response("counted");
}
