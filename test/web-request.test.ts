/** What is beside the editor: previews, requests and their streams, runs. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { makeTempFolder, type TestVal } from "./support/server.ts";
import { startWeb, type Web } from "./support/web.ts";

const SOURCE = `
let left = 0;
let go;
const told = new Promise((done) => { go = done; });
const utf8 = new TextEncoder();
const later = (ms) => new Promise((done) => setTimeout(done, ms));
async function* emoji() {
  for (let pause = 10; ; pause *= 1.05) { yield "😀"; await later(pause); }
}
async function* stall() {
  for (let n = 0; n < 12; n++) { yield "line " + n + "\\n"; await later(15); }
  await later(1e8);
}
async function* events() {
  for (let n = 1; ; n++) { yield "id: " + n + "\\nevent: tick\\ndata: {\\"n\\":" + n + "}\\n\\n"; await later(60); }
}
function stream(pieces, type) {
  return new Response(new ReadableStream({
    async pull(controller) { controller.enqueue(utf8.encode((await pieces.next()).value)); },
    cancel() { left++; },
  }), { headers: { "content-type": type } });
}
export default async (req) => {
  const { pathname } = new URL(req.url);
  if (pathname === "/emoji") return stream(emoji(), "text/plain; charset=utf-8");
  if (pathname === "/stall") return stream(stall(), "text/plain; charset=utf-8");
  if (pathname === "/events") return stream(events(), "text/event-stream");
  if (pathname === "/go") return new Response(go() ?? "gone");
  if (pathname === "/left") return new Response("left " + left);
  if (pathname === "/old") return new Response(null, { status: 302, headers: { location: "/echo?from=old" } });
  if (pathname === "/count") {
    let n = 0;
    for await (const piece of req.body) {
      if (n === 0) await told;
      n += piece.length;
    }
    return Response.json({ n, length: req.headers.get("content-length") });
  }
  if (pathname === "/echo") {
    const headers = [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-evil", "<img src=x onerror=alert(1)>"]];
    const body = { method: req.method, url: req.url, headers: Object.fromEntries(req.headers), body: await req.text() };
    return Response.json(body, { headers });
  }
  return new Response("<h1>One</h1>", { headers: { "content-type": "text/html" } });
};`;

let web: Web;
let val: TestVal;

beforeAll(async () => {
  web = await startWeb();
  val = await web.hamlet.val("streams", {
    "main.http.ts": SOURCE,
    "job.ts": 'console.log("working"); console.warn("careful"); export default new Map([["a", 1]]);',
    "tick.interval.ts": 'export default () => { console.log("tick"); throw new Error("no luck"); };',
    "mail.email.ts": "export default (mail) => { console.log(`from ${mail.from}: ${mail.subject}`); };",
    "socket.http.ts": `export default (req) => {
      const { socket, response } = Deno.upgradeWebSocket(req);
      socket.onmessage = ({ data }) => { socket.send("you said " + data); if (data === "bye") socket.close(4001, "done"); };
      return response;
    };`,
  });
}, 60_000);
afterAll(() => web?.[Symbol.asyncDispose]());

async function open(page: Page, path: string, tab: string): Promise<void> {
  await page.goto(`${web.url}/x/tester/streams/code/${path}`);
  await page.getByRole("tab", { name: tab, exact: true }).click();
}

async function send(page: Page, path: string): Promise<void> {
  await page.getByLabel("Path with query").fill(path);
  await page.getByRole("button", { name: "Send" }).click();
}

/** Waits until the picture says so. */
const pictured = (page: Page, words: RegExp) => page.getByRole("img", { name: words }).waitFor();

