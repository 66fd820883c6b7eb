// Counts the bytes of a request body as they come, keeping none

export default async function reportBodySize(req: Request): Promise<Response> {
  let bytes = 0;
  if (req.body) {
    for await (const chunk of req.body) bytes += chunk.byteLength;
  }
  return new Response(String(bytes), { headers: { "content-type": "text/plain" } });
}
