/** @jsxImportSource npm:react@18.3.1 */
import { renderToStaticMarkup } from "npm:react-dom@18.3.1/server";
import { Counter } from "./components/Counter.tsx";

export default (_req: Request) =>
  new Response("<!DOCTYPE html>" + renderToStaticMarkup(<Counter start={3} />), {
    headers: { "content-type": "text/html" },
  });
