/** What the other tests of the web app pass by: small things that people rely on, each in a real browser. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { openStore } from "../src/store/store.ts";
import { startWeb, type Web } from "./support/web.ts";

const ONE = 'export default () => { console.log("called"); return new Response("one"); };\n';
/** What is highlighted of a file in each language, and where. */
const LANGUAGES: readonly [path: string, text: string, keyword: string][] = [
  ["a.ts", "interface Hay { needle: string }\n", "interface"],
  ["b.tsx", "export const Page = () => <main>hay</main>;\n", "export"],
  ["c.json", '{ "needle": [1] }\n', '"needle"'],
  ["d.md", "# Heading\n\nhay\n", "Heading"],
  ["e.html", "<p>hay</p>\n", "p"],
  ["f.css", "p { color: red }\n", "color"],
];

let web: Web;
let owner: Page;

beforeAll(async () => {
  web = await startWeb();
  const store = await openStore({ folder: web.hamlet.data });
  const tester = await store.users.findByName("tester");
  await store.accounts.change(tester!.id, { admin: true });
  await store.close();
  const val = await web.hamlet.val("small", {
    "main.http.ts": ONE,
    ...Object.fromEntries(LANGUAGES.map(([path, text]) => [path, text])),
  });
  await web.hamlet.save(val, ONE.replace('"one"', '"two"'));
  owner = await web.person("tester", { viewport: { width: 1280, height: 800 } });
}, 60_000);
afterAll(async () => {
  expect(web.problems).toEqual([]);
  await web[Symbol.asyncDispose]();
});

const at = (path: string) => web.url + path;
const textOf = (page: Page, path: string) => page.getByRole("textbox", { name: `Text of ${path}` });
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

test("every language of a val's files is highlighted", async () => {
  await owner.goto(at("/x/tester/small"));
  for (const [path, , keyword] of LANGUAGES) {
    await owner.getByRole("treeitem", { name: new RegExp(`^${path},`) }).click();
    await textOf(owner, path).locator(".cm-line span", { hasText: keyword }).first().waitFor();
  }
});

test("in the editor one finds, writes at several places at once, saves and runs with one press, and looks at one call alone", async () => {
  await owner.goto(at("/x/tester/small/code/main.http.ts"));
  const frame = owner.frameLocator('iframe[title="Preview"]');
  await frame.getByText("two").waitFor();
  await textOf(owner, "main.http.ts").click();
  await owner.keyboard.press("ControlOrMeta+f");
  await owner.getByRole("textbox", { name: "Find" }).pressSequentially("two");
  await owner.keyboard.press("Enter");
  await owner.keyboard.press("Escape");
  await owner.keyboard.type("three three");
  await owner.keyboard.press("ControlOrMeta+ArrowLeft");
  await owner.keyboard.press("ControlOrMeta+d");
  await owner.keyboard.press("ControlOrMeta+d");
  await owner.keyboard.type("four");
  await owner.keyboard.press("ControlOrMeta+Enter");
  await frame.getByText("four four").waitFor();

  // The preview is loaded anew, and opened in a tab of its own.
  const lines = owner.getByRole("region", { name: "Log lines" }).getByText("called", { exact: true });
  await lines.first().waitFor();
  const [asked] = await Promise.all([
    owner.waitForRequest((request) => request.url().startsWith("http://tester-small.")),
    button(owner, "Reload the preview").click(),
  ]);
  expect(new URL(asked.url()).pathname).toBe("/");
  await frame.getByText("four four").waitFor();
  const link = owner.getByRole("link", { name: "Open in a new tab" });
  const [tab] = await Promise.all([owner.context().waitForEvent("page"), link.click()]);
  await tab.getByText("four four").waitFor();
  await tab.close();
  // Of all these calls one is looked at alone.
  expect(await lines.count()).toBeGreaterThan(1);
  await button(owner, "Only this call").last().click();
  await lines.nth(1).waitFor({ state: "detached" });
  await owner.getByTitle("Show all calls again").click();
  await lines.nth(1).waitFor();
});

