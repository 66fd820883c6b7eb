/** Packages that vals use, each with something to compute that goes through much of it. */

export interface CompatVal {
  readonly title: string;
  /** A module whose default export returns something that JSON can say. */
  readonly source: string;
}

const val = (title: string, imports: string, body: string): CompatVal => ({
  title,
  source: `${imports}\nexport default async () => {\n${body}\n};\n`,
});

export const COMPAT_VALS: readonly CompatVal[] = [
  val(
    "anthropic",
    'import Anthropic, { APIError } from "npm:@anthropic-ai/sdk@0.32.1";',
    `const fetch = async (url, { headers, body }) => Response.json({ url: String(url), key: headers["x-api-key"], sent: JSON.parse(body) });
  const client = new Anthropic({ apiKey: "k", fetch });
  const answer = await client.messages.create({ model: "m", max_tokens: 1, messages: [{ role: "user", content: "hi" }] });
  return [answer, new APIError(400, { a: 1 }, "m", {}).message];`,
  ),
  val(
    "discord.js",
    'import { EmbedBuilder, GatewayIntentBits, SlashCommandBuilder, PermissionsBitField } from "npm:discord.js@14.16.3";',
    `const embed = new EmbedBuilder().setTitle("t").setColor("Blue").addFields({ name: "n", value: "v" });
  const command = new SlashCommandBuilder().setName("ping").setDescription("d").addStringOption((o) => o.setName("x").setDescription("y"));
  return [embed.toJSON(), command.toJSON(), GatewayIntentBits.Guilds, new PermissionsBitField(8n).toArray()];`,
  ),
  val(
    "express",
    'import express from "npm:express@4.21.2";',
    `const app = express();
  const sent = [];
  app.use(express.json());
  app.get("/hi/:name", (req, res) => res.json({ name: req.params.name }));
  const res = { setHeader() {}, end: (chunk) => sent.push(String(chunk)), get() {}, req: {} };
  app.handle({ url: "/hi/you", method: "GET", headers: {}, listeners: () => [], unpipe() {}, resume() {} }, res, (error) => sent.push(String(error)));
  return [sent, typeof app.listen, app._router.stack.length, app._router.stack.at(-1).regexp.source];`,
  ),
  val(
    "figlet",
    'import figlet from "npm:figlet@1.8.0";',
    'return [figlet.textSync("val"), figlet.fontsSync().length > 100];',
  ),
  val(
    "grammy",
    'import { Bot, InlineKeyboard, session } from "npm:grammy@1.34.0";',
    `const bot = new Bot("1:a", { botInfo: { id: 1, is_bot: true, first_name: "b", username: "b" } });
  const seen = [];
  bot.use(session({ initial: () => ({ n: 0 }) }));
  bot.command("start", (c) => { c.session.n++; seen.push(c.match, c.session.n); });
  const message = { message_id: 1, date: 0, chat: { id: 1, type: "private", first_name: "x" }, from: { id: 1, is_bot: false, first_name: "x" }, text: "/start now", entities: [{ type: "bot_command", offset: 0, length: 6 }] };
  await bot.handleUpdate({ update_id: 1, message });
  return [seen, new InlineKeyboard().text("a", "b").inline_keyboard];`,
  ),
  val(
    "jsdom",
    'import { JSDOM } from "npm:jsdom@22.1.0";',
    `const { window } = new JSDOM('<p class="a">hi <b>you</b></p>', { url: "https://example.com/" });
  window.document.querySelector("b").textContent = "me";
  return [window.document.body.innerHTML, window.document.querySelectorAll("p.a > b").length, window.location.host];`,
  ),
  val(
    "marked, highlight.js and gray-matter",
    'import { marked } from "npm:marked@15.0.4";\nimport hljs from "npm:highlight.js@11.11.1";\nimport matter from "npm:gray-matter@4.0.3";',
    `const { data, content } = matter("---\\ntitle: T\\ntags: [a, b]\\n---\\n# Hi\\n\\n| a |\\n|---|\\n| *b* |\\n");
  return [data, marked.parse(content), hljs.highlight("const a: number = 1", { language: "typescript" }).value];`,
  ),
  val(
    "node-html-parser",
    'import parse, { parse as named } from "npm:node-html-parser@5.4.2";',
    `const root = named('<ul><li id="a">1</li><li>2</li></ul>');
  root.querySelector("#a").set_content("one");
  return [root.toString(), root.querySelectorAll("li").map((li) => li.text), typeof parse];`,
  ),
  val(
    "nodemailer, bcryptjs and jsonwebtoken",
    'import nodemailer from "npm:nodemailer@6.9.16";\nimport bcrypt from "npm:bcryptjs@2.4.3";\nimport jwt from "npm:jsonwebtoken@9.0.2";',
    `const transport = nodemailer.createTransport({ jsonTransport: true });
  const sent = await transport.sendMail({ from: "a@example.com", to: "b@example.com", subject: "s", text: "t", messageId: "<1@x>", date: new Date(0) });
  const token = jwt.sign({ a: 1, iat: 1 }, "secret");
  const hash = bcrypt.hashSync("pw", "$2a$04$abcdefghijklmnopqrstuu");
  return [JSON.parse(sent.message).subject, token, jwt.verify(token, "secret"), hash, bcrypt.compareSync("pw", hash)];`,
  ),
  val(
    "octokit",
    'import { Octokit, RequestError } from "npm:octokit@4.0.2";',
    `const fetch = async (url) => new Response(JSON.stringify([{ id: 1 }]), { headers: { "content-type": "application/json", link: "" } });
  const octokit = new Octokit({ request: { fetch } });
  const { data } = await octokit.rest.repos.listForUser({ username: "u" });
  return [data, await octokit.paginate(octokit.rest.issues.listForRepo, { owner: "o", repo: "r" }), RequestError.name];`,
  ),
  val(
    "pg",
    'import pg from "npm:pg@8.13.1";',
    `const { Pool, Client, types } = pg;
  const pool = new Pool({ connectionString: "postgres://u:p@h.example:5433/d" });
  return [typeof pool.query, new Client("postgres://u:p@h.example/d").host, types.getTypeParser(20)("7"), pool.options.connectionString];`,
  ),
  val(
    "pino",
    'import pino from "npm:pino@9.5.0";',
    `const lines = [];
  const log = pino({ base: undefined, timestamp: false, redact: ["secret"] }, { write: (line) => lines.push(JSON.parse(line)) });
  log.child({ a: 1 }).warn({ secret: "x" }, "hello %s", "you");
  return [lines, pino.levels.values];`,
  ),
  val(
    "postgres",
    'import postgres from "npm:postgres@3.4.5";',
    `const sql = postgres("postgres://u:p@h.example:5433/d", { max: 1 });
  const { options } = sql;
  await sql.end({ timeout: 0 });
  return [options.host, options.port, options.database, postgres.camel.column.from("a_b"), String(sql.json({ a: 1 }).type)];`,
  ),
  val(
    "preact",
    'import { h, Fragment } from "npm:preact@10.25.3";\nimport { useState } from "npm:preact@10.25.3/hooks";\nimport render from "npm:preact-render-to-string@6.5.11";',
    `const Counter = ({ from }) => { const [n] = useState(from); return h(Fragment, null, h("b", { class: "x" }, n), " & more"); };
  return render(h("div", null, h(Counter, { from: 3 })));`,
  ),
  val(
    "satori",
    'import satori from "npm:satori@0.12.0";',
    `const svg = await satori({ type: "div", props: { style: { display: "flex", width: 40, height: 20, background: "red", borderRadius: 5 } } }, { width: 80, height: 60, fonts: [] });
  return svg;`,
  ),
  val(
    "tiktoken",
    'import { get_encoding } from "npm:tiktoken@1.0.18";',
    `const encoder = get_encoding("cl100k_base");
  const tokens = [...encoder.encode("hello world, hello val")];
  const back = new TextDecoder().decode(encoder.decode(new Uint32Array(tokens)));
  encoder.free();
  return [tokens, back];`,
  ),
  val(
    "trpc, resvg-wasm and dayjs",
    'import { initTRPC, TRPCError } from "npm:@trpc/server@10.45.2";\nimport { Resvg, initWasm } from "npm:@resvg/resvg-wasm@2.6.2";\nimport dayjs from "npm:dayjs@1.11.13";\nimport utc from "npm:dayjs@1.11.13/plugin/utc.js";',
    `dayjs.extend(utc);
  const t = initTRPC.create();
  const router = t.router({ hi: t.procedure.input((x) => String(x)).query(({ input }) => "hi " + input), no: t.procedure.query(() => { throw new TRPCError({ code: "NOT_FOUND" }); }) });
  const caller = router.createCaller({});
  const failed = await caller.no().catch((error) => error.code);
  const before = await initWasm(new Uint8Array()).catch((error) => error.constructor.name);
  return [await caller.hi("you"), failed, before, typeof Resvg, dayjs.utc(0).add(1, "month").format("YYYY-MM-DD")];`,
  ),
  val(
    "cheerio",
    'import * as cheerio from "npm:cheerio@1.0.0";',
    `const $ = cheerio.load('<ul><li class="a">1</li><li>2</li></ul>');
  $("li.a").text("one").after("<li>1.5</li>");
  return [$("ul").html(), $("li").map((_, li) => $(li).text()).get(), cheerio.load("<a href='/x'>").root().find("a").attr("href")];`,
  ),
  val(
    "drizzle-orm",
    'import { and, eq, gt, sql } from "npm:drizzle-orm@0.38.2";\nimport { integer, sqliteTable, text, SQLiteSyncDialect, QueryBuilder } from "npm:drizzle-orm@0.38.2/sqlite-core";',
    `const users = sqliteTable("users", { id: integer("id").primaryKey(), name: text("name").notNull() });
  const query = new QueryBuilder().select({ n: sql\`count(*)\`, name: users.name }).from(users).where(and(eq(users.name, "x"), gt(users.id, 3)));
  return [query.toSQL(), typeof SQLiteSyncDialect];`,
  ),
  val(
    "zod",
    'import { z } from "npm:zod@3.24.1";',
    `const Schema = z.object({ a: z.coerce.number().int(), b: z.array(z.string().email()).min(1), c: z.enum(["x", "y"]).default("x") }).strict();
  const bad = Schema.safeParse({ a: "1.5", b: [], d: 1 });
  return [Schema.parse({ a: "1", b: ["a@example.com"] }), bad.error.issues.map(({ path, code, message }) => [path, code, message]), bad.error.name];`,
  ),
  val(
    "date-fns",
    'import { addMonths, format, formatDistance, parseISO } from "npm:date-fns@4.1.0";\nimport { de } from "npm:date-fns@4.1.0/locale";',
    `const date = parseISO("2024-01-31T12:00:00");
  return [format(addMonths(date, 1), "EEEE do MMMM yyyy", { locale: de }), formatDistance(date, addMonths(date, 2))];`,
  ),
  val(
    "lodash-es",
    'import _, { chunk, debounce, groupBy, template } from "npm:lodash-es@4.17.21";',
    `return [chunk([1, 2, 3], 2), groupBy([1, 2, 3], (n) => n % 2), _.startCase("foo bar"), typeof debounce(() => {}), template("<%= a %>!")({ a: 1 })];`,
  ),
  val(
    "react-dom/server",
    'import React, { createElement as h, useId } from "npm:react@18.3.1";\nimport { renderToReadableStream, renderToString } from "npm:react-dom@18.3.1/server";',
    `const Page = ({ name }) => h("p", { id: useId(), style: { color: "red" } }, "hi ", name);
  const stream = await renderToReadableStream(h(React.Suspense, { fallback: "…" }, h(Page, { name: "<you>" })));
  return [renderToString(h(Page, { name: "me" })), await new Response(stream).text(), React.version];`,
  ),
  val(
    "@libsql/client",
    'import { createClient, LibsqlError } from "npm:@libsql/client@0.14.0/web";',
    `const cell = (value) => ({ type: "integer", value });
  const result = { cols: [{ name: "one", decltype: null }], rows: [[cell("1")]], affected_row_count: 0, last_insert_rowid: null };
  const steps = (n) => ({ step_results: Array(n).fill(result), step_errors: Array(n).fill(null) });
  const fetch = async (request) => {
    const { requests } = await request.json();
    const results = requests.map(({ type, batch }) => ({ type: "ok", response: type === "batch" ? { type, result: steps(batch.steps.length) } : { type, result } }));
    return Response.json({ baton: null, base_url: null, results });
  };
  const client = createClient({ url: "https://db.example", fetch, intMode: "bigint" });
  const { rows, columns } = await client.execute("select 1 as one").catch((error) => ({ rows: [String(error)], columns: [] }));
  return [columns, rows.map((row) => String(row.one ?? row)), LibsqlError.name];`,
  ),
  val(
    "hono",
    'import { Hono } from "npm:hono@4.6.14";\nimport { cors } from "npm:hono@4.6.14/cors";\nimport { html } from "npm:hono@4.6.14/html";\nimport { streamSSE } from "npm:hono@4.6.14/streaming";',
    `const app = new Hono();
  app.use(cors());
  app.get("/hi/:name", (c) => c.html(html\`<b>\${c.req.param("name")}</b>\`));
  app.get("/sse", (c) => streamSSE(c, (stream) => stream.writeSSE({ data: "x", event: "e" })));
  const hi = await app.request("/hi/<you>");
  return [await hi.text(), hi.headers.get("access-control-allow-origin"), await (await app.request("/sse")).text(), (await app.request("/no")).status];`,
  ),
  val(
    "openai",
    'import OpenAI, { APIError } from "npm:openai@4.77.0";',
    `const chunks = ["a", "b"].map((content) => "data: " + JSON.stringify({ choices: [{ delta: { content } }] }) + "\\n\\n");
  const fetch = async () => new Response(chunks.join("") + "data: [DONE]\\n\\n", { headers: { "content-type": "text/event-stream" } });
  const client = new OpenAI({ apiKey: "k", fetch });
  let text = "";
  for await (const part of await client.chat.completions.create({ model: "m", stream: true, messages: [] })) text += part.choices[0].delta.content;
  return [text, new APIError(429, { message: "slow" }, undefined, {}).message, OpenAI.RateLimitError.name];`,
  ),
];

