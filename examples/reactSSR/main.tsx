// React on the server: a page at once, and its slow parts later
/** @jsxImportSource npm:react@19.3.1 */
/** @jsxImportSourceTypes npm:@types/react@19.3.0 */
import { renderToReadableStream } from "npm:react-dom@19.3.1/server";
import { Page } from "./page.tsx";
import { forecast, headlines, traffic } from "./town.ts";

export default async function reactSSR(req: Request): Promise<Response> {
  const page = await renderToReadableStream(
    <Page forecast={forecast()} traffic={traffic()} headlines={headlines()} />,
    { signal: req.signal, onError },
  );
  return new Response(page, {
    headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
  });
}

/** A visitor who leaves is no error. */
function onError(error: unknown): void {
  if ((error as Error).name !== "AbortError") console.error(error);
}