test("a text of 1 MB is written in as if it were short; that it is too long to save is told, and it is kept", async () => {
  await owner.goto(at("/x/tester/small/code/d.md"));
  await textOf(owner, "d.md").click();
  await owner.keyboard.press("ControlOrMeta+End");
  await owner.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: web.url });
  await owner.evaluate("navigator.clipboard.writeText(`${'needle in the hay\\n'.repeat(58_000)}the end`)");
  await owner.keyboard.press("ControlOrMeta+v");
  await owner.getByText("the end").waitFor();
  await owner.keyboard.type("!");
  await owner.getByText("the end!").waitFor();
  expect(await textOf(owner, "d.md").locator(".cm-line").count()).toBeLessThan(200);
  await owner.keyboard.press("ControlOrMeta+s");
  await owner.getByText("Not saved", { exact: true }).waitFor();
  await owner.getByText("the town keeps at most 80,000 in one file").waitFor();
  await owner.reload();
  await owner.getByText(/^Unsaved changes of \d\d:\d\d restored/).waitFor();
  await button(owner, "Discard").click();
});

test("without a network the page says so, and goes on once there is one", async () => {
  await owner.context().setOffline(true);
  await owner.getByRole("status").getByText("You are offline.").waitFor();
  await owner.context().setOffline(false);
  await owner.getByText("You are offline.").waitFor({ state: "detached" });
});

test("old addresses of vals lead to their pages, the front has what is new, and each version can be embedded", async () => {
  const visitor = await web.visitor();
  await visitor.goto(at("/v/tester/small"));
  await visitor.waitForURL(at("/x/tester/small"));
  await visitor.goto(at("/"));
  await visitor.getByRole("list", { name: "New vals" }).getByRole("link", { name: "small" }).click();
  await visitor.waitForURL(at("/x/tester/small"));
  await visitor.goto(at("/embed/tester/small/main.http.ts?v=2&theme=light"));
  await visitor.getByText('"one"').waitFor();
  await visitor.goto(at("/docs"));
  await visitor.getByRole("link", { name: "API reference" }).click();
  await visitor.waitForURL(at("/documentation"));
  await visitor.context().close();
});

test("a description is changed where the name is, and the session of another browser ended from here", async () => {
  await owner.goto(at("/x/tester/small/settings"));
  await owner.getByRole("textbox", { name: "Description" }).fill("Small things");
  await owner
    .getByRole("form", { name: "Name and description" })
    .getByRole("button", { name: "Save" })
    .click();
  await owner.getByText("Small things").first().waitFor();
  const elsewhere = await web.visitor();
  await elsewhere.goto(at("/auth/sign-in?next=/new"));
  await elsewhere.getByLabel("Username or e-mail").fill("tester");
  await elsewhere.getByLabel(/^Password/).fill("correct horse");
  await button(elsewhere, "Sign in").click();
  await elsewhere.waitForURL(at("/new"));
  await owner.goto(at("/settings/sessions"));
  await button(owner, "Sign out everywhere else").click();
  await owner.getByRole("alertdialog").getByRole("button", { name: "Sign out" }).click();
  await owner.getByText("All other sessions have ended.").first().waitFor();
  await elsewhere.goto(at("/"));
  await elsewhere.getByRole("link", { name: "Sign in" }).first().waitFor();
  await elsewhere.context().close();
});

test("the operator sees what each process takes, the queue, and gives somebody bounds of their own", async () => {
  await owner.goto(at("/admin/workers"));
  const row = owner.getByRole("row", { name: /tester\/small/ }).first();
  await row.getByText(/\d MB$/).waitFor();
  await owner.goto(at("/admin/queue"));
  await owner.getByText("The queue is empty").waitFor();
  await owner.goto(at("/admin/users"));
  await button(owner, "Change me").click();
  await owner.getByLabel(/^Shortest time between two runs/).fill("120");
  await owner.getByLabel("Tier").selectOption("pro");
  await button(owner, "Save").click();
  await owner.getByRole("row", { name: /^me/ }).getByText("pro").waitFor();
});