/** What the code of packages calls itself: seen in logs, and in error handling that goes by names. */
export const NAMES: CompatVal = val(
  "names",
  'import { APIError } from "npm:@anthropic-ai/sdk@0.32.1";\nimport { z } from "npm:zod@3.24.1";\nimport express from "npm:express@4.21.2";',
  `const app = express().use(express.json());
  class Own { static make() { return new Own(); } }
  return [APIError.name, z.ZodError.name, Own.make().constructor.name, Top.make().constructor.name, app._router.stack.map((layer) => layer.name)];
};
class Top { static make() { return new Top(); }`,
);

/** Packages with native code: they stay out of the bundle, each for its reason. */
export const NATIVE_VALS: readonly CompatVal[] = [
  val(
    "sharp",
    'import sharp from "npm:sharp@0.33.5";',
    `const red = { create: { width: 4, height: 2, channels: 3, background: { r: 255, g: 0, b: 0 } } };
  const { data, info } = await sharp(red).resize(2, 1).raw().toBuffer({ resolveWithObject: true });
  return [[...data], info.width, info.height];`,
  ),
  val(
    "better-sqlite3",
    'import Database from "npm:better-sqlite3@11.7.0";',
    'let error; try { new Database(":memory:"); } catch (e) { error = e.message.split("\\n")[0].replace(/\\/\\S+/g, ""); }\n  return [typeof Database, Database.name, error];',
  ),
];
