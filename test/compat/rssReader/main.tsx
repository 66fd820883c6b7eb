import * as cheerio from "npm:cheerio@1.0.0";

export default async function(_req: Request): Promise<Response> {
  const xml = await fetch(Deno.env.get("FEED_URL")!).then((r) => r.text());
  const $ = cheerio.load(xml, { xmlMode: true });
  const items = $("item").map((_, el) => ({
    title: $(el).find("title").text(),
    link: $(el).find("link").text(),
  })).get();
  return Response.json(items);
}
