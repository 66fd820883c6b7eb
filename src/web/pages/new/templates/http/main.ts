// Answers with JSON: what came, and when

export default async function handle(req: Request): Promise<Response> {
  const url = new URL(req.url);
  const name = url.searchParams.get("name") ?? "world";

  if (req.method === "POST") return Response.json({ youSent: await req.text() }, { status: 201 });
  return Response.json({ hello: name, path: url.pathname, now: new Date() });
}
