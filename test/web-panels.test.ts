/** The panels of a val in a real browser: environment, triggers, settings. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { startNameServer } from "./support/name-server.ts";
import type { TestVal } from "./support/server.ts";
import { startWeb, type Web } from "./support/web.ts";

let dns: Awaited<ReturnType<typeof startNameServer>>;
let web: Web;
let page: Page;

beforeAll(async () => {
  dns = await startNameServer();
  web = await startWeb({ args: ["--dns-server", dns.address] });
  page = await web.person();
}, 60_000);

afterAll(async () => {
  await web?.[Symbol.asyncDispose]();
  dns?.[Symbol.dispose]();
});

const open = (val: { name: string }, part: string) => page.goto(`${web.url}/x/tester/${val.name}/${part}`);
const press = (name: string, within: Pick<Page, "getByRole"> = page) =>
  within.getByRole("button", { name, exact: true }).click();
const names = async (val: TestVal): Promise<string[]> => {
  const answer = await web.hamlet.api(`/v2/vals/${val.id}/environment_variables`);
  return ((await answer.json()) as { data: { key: string }[] }).data.map(({ key }) => key);
};

test("a pasted .env shows what it changes, is saved, and reaches the val; what cannot be a variable is told", async () => {
  const val = await web.hamlet.val(
    "env",
    `export default () => Response.json([Deno.env.get("GREETING"), Deno.env.get("KEY")])`,
  );
  await open(val, "environment");
  await press("Add the first one");
  await page.getByLabel("Name").fill("1BAD");
  await page.getByText("does not begin with a digit").waitFor();
  await page.getByLabel("Name").fill("GREETING");
  await page.getByLabel("Value").fill("hello");
  await press("Add variable", page.getByRole("dialog"));
  await page.getByRole("cell", { name: "GREETING Copy code" }).waitFor();

  await press("Paste .env");
  const dialog = page.getByRole("dialog");
  await dialog
    .getByLabel("Content of a .env file")
    .fill(`# mine\nexport GREETING="Good morning"\nKEY='a\nb' # two lines\nnonsense\n`);
  const plan = dialog.getByRole("list", { name: "What will be saved" }).getByRole("listitem");
  expect(await plan.allInnerTexts()).toMatchObject([
    expect.stringMatching(/GREETING\s+will be changed/),
    expect.stringMatching(/KEY\s+will be added/),
  ]);
  await dialog.getByText("Line 5: “nonsense” is no NAME=value.").waitFor();
  await press("Save 2 variables", dialog);
  await dialog.waitFor({ state: "detached" });
  expect(await names(val)).toEqual(["GREETING", "KEY"]);
  expect(await (await web.hamlet.fetch(val)).json()).toEqual(["Good morning", "a\nb"]);

  await press("Delete KEY");
  await press("Delete variable", page.getByRole("alertdialog"));
  await page.getByText("1 variable.").waitFor();
  expect(await names(val)).toEqual(["GREETING"]);
}, 30_000);

test("an endpoint gets a subdomain, at which it answers, and a domain, of which the missing record is told", async () => {
  const val = await web.hamlet.val("shop", `export default () => new Response("open")`);
  await open(val, "triggers");
  const card = page.getByRole("region", { name: "main.http.ts" });
  await card.getByLabel("Subdomain", { exact: true }).fill("a--b");
  await card.getByText("no two dashes in a row").waitFor();
  await card.getByLabel("Subdomain", { exact: true }).fill("corner-shop");
  await press("Claim subdomain", card);
  const url = `http://corner-shop.web.localhost:${web.hamlet.port}`;
  await card.getByRole("link", { name: url, exact: true }).waitFor();
  const claimed = { ...val, host: new URL(url).host };
  expect(await (await web.hamlet.fetch(claimed)).text()).toBe("open");
  await press("Give up subdomain", card);
  await press("Give it up", page.getByRole("alertdialog"));
  await card.getByRole("link", { name: url, exact: true }).waitFor({ state: "detached" });

  await card.getByLabel("Add a domain").fill("shop.example.org");
  await press("Add domain", card);
  const domain = card.getByRole("region", { name: "shop.example.org" });
  await domain.getByText("_hamlet.shop.example.org").waitFor();
  await domain.getByText("domains.web.localhost").waitFor();
  await press("Verify", domain);
  await domain.getByRole("alert").getByText("There is no TXT record _hamlet.shop.example.org").waitFor();
  await press("Delete shop.example.org", domain);
  await press("Delete domain", page.getByRole("alertdialog"));
  await domain.waitFor({ state: "detached" });
}, 30_000);

test("a schedule is written as cron with a time zone, shows its next times, is run by hand and paused", async () => {
  const val = await web.hamlet.val("clock", {
    "cron.interval.ts": `export default () => { console.log("tick"); }`,
  });
  await open(val, "triggers");
  const card = page.getByRole("region", { name: "cron.interval.ts" });
  // Of a new file the clock runs it once.
  await card.getByRole("table", { name: "Past runs" }).getByRole("cell", { name: "ok" }).waitFor();
  await press("Change schedule", card);
  await card.getByLabel("At certain times (cron)").check();
  await card.getByLabel("Minute").fill("99 9 * * 1-5");
  await card.getByRole("alert").waitFor();
  await card.getByLabel("Minute").fill("30");
  await card.getByLabel("Time zone").selectOption("Asia/Tokyo");
  await press("Save schedule", card);
  await card.getByText("30 9 * * 1-5", { exact: true }).waitFor();
  const next = card.getByRole("table", { name: "Next runs" });
  const times = await next.getByRole("row").allInnerTexts();
  expect(times.length).toBe(6);
  for (const text of times.slice(1)) expect(text).toMatch(/^(Mon|Tue|Wed|Thu|Fri), .*, 09:30/);

  await press("Run now", card);
  const outcome = card.getByRole("region", { name: "Run by hand" });
  await outcome.getByText("tick").waitFor();
  await outcome.getByText("ok", { exact: true }).waitFor();
  await card.getByRole("switch", { name: "Runs by the clock" }).click();
  await card.getByText("paused", { exact: true }).waitFor();
  await next.waitFor({ state: "detached" });
}, 30_000);

test("a test mail reaches its file with an attachment, its outcome is told, and it is in the list", async () => {
  const val = await web.hamlet.val("post", {
    "in.email.ts": `export default async (email: Email) => {
      console.log("got", email.from, email.subject, await email.attachments[0]?.text());
    }`,
  });
  await open(val, "triggers");
  const card = page.getByRole("region", { name: "in.email.ts" });
  await press("Test mail", card);
  await card.getByLabel("From").fill("eve@example.org");
  await card.getByLabel("Subject").fill("Flowers");
  await card
    .getByLabel("Attachment")
    .setInputFiles({ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("roses") });
  await press("Send test mail", card);
  await card.getByText("got eve@example.org Flowers roses").waitFor();
  const row = card.getByRole("table", { name: "Mails that came" }).getByRole("row", { name: /Flowers/ });
  await row.getByText("delivered").waitFor();
  await card.getByLabel("Address of your choice", { exact: true }).fill("letters");
  await press("Claim address of your choice", card);
  await card.getByRole("link", { name: "letters@localhost" }).waitFor();
}, 30_000);

test("a val without triggers offers to add one", async () => {
  const val = await web.hamlet.val("bare", {});
  await open(val, "triggers");
  await press("Add http.ts");
  await page.waitForURL(`${web.url}/x/tester/bare/code/http.ts`);
}, 30_000);

test("a val is renamed, made private, exported, and deleted once its name is typed", async () => {
  const val = await web.hamlet.val("old-name", `export default () => new Response("here")`);
  await open(val, "settings");
  await page.getByLabel("Name", { exact: true }).fill("new-name");
  await page.getByText("Endpoints keep their addresses for good").waitFor();
  await press("Rename");
  await page.waitForURL(`${web.url}/x/tester/new-name/settings`);
  await page.getByRole("heading", { level: 1, name: "tester / new-name" }).waitFor();
  await page.getByLabel("Private").check();
  await press("Save privacy");
  await page.getByText("The val is private now.", { exact: true }).waitFor();
  expect((await web.hamlet.fetch(val)).status).toBe(200);
  const visitor = await web.visitor();
  await visitor.goto(page.url());
  await visitor.getByText("Not found", { exact: true }).waitFor();

  await page.getByLabel("Every version of every file").click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download archive" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("tester-new-name.tar");

  await press("Delete val…");
  const dialog = page.getByRole("alertdialog");
  expect(await dialog.getByRole("button", { name: "Delete val" }).isDisabled()).toBe(true);
  await dialog.getByLabel("Type new-name to go on").fill("new-name");
  await press("Delete val", dialog);
  await page.waitForURL(`${web.url}/u/tester`);
  expect((await web.hamlet.api(`/v2/vals/${val.id}`)).status).toBe(404);
}, 30_000);

test("nothing was refused by the policy of the pages, and no error was left to itself", () => {
  expect(web.problems).toEqual([]);
});
