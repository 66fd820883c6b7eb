/** One long way through the town in a real browser, from the first link to the dark: that the whole holds together. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { makeTempFolder, type TestVal } from "./support/server.ts";
import { startWeb, type Web } from "./support/web.ts";

const PASSWORD = "correct horse";
const TEMPLATE = join(import.meta.dir, "../src/web/pages/new/templates/streaming/main.ts");
const WINDOW = { viewport: { width: 1280, height: 800 } };

let web: Web;
/** The operator, by the link that the town prints. */
let me: Page;
/** Who comes later. */
let ann: Page;
/** What the template says, and then what `me` makes of it. */
let template: string;
let edited: string;
const words = (): TestVal => {
  const host = `me-words.web.localhost:${web.hamlet.port}`;
  return { id: "", name: "words", endpoint: `http://${host}/`, host };
};

beforeAll(async () => {
  web = await startWeb({ examples: ["robPikeIO", "reportBodySize"], args: ["--sign-up", "open"] });
  template = await Bun.file(TEMPLATE).text();
  edited = template
    .replace("A val can answer", "A town can answer")
    .replace("handle()", "handle(request: Request)")
    .replace("ReadableStream.from(words())", "ReadableStream.from(words(new URL(request.url).pathname))")
    .replace(
      "words(): AsyncGenerator<string> {",
      'words(path: string): AsyncGenerator<string> {\n  console.log("asked for", path);',
    )
    .replace(
      "yield word;",
      'yield word;\n    if (path === "/stall" && word === "before ") await pause(1e8);',
    );
}, 60_000);
afterAll(() => web?.[Symbol.asyncDispose]());

const at = (path: string) => web.url + path;
const press = (page: Pick<Page, "getByRole">, name: string) =>
  page.getByRole("button", { name, exact: true }).click();
const pictured = (page: Page, says: RegExp) => page.getByRole("img", { name: says }).waitFor();

/** Puts `text` in place of all that the open file has, and saves. */
async function save(page: Page, path: string, text: string, version: number): Promise<void> {
  await page.getByRole("textbox", { name: `Text of ${path}` }).click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(text);
  await page.getByText("Unsaved", { exact: true }).waitFor();
  await page.keyboard.press("ControlOrMeta+s");
  await page.getByText(`Saved, v${version}`, { exact: true }).waitFor();
}

/** The first words of what the val's endpoint answers now; the rest is not waited for. */
async function begins(): Promise<string> {
  const answer = await web.hamlet.fetch(words());
  let text = "";
  for await (const chunk of answer.body!) {
    text += new TextDecoder().decode(chunk, { stream: true });
    if (text.split(" ").length > 3) break;
  }
  return text.split(" ").slice(0, 3).join(" ");
}

async function send(page: Page, path: string): Promise<void> {
  await page.getByRole("tab", { name: "Request", exact: true }).click();
  await page.getByLabel("Path with query").fill(path);
  await press(page, "Send");
}

test("the printed link leads to a password and a first val, whose preview changes when it is saved", async () => {
  me = await web.visitor(WINDOW);
  await me.goto(await web.welcomeLink());
  await me.getByLabel("New password").fill(PASSWORD);
  await press(me, "Set the password and go on");
  await me.getByRole("radio", { name: "Streaming", checked: true }).waitFor();
  await press(me, "Create val");
  await me.waitForURL(at("/x/me/words"));
  const preview = me.frameLocator('iframe[title="Preview"]');
  await preview.getByText("A val can answer").waitFor();
  await me.evaluate("globalThis.sameDocument = true");
  await save(me, "main.ts", edited, 2);
  await preview.getByText("A town can answer").waitFor();
  expect(await me.evaluate("globalThis.sameDocument")).toBe(true);
}, 60_000);

test("a stream that slows down and one that stalls are told apart, and their logs are there at once", async () => {
  const lines = me.getByRole("region", { name: "Log lines" }).getByRole("listitem");
  await send(me, "/stall");
  await pictured(me, /stalled for \d/);
  await me
    .getByRole("region", { name: "Text of the answer" })
    .getByText("A town can answer before")
    .waitFor();
  await lines.filter({ hasText: "asked for /stall" }).waitFor();
  await press(me, "Cancel");

  await me.goto(at("/x/me/robPikeIO"));
  await me.getByText("Live", { exact: true }).waitFor();
  await send(me, "/");
  await pictured(me, /^\d\d? chunks.*, streaming$/);
  const before = (await me.locator(".stream-came").getAttribute("d"))!.length;
  await pictured(me, /^(?:[5-9]\d|1\d\d) chunks.*, streaming$/);
  expect((await me.locator(".stream-came").getAttribute("d"))!.length).toBeGreaterThan(before);
  await press(me, "Cancel");
  await lines.filter({ hasText: /The reader left after \d+ emoji/ }).waitFor();
  // The town has seen the same as the page: the trace shows it.
  await me.getByRole("region", { name: "Answer", exact: true }).getByRole("link", { name: "Trace" }).click();
  await pictured(me, /^(?:[5-9]\d|1\d\d) chunks/);
}, 60_000);

