import { listFiles, parseProject, readFile, serveFile } from "https://esm.town/v/std/utils@85-main/index.ts";
import { Hono } from "npm:hono@4.6.14";

const app = new Hono();

app.get("/frontend/*", (c) => serveFile(c.req.path, import.meta.url));
app.get("/shared/*", (c) => serveFile(c.req.path, import.meta.url));
app.get("/files", async (c) => c.json((await listFiles(import.meta.url)).map((f) => f.path).sort()));
app.get("/source", (c) => c.redirect(parseProject(import.meta.url).links.self.project));

app.get("/", async (c) => {
  let html = await readFile("/frontend/index.html", import.meta.url);
  const dataScript = `<script>window.__INITIAL__ = ${JSON.stringify({ title: "Starter" })};</script>`;
  html = html.replace("</head>", `${dataScript}</head>`);
  return c.html(html);
});

export default app.fetch;
