import { Hono } from "npm:hono@4.6.14";
import { deleteCookie, getCookie, setCookie } from "npm:hono@4.6.14/cookie";
import { sqlite } from "https://esm.town/v/std/sqlite/main.ts";

await sqlite.execute(`CREATE TABLE IF NOT EXISTS sessions (
  id TEXT PRIMARY KEY,
  user TEXT NOT NULL,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP
)`);

const app = new Hono();

app.post("/login", async (c) => {
  const { name, password } = await c.req.parseBody();
  if (password !== "hunter2") return c.text("Wrong password", 401);
  const id = crypto.randomUUID();
  await sqlite.execute({ sql: "INSERT INTO sessions (id, user) VALUES (?, ?)", args: [id, String(name)] });
  setCookie(c, "session", id, { httpOnly: true, sameSite: "Lax", path: "/", maxAge: 3600 });
  return c.redirect("/");
});

app.post("/logout", async (c) => {
  await sqlite.execute({ sql: "DELETE FROM sessions WHERE id = ?", args: [getCookie(c, "session") ?? ""] });
  deleteCookie(c, "session");
  return c.redirect("/login");
});

app.get("/", async (c) => {
  const id = getCookie(c, "session");
  const { rows } = await sqlite.execute({ sql: "SELECT user FROM sessions WHERE id = ?", args: [id ?? null] });
  if (rows.length === 0) return c.redirect("/login");
  return c.text(`Welcome back, ${rows[0].user}`);
});

export default app.fetch;
