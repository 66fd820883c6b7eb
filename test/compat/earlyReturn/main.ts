import { blob } from "https://esm.town/v/std/blob/main.ts";
import { httpEndpoint } from "https://esm.town/v/std/utils/index.ts";

export default async function (req: Request): Promise<Response> {
  const { pathname } = new URL(req.url);
  if (pathname === "/start") {
    const self = await httpEndpoint("/main.ts");
    fetch(new URL("/work", self), { method: "POST" });
    return new Response("started");
  }
  if (pathname === "/work") {
    await new Promise((resolve) => setTimeout(resolve, 100));
    await blob.set("state", "done");
    return new Response("worked");
  }
  for (let i = 0; i < 200; i++) {
    const state = await blob.get("state").then((r) => r.text(), () => "");
    if (state) return new Response(state);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return new Response("never");
}
