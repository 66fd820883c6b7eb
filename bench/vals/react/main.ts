// Renders a page on the server.
import { createElement as h } from "npm:react@18.3.1";
import { renderToString } from "npm:react-dom@18.3.1/server";

const items = Array.from({ length: 20 }, (_, n) => h("li", { key: n }, `Item ${n}`));

export default function page(req: Request): Response {
  const html = renderToString(
    h("main", null, h("h1", null, new URL(req.url).pathname), h("ul", null, items)),
  );
  return new Response(`<!doctype html>${html}`, { headers: { "content-type": "text/html" } });
}
