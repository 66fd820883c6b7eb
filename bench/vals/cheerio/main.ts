// Reads a title out of a page.
import { load } from "npm:cheerio@1.0.0";

export default function title(_req: Request): Response {
  return new Response(load("<title>Hello</title><p>there</p>")("title").text());
}
