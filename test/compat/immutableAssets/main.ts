import { immutableFileUrl, parseVal, serveImmutableFile } from "https://esm.town/v/std/utils/index.ts";
import { Hono } from "npm:hono";

const app = new Hono();

app.get("/", (c) => c.html(`<script type="module" src="${immutableFileUrl("/client/app.ts")}"></script>`));
app.get("/__immutable/*", (c) => serveImmutableFile(c.req.path));
app.get("/client/*", (c) => serveImmutableFile(c.req.path));
app.get("/source", (c) => c.redirect(parseVal().links.self.val));

export default app.fetch;
