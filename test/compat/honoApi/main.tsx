import { Hono } from "https://esm.sh/hono@4.6.14";
import { bearerAuth } from "https://esm.sh/hono@4.6.14/bearer-auth";
import { poweredBy } from "npm:hono@4.6.14/powered-by";

const app = new Hono();
app.use("*", poweredBy());
app.use("/private", bearerAuth({ token: "letmein" }));

app.get("/", (c) => c.text("Hello from Hono"));
app.get("/books/:id", (c) => c.json({ id: c.req.param("id"), lang: c.req.query("lang") }));
app.post("/books", async (c) => {
  const { title } = await c.req.json();
  return c.json({ created: title }, 201);
});
app.get("/private", (c) => c.text("secret"));

export default app.fetch;