test("the preview shows the endpoint, goes to paths, and changes after a save without a reload of the page", async () => {
  const page = await web.person();
  await open(page, "main.http.ts", "Preview");
  const frame = page.frameLocator('iframe[title="Preview"]');
  await frame.getByRole("heading", { name: "One" }).waitFor();
  await page.evaluate("kept = true");
  const editor = page.locator(".cm-content").first();
  await editor.click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(SOURCE.replace("<h1>One", "<h1>Two"));
  await page.keyboard.press("ControlOrMeta+s");
  await frame.getByRole("heading", { name: "Two" }).waitFor();
  expect(await page.evaluate("kept")).toBe(true);
  await page.getByLabel("Path of the preview").fill(`${val.endpoint}/left`);
  await page.getByLabel("Path of the preview").press("Enter");
  await frame.getByText("left 0").waitFor();
  expect(await page.getByLabel("Path of the preview").inputValue()).toBe("/left");
  await page.context().close();
});

test("a request with JSON is checked, sent, answered, remembered; a redirect is shown and followed by who wants it", async () => {
  const page = await web.person();
  await open(page, "main.http.ts", "Request");
  await page.getByLabel("Method").selectOption("POST");
  await page.getByLabel("Kind of body").selectOption("json");
  const body = page.getByRole("textbox", { name: "Body" });
  await body.fill('{"a":');
  await page.getByText("This is no JSON").waitFor();
  await body.fill('{"a":[1]}');
  await page.getByRole("tab", { name: "Headers" }).click();
  await page.getByLabel("Header 1: name").fill("x-my");
  await page.getByLabel("Header 1: value").fill("own");
  await page.getByLabel("Path with query").fill("/echo");
  await page.getByLabel("Path with query").press("ControlOrMeta+Enter");
  const answer = page.getByRole("region", { name: "Answer", exact: true });
  await answer.getByText("200 OK").waitFor();
  const json = answer.getByRole("region", { name: "JSON of the answer" });
  await json.getByText('"x-my": "own"').waitFor();
  await json.getByText('"body": "{\\"a\\":[1]}"').waitFor();
  await answer.getByRole("tab", { name: /^Headers/ }).click();
  await answer.getByText("<img src=x onerror=alert(1)>").waitFor();
  expect(await page.context().cookies(web.url)).not.toContainEqual(expect.objectContaining({ name: "a" }));
  expect(await answer.getByRole("link", { name: "Trace" }).getAttribute("href")).toMatch(
    /streams\/traces\/[0-9a-f]{32}$/,
  );

  await page.getByLabel("Method").selectOption("GET");
  await send(page, "/old");
  await answer.getByText("302").waitFor();
  await answer.getByRole("button", { name: "Follow" }).click();
  await json.getByText("/echo?from=old").waitFor();
  await page.getByRole("tab", { name: /^History/ }).click();
  await page.getByRole("button", { name: "Send POST /echo again" }).click();
  await json.getByText('"body": "{\\"a\\":[1]}"').waitFor();
  await page.reload();
  await page.getByRole("tab", { name: "Request", exact: true }).click();
  await page.getByRole("tab", { name: /^History/ }).click();
  expect(await page.getByRole("button", { name: /again$/ }).count()).toBe(3);
  await page.context().close();
});

test("streams are seen as they come: one that slows down, one that stalls, events as rows; to cancel one reaches the val", async () => {
  const page = await web.visitor();
  await open(page, "main.http.ts", "Request");
  await send(page, "/emoji");
  await pictured(page, /^\d+ chunks.*streaming$/);
  const bars = async () => (await page.locator(".stream-came").getAttribute("d"))!.split("M").length;
  const few = await bars();
  while ((await bars()) < few + 5);
  await page.getByRole("region", { name: "Text of the answer" }).getByText("😀😀😀").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await pictured(page, /stopped$/);

  await send(page, "/stall");
  await pictured(page, /chunks? in .*stalled for \d/);
  await page.locator(".stream-now.stalled").getByText("stalled for").waitFor();
  await page.getByRole("slider", { name: "Chunk" }).focus();
  await page.keyboard.press("End");
  await page
    .getByRole("slider", { name: "Chunk" })
    .and(page.locator('[aria-valuetext*="line 11"]'))
    .waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();

  await send(page, "/events");
  const rows = page.getByRole("table").getByRole("row");
  await rows.filter({ hasText: '{"n":3}' }).filter({ hasText: "tick" }).waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText(/ more$/).waitFor();
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download what came" }).click();
  expect(await new Response((await (await downloading).createReadStream()) as never).text()).toStartWith(
    "id: 1\nevent: tick\n",
  );
  await page.getByRole("button", { name: "Cancel" }).click();

  let left = "";
  while (left !== "left 3") left = await (await web.hamlet.fetch(val, "/left")).text();
  await page.context().close();
});