test("20 MB go through the request panel, are seen on their way, and arrive whole", async () => {
  using folder = makeTempFolder();
  await Bun.write(`${folder.path}/big.bin`, Buffer.alloc(20_000_001, 7));
  await me.goto(at("/x/me/reportBodySize"));
  await me.getByRole("tab", { name: "Request", exact: true }).click();
  await me.getByLabel("Method").selectOption("POST");
  await me.getByLabel("Kind of body").selectOption("file");
  await me.locator('input[type="file"]').setInputFiles(`${folder.path}/big.bin`);
  // A line on which it takes as long as is needed to see it.
  const line = await me.context().newCDPSession(me);
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 10_000_000 };
  await line.send("Network.emulateNetworkConditions", slow);
  await press(me, "Send");
  await me.getByRole("progressbar", { name: "Upload" }).waitFor();
  await me.getByText(/ of 20\.0 MB · [1-9]\d? %$/).waitFor();
  await me.getByRole("region", { name: "Answer", exact: true }).getByText("20000001").first().waitFor();
  await pictured(me, /^20\.0 MB sent, 1 chunk/);
  await line.detach();
}, 60_000);

test("history shows what a save has changed, and goes back to what was before", async () => {
  await me.goto(at("/x/me/words"));
  await me.getByRole("link", { name: "History", exact: true }).click();
  await me.getByRole("link", { name: "Changed main.ts" }).click();
  const file = me.getByRole("region", { name: "main.ts" });
  await file.getByRole("textbox", { name: "main.ts, before" }).getByText("A val can answer").waitFor();
  await file.getByRole("textbox", { name: "main.ts, after" }).getByText("A town can answer").waitFor();
  await me.goto(at("/x/me/words/history/1"));
  await press(me, "Revert to version 1");
  await press(me, "Revert");
  await me.getByText("Version 3 has everything as in version 1.").first().waitFor();
  expect(await begins()).toBe("A val can");
  await press(me, "Undo");
  await me.getByText("Undone: version 4 is as version 2 was.").first().waitFor();
  expect(await begins()).toBe("A town can");
}, 60_000);

test("a branch has an address and a preview of its own until it is merged", async () => {
  await me.goto(at("/x/me/words"));
  await press(me, "Branch main");
  await me.getByRole("menuitem", { name: "New branch…" }).click();
  await me.getByRole("dialog").getByLabel("Name").fill("dev");
  await press(me, "Create branch");
  await me.waitForURL(at("/x/me/words/branch/dev"));
  await press(me, "Branch dev");
  await me.keyboard.press("Escape");
  await save(me, "main.ts", edited.replace("A town can", "A branch can"), 5);
  await me.frameLocator('iframe[title="Preview"]').getByText("A branch can answer").waitFor();
  await me.getByRole("region", { name: "Log lines" }).getByText("main.ts · dev").first().waitFor();
  expect(await begins()).toBe("A town can");
  await me.getByRole("link", { name: "Branches", exact: true }).click();
  await me.getByRole("link", { name: "1 file ahead" }).click();
  await press(me, "Merge into main");
  await me.getByRole("heading", { name: "Version 5" }).waitFor();
  expect(await begins()).toBe("A branch can");
}, 60_000);

test("somebody signs up, remixes the val and proposes a change, which its owner merges", async () => {
  ann = await web.visitor(WINDOW);
  await ann.goto(at("/x/me/words"));
  await ann.getByRole("link", { name: "Remix" }).click();
  await ann.getByRole("link", { name: "Make an account" }).click();
  await ann.getByLabel("Username").fill("ann");
  await ann.getByLabel(/^Password/).fill(PASSWORD);
  await press(ann, "Make the account");
  await ann.waitForURL(at("/x/me/words"));
  await press(ann, "Remix");
  await press(ann.getByRole("dialog"), "Remix");
  await ann.waitForURL(at("/x/ann/words"));
  await save(ann, "main.ts", edited.replace("A town can", "A friend can"), 2);
  await ann.getByRole("link", { name: "Pull requests" }).click();
  await press(ann, "Propose changes to me/words");
  await ann.getByLabel("Title").fill("Friends");
  await press(ann, "Open pull request");
  await ann.waitForURL(at("/x/me/words/pulls/1"));

  await me.getByRole("link", { name: "Pull requests" }).click();
  await me.getByRole("link", { name: "Friends" }).click();
  await me.getByRole("textbox", { name: "main.ts, after" }).getByText("A friend can").waitFor();
  await press(me, "Merge");
  await me.getByText("merged", { exact: true }).waitFor();
  expect(await begins()).toBe("A friend can");
}, 60_000);

