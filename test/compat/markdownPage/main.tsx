import { readFile } from "https://esm.town/v/std/utils/index.ts";
import { marked } from "npm:marked@15.0.4";

export default async (_req: Request) => {
  const html = await marked.parse(await readFile("/README.md"));
  return new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } });
};
