// @long
/** The panels of a val in a real browser: environment, triggers, settings. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { startNameServer } from "./support/name-server.ts";
import type { TestVal } from "./support/server.ts";
import { startWeb, type Web } from "./support/web.ts";

/** One pixel. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

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

test("a table is made with SQL, its rows are browsed, sorted, changed with undo, inserted, deleted and exported", async () => {
  const val = await web.hamlet.val("data", {});
  const ask = async (sql: string) => {
    const answer = await web.hamlet.api(`/v3/vals/${val.id}/sqlite/execute`, { json: { statement: sql } });
    return ((await answer.json()) as { rows: unknown[][] }).rows;
  };
  await open(val, "sqlite");
  await press("Make one with SQL");
  const sql = page.getByLabel("SQL", { exact: true });
  await sql.press("ControlOrMeta+a");
  await sql.press("Delete");
  await page.keyboard.insertText(`create table "the ""odd"" one" (a text, n int);
    with recursive c(x) as (values(1) union all select x + 1 from c where x < 250)
    insert into "the ""odd"" one" select '<b>' || x, x from c;\nselect * from "the ""odd"" one"; select\n nope`);
  await sql.press("Control+Enter");
  await page.getByText("250 rows changed").waitFor();
  const result = page.getByRole("grid", { name: "Result of statement 3" });
  await result.getByRole("gridcell", { name: "<b>1", exact: true }).waitFor();
  expect(await result.getByRole("row").count()).toBeLessThan(100);
  await page.getByText("no such column: nope (at offset 8) (line 5, column 2)").waitFor();

  await page.getByRole("navigation", { name: "Tables" }).getByRole("button", { name: /odd/ }).click();
  const grid = page.getByRole("grid", { name: 'Rows of the "odd" one' });
  await grid.getByRole("gridcell", { name: "<b>1", exact: true }).waitFor();
  await press("Next page");
  await page.getByText("101–200 of 250 rows").waitFor();
  for (let times = 0; times < 2; times++) await grid.getByRole("button", { name: "n", exact: true }).click();
  const first = grid.getByRole("gridcell", { name: "250", exact: true });
  await first.focus();
  await first.press("ArrowLeft");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByLabel("Value", { exact: true }).fill("changed");
  await press("Save", page.getByRole("dialog"));
  await grid.getByRole("gridcell", { name: "changed" }).waitFor();
  await press("Undo");
  await grid.getByRole("gridcell", { name: "<b>250" }).waitFor();
  expect(await ask('select a, typeof(a) from "the ""odd"" one" where n = 250')).toEqual([["<b>250", "text"]]);

  await grid.getByLabel("Select row 1", { exact: true }).check();
  await press("Delete 1 row");
  await press("Delete", page.getByRole("alertdialog"));
  await page.getByText("249 rows", { exact: true }).waitFor();
  await press("Insert row");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Type of n").selectOption("float");
  await dialog.getByLabel("n", { exact: true }).fill("2.5");
  await press("Insert row", dialog);
  await page.getByText("250 rows", { exact: true }).waitFor();
  expect(await ask('select a, n from "the ""odd"" one" where n = 2.5')).toEqual([[null, 2.5]]);
  const [csv] = await Promise.all([page.waitForEvent("download"), press("CSV")]);
  const lines = (await Bun.file(await csv.path()).text()).split("\r\n");
  expect([lines[0], lines[1], lines.length]).toEqual(["a,n", "<b>1,1", 252]);
  const dump = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download as SQL" }).click();
  expect(await Bun.file(await (await dump).path()).text()).toContain('CREATE TABLE "the ""odd"" one"');
}, 30_000);

test("files are uploaded into a folder with progress, previewed as what they are, and deleted", async () => {
  const val = await web.hamlet.val("files", {});
  const keep = (key: string, body: string | Uint8Array<ArrayBuffer>) =>
    web.hamlet.api(`/v3/vals/${val.id}/blob/?key=${encodeURIComponent(key)}`, { method: "POST", body });
  await keep("pics/a b?.png", Uint8Array.fromBase64(PNG));
  await keep("..", "two dots");
  await open(val, "blobs");
  const table = page.getByRole("table", { name: "Blobs" });
  await table.getByRole("button", { name: "pics/" }).click();
  await table.getByRole("button", { name: "a b?.png" }).click();
  const dialog = page.getByRole("dialog");
  const picture = dialog.getByRole("img", { name: "pics/a b?.png" });
  await picture.waitFor();
  expect(await picture.evaluate((image: { naturalWidth: number }) => image.naturalWidth)).toBe(1);
  await press("Close", dialog);

  const buffer = Buffer.from("<svg onload='alert(1)'>".padEnd(200_000, " é"));
  await page
    .getByLabel("Files to upload")
    .setInputFiles({ name: "x.svg", mimeType: "image/svg+xml", buffer });
  await page.getByRole("region", { name: "Uploads" }).getByText("done").waitFor();
  await table.getByRole("button", { name: "x.svg" }).click();
  await dialog.getByText("<svg onload='alert(1)'>").waitFor();
  await dialog.getByText("These are its first 64 KB.").waitFor();
  await press("Close", dialog);
  await table.getByLabel("Select all blobs here").check();
  await press("Delete 2 blobs");
  await press("Delete", page.getByRole("alertdialog"));
  await page.getByText("Nothing begins with this").waitFor();
  await press("all");
  const saved = page.waitForEvent("download");
  await table.getByRole("link", { name: "Download ..", exact: true }).click();
  expect(await Bun.file(await (await saved).path()).text()).toBe("two dots");
}, 30_000);

test("nothing was refused by the policy of the pages, and no error was left to itself", () => {
  expect(web.problems).toEqual([]);
});