test("20 MB arrive whole, and one sees how far they are", async () => {
  const page = await web.visitor();
  await open(page, "main.http.ts", "Request");
  await page.getByLabel("Method").selectOption("PUT");
  await page.getByLabel("Kind of body").selectOption("file");
  using folder = makeTempFolder();
  await Bun.write(`${folder.path}/big.bin`, Buffer.alloc(20_000_001, 7));
  await page.locator('input[type="file"]').setInputFiles(`${folder.path}/big.bin`);
  await send(page, "/count");
  // The val reads no more until it is told to: nobody in between collects what it has not read.
  await page.getByRole("progressbar", { name: "Upload" }).waitFor();
  await page.getByText(/^\d.* MB of 20\.0 MB · [1-9]\d? %$/).waitFor();
  expect(await (await web.hamlet.fetch(val, "/go")).text()).toBe("gone");
  await page.getByRole("region", { name: "JSON of the answer" }).getByText('"n": 20000001').waitFor();
  await page.getByText('"length": "20000001"').waitFor();
  await pictured(page, /^20\.0 MB sent, 1 chunk/);
  await page.context().close();
});

test("what has no address is run: scripts with their value, the clock's files, mails; others sign in first", async () => {
  const page = await web.person();
  const run = page.getByRole("region", { name: "Run", exact: true });
  // What shows the run may come after it was asked for.
  const asked = Promise.withResolvers<void>();
  await page.route(/\/preview-pane-/, (route) => asked.promise.then(() => route.continue()));
  await page.goto(`${web.url}/x/tester/streams/code/job.ts`);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  asked.resolve();
  await run.getByText('Map(1) { "a" => 1 }').waitFor();
  await run.getByRole("region", { name: "Output" }).getByText("careful").waitFor();
  await page.goto(`${web.url}/x/tester/streams/code/tick.interval.ts`);
  await page.getByRole("button", { name: "Run now" }).click();
  await run.getByText("Error: no luck").first().waitFor();
  await run.getByRole("region", { name: "Output" }).getByText("tick", { exact: true }).waitFor();
  await page.goto(`${web.url}/x/tester/streams/code/mail.email.ts`);
  await page.getByLabel("Subject").fill("Good news");
  await page.getByRole("button", { name: "Send the test mail" }).click();
  await run.getByText("Good news").waitFor();
  await run.getByText("done").waitFor();
  await page.goto(`${web.url}/x/tester/streams/code/socket.http.ts`);
  await page.getByRole("tab", { name: "WebSocket" }).click();
  await page.getByRole("button", { name: "Connect" }).click();
  await page.getByText("Connected.").waitFor();
  for (const text of ["hello", "bye"]) {
    await page.getByLabel("Message", { exact: true }).fill(text);
    await page.keyboard.press("Enter");
    await page.getByText(`you said ${text}`).waitFor();
  }
  await page.getByText("Closed, code 4001: done.").waitFor();
  await page.context().close();
  const visitor = await web.visitor();
  await visitor.goto(`${web.url}/x/tester/streams/code/tick.interval.ts`);
  await visitor.getByRole("heading", { name: "Sign in to run this file" }).waitFor();
  expect(web.problems).toEqual([]);
});
