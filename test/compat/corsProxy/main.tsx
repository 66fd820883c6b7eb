import { fetch as stdFetch } from "https://esm.town/v/std/fetch?v=4";

export default async function(req: Request): Promise<Response> {
  const url = new URL(req.url).searchParams.get("url");
  if (!url) return new Response("Missing url", { status: 400 });
  const res = await stdFetch(url, { headers: { "User-Agent": "corsProxy" } });
  const headers = new Headers(res.headers);
  headers.set("X-Proxied", "yes");
  return new Response(res.body, { status: res.status, headers });
}
