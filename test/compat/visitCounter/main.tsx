import { blob } from "https://esm.town/v/std/blob?v=12";

const KEY = "visitCounter:count";

export default async function(req: Request) {
  const { pathname } = new URL(req.url);
  if (pathname === "/keys") {
    const keys = await blob.list("visitCounter:");
    return Response.json(keys.map((k) => k.key));
  }
  if (pathname === "/missing") {
    try {
      await blob.get("visitCounter:nope");
    } catch (e) {
      return new Response(e.name);
    }
  }
  if (pathname === "/reset") {
    await blob.delete(KEY);
    return new Response(String(await blob.getJSON(KEY)));
  }
  const count = (await blob.getJSON(KEY) ?? 0) + 1;
  await blob.setJSON(KEY, count);
  return new Response(`You are visitor number ${count}`);
}
