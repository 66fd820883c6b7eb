/** Logs, calls and the town's own pages, in a real Chromium. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { openStore } from "../src/store/store.ts";
import { startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";
import { startWeb, type Web } from "./support/web.ts";

const HOSTILE = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
const SOURCE = `
export default function (request: Request): Response {
  const { pathname, searchParams } = new URL(request.url);
  const count = Number(searchParams.get("n") ?? 0);
  for (let n = 0; n < count; n++) console.log(searchParams.get("word") + " " + (Number(searchParams.get("from") ?? 0) + n));
  if (pathname === "/boom") throw new Error("it broke");
  if (pathname === "/hostile") console.log(${JSON.stringify(HOSTILE)});
  if (pathname === "/levels") {
    console.info("all is well");
    console.warn("be careful");
    console.error("it failed");
    console.log({ user: "ann", roles: ["a", "b"], deep: { er: "still, and so long that it takes more than one line" } });
  }
  return new Response("done", { headers: { "x-mine": "yes" } });
}
`;

let web: Web;
let val: TestVal;
/** Another process over the same data and port, once the first one is gone. */
let second: TestHamlet | undefined;

beforeAll(async () => {
  web = await startWeb();
  // Before anybody is known to the server as somebody else.
  const store = await openStore({ folder: web.hamlet.data });
  const me = await store.users.findByName("me");
  await store.accounts.change(me!.id, { admin: true });
  await store.close();
  val = await web.hamlet.val("talker", SOURCE);
});
afterAll(async () => {
  await second?.stop();
  await web[Symbol.asyncDispose]();
});

const call = async (path: string, headers: Record<string, string> = {}) => {
  const response = await (second ?? web.hamlet).fetch(val, path, { headers });
  await response.text();
  return response;
};
const lines = (page: Page) => page.getByRole("region", { name: "Log lines" }).getByRole("listitem");
const line = (page: Page, text: string) => lines(page).filter({ hasText: text });

test("what a val writes is there at once, is found by level and text, and is nothing but text", async () => {
  const page = await web.person();
  await page.goto(`${web.url}/x/tester/talker/logs`);
  await page.getByRole("heading", { name: "Nothing was logged yet" }).waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  await call("/levels");
  await line(page, "it failed").waitFor();
  await page.getByLabel("Level").selectOption("warn");
  expect(await line(page, "be careful").count()).toBe(1);
  expect(await line(page, "all is well").count()).toBe(0);
  await page.getByLabel("Level").selectOption("all");
  await page.getByLabel("Filter by text").fill("CARE");
  await line(page, "all is well").waitFor({ state: "detached" });
  expect(await page.locator("mark").allTextContents()).toEqual(["care"]);
  await page.getByLabel("Filter by text").fill("ann");
  await line(page, "ann").getByRole("button", { name: "Show the whole text" }).click();
  await page.getByText('deep: { er: "still').waitFor();
  await page.getByLabel("Filter by text").fill("");
  await call("/hostile");
  await line(page, HOSTILE).waitFor();
  expect(await page.title()).toBe("Logs of talker · Hamlet");
  await page.getByRole("button", { name: "Clear the view" }).click();
  await page.getByRole("heading", { name: "Cleared" }).waitFor();
  await call("/?n=1&word=after");
  await line(page, "after 0").waitFor();
  expect(await lines(page).filter({ hasText: "be careful" }).count()).toBe(0);
  await page.context().close();
});

