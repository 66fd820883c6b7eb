// Routes, parameters and JSON with Hono
import { Hono } from "npm:hono@4.13.19";

const app = new Hono();

app.get("/", (c) => c.text("Try /hello/you, or POST some JSON to /echo\n"));
app.get("/hello/:name", (c) => c.json({ hello: c.req.param("name") }));
app.post("/echo", async (c) => c.json({ youSent: await c.req.json() }, 201));

app.notFound((c) => c.json({ error: `Nothing at ${c.req.path}` }, 404));
app.onError((error, c) => c.json({ error: error.message }, 400));

export default app.fetch;
