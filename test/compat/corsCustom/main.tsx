const cors = {
  "Access-Control-Allow-Origin": "https://example.com",
  "Access-Control-Allow-Headers": "Content-Type",
};

export default async function(req: Request): Promise<Response> {
  if (req.method === "OPTIONS") {
    return new Response(null, { status: 204, headers: { ...cors, "Access-Control-Max-Age": "600" } });
  }
  return Response.json({ ok: true }, { headers: cors });
}
