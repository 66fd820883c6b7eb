/** @jsxImportSource https://esm.sh/react@18.2.0 */
import { renderToString } from "https://esm.sh/react-dom@18.2.0/server";

function App({ name }: { name: string }) {
  return (
    <html>
      <body>
        <h1 style={{ color: "teal" }}>Hello {name}</h1>
        <ul>
          {[1, 2, 3].map((n) => <li key={n}>{n}</li>)}
        </ul>
      </body>
    </html>
  );
}

export default async function(req: Request): Promise<Response> {
  const name = new URL(req.url).searchParams.get("name") ?? "world";
  return new Response(renderToString(<App name={name} />), {
    headers: { "Content-Type": "text/html; charset=utf-8" },
  });
}
