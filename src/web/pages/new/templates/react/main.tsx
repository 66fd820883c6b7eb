// A page by React on the server: at once, and its slow part later
/** @jsxImportSource npm:react@19.3.1 */
/** @jsxImportSourceTypes npm:@types/react@19.3.0 */
import { renderToReadableStream } from "npm:react-dom@19.3.1/server";
import { Page } from "./page.tsx";

export default async function handle(req: Request): Promise<Response> {
  const name = new URL(req.url).searchParams.get("name") ?? "world";
  const page = await renderToReadableStream(<Page name={name} news={news()} />, { signal: req.signal });
  return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
}

/** Data that takes its time, as data does. */
async function news(): Promise<string[]> {
  await new Promise((resolve) => setTimeout(resolve, 800));
  return ["Baker opens at five", "Clock tower is right again, twice a day"];
}
