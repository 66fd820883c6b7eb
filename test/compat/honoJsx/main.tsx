/** @jsxImportSource npm:hono@4/jsx */
import { Hono } from "npm:hono@4";
import { html } from "npm:hono@4/html";
import { Layout } from "./layout.tsx";

const app = new Hono();
const messages = ["fast & small", "typed"];

app.get("/", (c) =>
  c.html(html`<!DOCTYPE html>${
    <Layout title="Messages">
      <ul>{messages.map((m) => <li>{m}</li>)}</ul>
    </Layout>
  }`));

export default app;
