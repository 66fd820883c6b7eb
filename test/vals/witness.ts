/** Remembers every request that reached it, in the order of arrival; `/witnessed` tells, and forgets. */

let seen: string[] = [];

export default async function (request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/witnessed") {
    const told = seen;
    seen = [];
    return Response.json(told);
  }
  const started = `${request.method} ${pathname}`;
  seen.push(`${started} begun`);
  const body = await request.text();
  seen.push(`${started} whole`);
  return new Response(`${started} ${body.length}`);
}