test("a call is listed as it comes, and opens with its headers, times, logs and a way to the code", async () => {
  const page = await web.person();
  await page.goto(`${web.url}/x/tester/talker/logs`);
  await page.getByRole("button", { name: "Requests" }).click();
  await call("/boom?q=1", { "x-visitor": HOSTILE.replaceAll("\n", " ") });
  const row = page.getByRole("region", { name: "Requests" }).getByRole("button", { name: /\/boom\?q=1/ });
  await row.click();
  const sheet = page.getByRole("dialog");
  await sheet.getByText("val_threw").waitFor();
  await sheet
    .getByRole("row", { name: /x-visitor/ })
    .getByText(HOSTILE)
    .waitFor();
  await page.keyboard.press("Escape");
  await sheet.waitFor({ state: "detached" });
  const answer = await call("/levels");
  await page.goto(`${web.url}/x/tester/talker/traces/${answer.headers.get("x-hamlet-trace")}`);
  await page.getByRole("row", { name: "x-mine yes" }).waitFor();
  await page.getByText("it failed", { exact: true }).waitFor();
  await page.getByText(/^after [\d.]+ ms$/).waitFor();
  await page.goBack();
  await page.getByRole("button", { name: "Requests" }).click();
  await row.click();
  await sheet.getByRole("button", { name: "Send again" }).click();
  await page.getByRole("tab", { name: "Request", selected: true }).waitFor();
  expect(await page.getByLabel("Path with query").inputValue()).toBe("/boom?q=1");
  await page.goBack();
  await row.click();
  await sheet.getByRole("link", { name: /main\.http\.ts:6:/ }).click();
  await page.locator(".cm-activeLine", { hasText: "it broke" }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/x/tester/talker/code/main.http.ts");
  await page.context().close();
});

test("a connection that is cut, and a town that is started anew, lose no line and double none", async () => {
  const page = await web.person();
  await page.goto(`${web.url}/x/tester/talker/logs`);
  await page.getByText("Live", { exact: true }).waitFor();
  await page.getByLabel("Filter by text").fill("cut");
  await call("/?n=4&word=cut&from=0");
  await line(page, "cut 3").waitFor();
  await page.context().setOffline(true);
  await page.getByText("Reconnecting…").waitFor();
  await call("/?n=4&word=cut&from=4");
  await page.context().setOffline(false);
  await line(page, "cut 7").waitFor();
  const { data, port, token } = web.hamlet;
  await web.hamlet.stop();
  await page.getByText("Reconnecting…").waitFor();
  await writeMany(data);
  second = await startHamlet({ data, port, token });
  await call("/?n=4&word=cut&from=8");
  await line(page, "cut 11").waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  const texts = await lines(page).locator("code").allTextContents();
  expect(texts).toEqual(Array.from({ length: 12 }, (_, n) => `cut ${n}`));

  // The 5,000 that were written meanwhile are all there; in the page is what is seen.
  await page.getByLabel("Filter by text").fill("many");
  await page.locator('li[aria-setsize="5000"]').first().waitFor();
  await line(page, "many 4999").waitFor();
  expect(await lines(page).count()).toBeLessThan(120);
  await page.getByRole("region", { name: "Log lines" }).evaluate((list) => list.scrollTo(0, 0));
  await lines(page)
    .locator("code", { hasText: /^many 0$/ })
    .waitFor();
  expect(await lines(page).count()).toBeLessThan(120);
  // What comes now moves nothing; the way to the end is one press.
  await call("/?n=1&word=many&from=5000");
  await page.getByRole("button", { name: "1 new" }).click();
  await line(page, "many 5000").waitFor();
  // A new page asks for older ones as one goes up.
  await page.reload();
  await line(page, "many 5000").waitFor();
  await page.getByRole("region", { name: "Log lines" }).evaluate((list) => list.scrollTo(0, 0));
  await page.locator('li[aria-setsize="800"]').first().waitFor();
  await page.context().close();
});

/** As if the val had, while nobody looked. */
async function writeMany(folder: string): Promise<void> {
  const store = await openStore({ folder, telemetry: { logsPerSecond: 10_000 } });
  const [sample] = await store.telemetry.lastLogs(val.id, 1);
  const { username, val_id: valId, file_id: fileId, branch_id: branchId, version, trace } = sample!;
  const line = {
    deployment: { username, valId, fileId, branchId, version },
    worker: "w",
    level: "info",
    trace,
  } as const;
  const all = Array.from({ length: 5000 }, (_, n) => `many ${n}`);
  store.telemetry.recordLogs(all.map((text) => ({ ...line, text, time: Date.now(), stream: "stdout" })));
  await store.close();
}

test("a visitor is told why there are no logs to see", async () => {
  const page = await web.visitor();
  await page.goto(`${web.url}/x/tester/talker/logs`);
  await page.getByRole("heading", { name: "Logs are for those who may change this val" }).waitFor();
  await page.goto(`${web.url}/admin`);
  await page.getByRole("heading", { name: "There is nothing here" }).waitFor();
  await page.context().close();
});

test("the operator sees workers, disk and what was done, makes an invitation, and suspends somebody", async () => {
  const page = await web.person("me");
  await page.goto(`${web.url}/admin/workers`);
  await page
    .getByRole("row", { name: /tester\/talker/ })
    .getByText("warm")
    .waitFor();
  await page.getByRole("link", { name: "Overview" }).click();
  await page.getByRole("row", { name: /hamlet\.db/ }).waitFor();
  await page.getByRole("link", { name: "Invitations" }).click();
  await page.getByRole("button", { name: "Make invitation" }).click();
  const link = page.getByText(/\/auth\/sign-up\?invite=/);
  const url = (await link.textContent())!;
  const visitor = await web.visitor();
  await visitor.goto(url);
  await visitor.getByLabel("Username").waitFor();
  await visitor.context().close();
  await page.getByRole("button", { name: "Withdraw" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Withdraw" }).click();
  await page.getByRole("heading", { name: "No invitations yet" }).waitFor();
  await page.getByRole("link", { name: "Users" }).click();
  await page.getByLabel("Find a user").fill("test");
  await page.getByRole("button", { name: "Change tester" }).click();
  await page.getByRole("button", { name: "Suspend" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Suspend" }).click();
  await page
    .getByRole("row", { name: /tester/ })
    .getByText("suspended")
    .waitFor();
  await page.getByRole("link", { name: "Audit log" }).click();
  await page.getByRole("row", { name: /me user\.change tester/ }).waitFor();
  await page.context().close();
});

test("no page did what it must not", () => {
  expect(web.problems).toEqual([]);
});
