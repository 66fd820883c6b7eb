export default async function(req: Request): Promise<Response> {
  let bytes = 0;
  for await (const chunk of req.body ?? []) {
    bytes += chunk.length;
  }
  return Response.json({ bytes });
}
