import { blob } from "https://esm.town/v/std/blob/main.ts";
import { ValTownBlobNotFoundError } from "https://esm.town/v/std/ValTownBlobNotFoundError";

const prefix = "note:";

export default async function (req: Request) {
  const url = new URL(req.url);
  const name = decodeURIComponent(url.pathname.slice(1));
  const to = url.searchParams.get("to");

  try {
    if (req.method === "PUT") {
      await blob.set(prefix + name, req.body!);
      return new Response("ok");
    }
    if (req.method === "POST" && to) {
      await blob.copy(prefix + name, prefix + to + ".bak");
      await blob.move(prefix + to + ".bak", prefix + to);
      const list = await blob.list(prefix);
      return Response.json(list.map((item) => item.key.slice(prefix.length)));
    }
    if (req.method === "DELETE") {
      await blob.delete(prefix + name);
      return new Response(null, { status: 204 });
    }
    return await blob.get(prefix + name);
  } catch (error) {
    if (error instanceof ValTownBlobNotFoundError) return new Response("No such note", { status: 404 });
    throw error;
  }
}
