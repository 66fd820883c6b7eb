/** What new vals begin as: each template is made, and answers or runs once. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { type ExampleFile, readFiles } from "../src/examples.ts";
import { addUser, type TestVal } from "./support/server.ts";
import { startWeb, type Web } from "./support/web.ts";

const EXAMPLES = join(import.meta.dir, "../examples");
const NEW = join(import.meta.dir, "../src/web/pages/new");
const TEMPLATES = join(NEW, "templates");

let web: Web;
beforeAll(async () => {
  web = await startWeb();
});
afterAll(async () => {
  await web?.[Symbol.asyncDispose]();
});

test("each template has a folder of its own", () => {
  const text = readFileSync(join(NEW, "templates.ts"), "utf8");
  const ids = [...text.matchAll(/^ {4}id: "(\w+)"/gm)];
  expect(ids.map(([, id]) => id!).sort()).toEqual(readdirSync(TEMPLATES).sort());
});

test("http answers with what it was asked", async () => {
  const val = await start("http");
  expect(await (await web.hamlet.fetch(val, "/a?name=Ann")).json()).toMatchObject({
    hello: "Ann",
    path: "/a",
  });
  const posted = await web.hamlet.fetch(val, "/", { method: "POST", body: "hi" });
  expect([posted.status, await posted.json()]).toEqual([201, { youSent: "hi" }]);
});

test("hono and react answer, with the packages of the examples", async () => {
  const [hono, react] = await Promise.all([start("hono"), start("react")]);
  expect(await (await web.hamlet.fetch(hono, "/hello/ann")).json()).toEqual({ hello: "ann" });
  const page = await (await web.hamlet.fetch(react, "/?name=Ann")).text();
  expect([page, page]).toEqual([
    expect.stringContaining("on their way"),
    expect.stringContaining("Baker opens at five"),
  ]);
});

test("sse sends events, which its page shows", async () => {
  const page = await visit("sse");
  await page.getByText("Connected.").waitFor();
  await page.getByRole("listitem").first().waitFor();
  await page.context().close();
});

test("websocket tells everyone what one says", async () => {
  const page = await visit("websocket");
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.getByText("2 are here.").waitFor();
  await page.getByLabel("Say something").fill("<b>hello</b>");
  await page.getByRole("button", { name: "Send" }).click();
  await other.getByText("<b>hello</b>").waitFor();
  await page.context().close();
});

test("llm asks the town's model, and shows the answer as it comes", async () => {
  const { token } = await addUser(web.hamlet.data, "me");
  await make("demoModel", await readFiles(join(EXAMPLES, "demoModel")), token);
  const page = await visit("llm");
  await page.getByLabel("Your question").fill("What do sheep dream of?");
  await page.getByRole("button", { name: "Ask" }).click();
  await page.locator(".answer", { hasText: /\w{3,} \w+/ }).waitFor();
  await page.context().close();
});

test("cron runs, and shows when", async () => {
  const val = await start("cron");
  const run = await web.hamlet.api(`/v3/vals/${val.id}/run`, { json: { path: "cron.ts" } });
  expect(await run.json()).toMatchObject({ status: "ok" });
  const { lastRuns } = (await (await web.hamlet.fetch(val)).json()) as { lastRuns: string[] };
  expect(lastRuns.length).toBeGreaterThanOrEqual(1);
});

test("email reads what comes", async () => {
  const val = await start("email");
  const json = { from: "Ann <ann@example.com>", subject: "Good morning", text: "Hello" };
  const sent = await web.hamlet.api(`/v2/vals/${val.id}/files/email?path=email.ts`, { json });
  expect(await sent.json()).toMatchObject({ status: "ok" });
  expect(await (await web.hamlet.fetch(val)).json()).toMatchObject({
    writeTo: expect.stringContaining("@"),
    lastMail: { subject: "Good morning", text: "Hello" },
  });
});

/** A template as a val of the tester's. */
async function start(id: string): Promise<TestVal> {
  const made = await make(id, await readFiles(join(TEMPLATES, id)), web.hamlet.token);
  const host = `tester-${id}.web.localhost:${web.hamlet.port}`;
  return { id: made.id, name: id, endpoint: `http://${host}/`, host };
}

/** The same, looked at. */
async function visit(id: string): Promise<Page> {
  const val = await start(id);
  const page = await web.visitor();
  await page.goto(val.endpoint);
  return page;
}

/** A public val of whom the token belongs to. */
async function make(name: string, files: readonly ExampleFile[], token: string): Promise<{ id: string }> {
  const made = await web.hamlet.api("/v2/vals", {
    json: { name, privacy: "public", files },
    headers: { authorization: `Bearer ${token}` },
  });
  const val = (await made.json()) as { id: string; diagnostics?: unknown };
  expect([made.status, val.diagnostics]).toEqual([201, undefined]);
  return val;
}
