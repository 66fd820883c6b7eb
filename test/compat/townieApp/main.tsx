/** @jsxImportSource https://esm.sh/react@18.2.0 */
import React, { useState } from "https://esm.sh/react@18.2.0";
import { createRoot } from "https://esm.sh/react-dom@18.2.0/client";

function App() {
  const [items, setItems] = useState<string[]>([]);
  const add = async (text: string) => {
    const res = await fetch("/add", { method: "POST", body: JSON.stringify({ text }) });
    setItems((await res.json()).items);
  };
  return (
    <div className="app">
      <button onClick={() => add("item")}>Add</button>
      <ul>{items.map((item, i) => <li key={i}>{item}</li>)}</ul>
    </div>
  );
}

function client() {
  createRoot(document.getElementById("root")!).render(<App />);
}
if (typeof document !== "undefined") { client(); }

export default async function server(request: Request): Promise<Response> {
  const { sqlite } = await import("https://esm.town/v/std/sqlite/main.ts");
  await sqlite.execute(`CREATE TABLE IF NOT EXISTS items_1 (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT)`);

  if (request.method === "POST" && new URL(request.url).pathname === "/add") {
    const { text } = await request.json();
    await sqlite.execute({ sql: `INSERT INTO items_1 (text) VALUES (?)`, args: [text] });
    const result = await sqlite.execute(`SELECT text FROM items_1 ORDER BY id`);
    return Response.json({ items: result.rows.map((row) => row.text) });
  }

  return new Response(`
    <html>
      <head>
        <title>App</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
      </head>
      <body>
        <div id="root"></div>
        <script src="https://esm.town/v/std/catch"></script>
        <script type="module" src="${import.meta.url}"></script>
      </body>
    </html>
  `, { headers: { "content-type": "text/html" } });
}