test("the code that Share copies puts the val, at work, into a foreign page", async () => {
  await me.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: web.url });
  await press(me, "Share");
  await me.getByRole("menuitem", { name: "Copy embed code" }).click();
  await me.getByText("The embed code is copied.").first().waitFor();
  const html = (await me.evaluate("navigator.clipboard.readText()")) as string;
  const headers = { "content-type": "text/html" };
  using foreign = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response(html, { headers }) });
  const page = await web.visitor();
  await page.goto(`http://127.0.0.1:${foreign.port}/`);
  const frame = page.frameLocator("iframe");
  await frame.getByText("A friend can answer before it knows").first().waitFor();
  await frame.frameLocator("iframe").getByText("A friend can").waitFor();
  await page.context().close();
}, 60_000);

test("what is put into the database and the blobs by hand is there for the val's code", async () => {
  await me.goto(at("/x/me/words/sqlite"));
  await press(me, "Make one with SQL");
  const sql = me.getByLabel("SQL", { exact: true });
  await sql.press("ControlOrMeta+a");
  await sql.press("Delete");
  await me.keyboard.insertText(
    "create table poems (line text); insert into poems values ('a row'); select * from poems",
  );
  await sql.press("ControlOrMeta+Enter");
  await me.getByRole("gridcell", { name: "a row" }).waitFor();
  await me.getByRole("link", { name: "Blobs" }).click();
  const note = { name: "note.txt", mimeType: "text/plain", buffer: Buffer.from("a blob") };
  await me.getByLabel("Files to upload").setInputFiles(note);
  await me.getByRole("table", { name: "Blobs" }).getByRole("button", { name: "note.txt" }).click();
  await me.getByRole("dialog").getByText("a blob").waitFor();
  await press(me.getByRole("dialog"), "Close");
  await me.getByRole("link", { name: "Code", exact: true }).click();
  await press(me, "New file");
  await me.getByRole("textbox", { name: "Name" }).fill("kept.ts");
  await me.getByRole("combobox", { name: "Kind" }).selectOption("http");
  await press(me, "Create file");
  const source = `import { blob } from "https://esm.town/v/std/blob/main.ts";
import { sqlite } from "https://esm.town/v/std/sqlite/main.ts";
export default async () => {
  const { rows } = await sqlite.execute("select line from poems");
  return new Response(rows[0].line + " and " + (await (await blob.get("note.txt")).text()));
};`;
  await save(me, "kept.ts", source, 8);
  await me.frameLocator('iframe[title="Preview"]').getByText("a row and a blob").waitFor();
}, 60_000);

test("a token is shown once and works until it is revoked", async () => {
  await me.goto(at("/settings/tokens"));
  await me.getByLabel("Name").fill("journey");
  await press(me, "Make the token");
  const token = (await me.getByRole("status").locator("code").textContent())!;
  const headers = { authorization: `Bearer ${token}` };
  const whoAmI = () => web.hamlet.api("/v1/me", { headers });
  expect(await (await whoAmI()).json()).toMatchObject({ username: "me" });
  await me.reload();
  await me.getByRole("button", { name: "Revoke journey" }).click();
  expect(await me.content()).not.toContain(token);
  await me.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
  await me.getByRole("alertdialog").waitFor({ state: "detached" });
  await me.getByRole("button", { name: "Revoke journey" }).waitFor({ state: "detached" });
  expect((await whoAmI()).status).toBe(401);
}, 60_000);

test("the dark stays, and is there before any script has run", async () => {
  await press(me, "Theme");
  await me.getByRole("menuitem", { name: "Dark" }).click();
  const ground = () => me.evaluate("getComputedStyle(document.documentElement).backgroundColor");
  const dark = await ground();
  const answer = await me.reload();
  expect(await answer!.text()).toMatch(/<html[^>]* data-theme="dark"/);
  expect(await ground()).toBe(dark);
  await press(me, "Theme");
  await me.getByRole("menuitem", { name: "Light" }).click();
  expect(await ground()).not.toBe(dark);
  expect(web.problems).toEqual([]);
}, 60_000);
