// @long
/** People in the web app: they arrive, make vals, find what others have made, and look after their accounts. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { readFiles } from "../src/examples.ts";
import { openSecret } from "../src/services/secret.ts";
import { openStore, type Store } from "../src/store/store.ts";
import { addUser } from "./support/server.ts";
import { startWeb, type Web } from "./support/web.ts";

const PASSWORD = "correct horse";
/** Markup that would run if it were anything but text. */
const HOSTILE = `<img src=x onerror="document.title='taken'">`;

let web: Web;
/** Made an account in the first test, and stays signed in: few may sign in from one address in a short time. */
let eve: Page;
beforeAll(async () => {
  web = await startWeb({ args: ["--sign-up", "open"] });
});
afterAll(async () => {
  await web?.[Symbol.asyncDispose]();
});

test("a visitor who presses Create signs up, comes back to the template, and has a val that streams", async () => {
  const page = await web.visitor();
  await page.goto(`${web.url}/`);
  await page.getByRole("link", { name: "New val" }).first().click();
  await page.getByRole("radio", { name: "Streaming" }).click();
  await page.waitForURL("**/new?template=streaming");
  expect(await page.getByRole("tabpanel").textContent()).toContain("async function* words");
  await page.getByRole("link", { name: "Sign in to create" }).click();
  await page.getByRole("link", { name: "Make an account" }).click();
  await page.getByLabel("Username").fill("Eve");
  await page.getByLabel(/^Password/).fill(PASSWORD);
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.waitForURL("**/new?template=streaming");
  const name = page.getByLabel("Name");
  expect(await name.inputValue()).toBe("words");
  await name.fill("9lives");
  await page.getByText("begins with a letter").waitFor();
  await name.fill("my-stream");
  await page.getByLabel("Description").fill(HOSTILE);
  await page.getByRole("button", { name: "Create val" }).click();
  await page.waitForURL("**/x/Eve/my-stream");
  await page.getByRole("heading", { level: 1, name: "my-stream" }).waitFor();
  const answer = await web.hamlet.fetch(endpoint("eve-my-stream"));
  const chunks: string[] = [];
  for await (const chunk of answer.body!) {
    chunks.push(new TextDecoder().decode(chunk));
    if (chunks.length === 3) break;
  }
  expect([answer.status, chunks.join("")]).toEqual([200, expect.stringMatching(/^A val can /)]);
  // A name that is taken is known before it is tried, and another one suggested.
  await page.goto(`${web.url}/new?template=streaming`);
  await name.fill("my-stream");
  await page.getByText("Eve has a val of this name already.").waitFor();
  eve = page;
});

test("the link of a first start leads to a password, and from there to a first val", async () => {
  const page = await web.visitor();
  await page.goto(await welcomeLink());
  await page.getByRole("heading", { name: "Welcome to your town" }).waitFor();
  await page.getByLabel("New password").fill(PASSWORD);
  await page.getByRole("button", { name: "Set the password and go on" }).click();
  await page.waitForURL("**/new?template=streaming");
  await page.getByRole("button", { name: "Create val" }).click();
  await page.waitForURL("**/x/me/words");
  await page.goto(`${web.url}/`);
  await page.getByRole("list", { name: "Your vals" }).getByRole("link", { name: "words" }).waitFor();
  await page.context().close();
});

test("code in a link is shown as text, and runs only once a person has made a val of it", async () => {
  const code = `export default () => new Response("grüße ${HOSTILE.replaceAll('"', "'")}")`;
  const code64 = Buffer.from(code).toString("base64");
  const page = eve;
  await page.goto(`${web.url}/new?code64=${encodeURIComponent(code64)}`);
  await page.getByText("This code came with a link.").waitFor();
  expect(await page.getByRole("tabpanel").textContent()).toContain(code);
  expect(await page.title()).toContain("New val");
  await page.getByLabel("Name").fill("linked");
  await page.getByRole("button", { name: "Create val" }).click();
  await page.waitForURL("**/x/Eve/linked");
  expect(await (await web.hamlet.fetch(endpoint("eve-linked"))).text()).toStartWith("grüße <img");
  await page.goto(`${web.url}/new?code64=%F0%9F`);
  await page.getByText("cannot be read").waitFor();
});

test("the front page plays a stream of the town's own while it is seen, and not before it is asked to where little may move", async () => {
  const { token } = await addUser(web.hamlet.data, "me");
  const files = await readFiles(join(import.meta.dir, "../examples/robPikeIO"));
  const headers = { authorization: `Bearer ${token}` };
  await web.hamlet.api("/v2/vals", { json: { name: "robPikeIO", privacy: "public", files }, headers });
  const page = await web.visitor();
  await page.goto(`${web.url}/`);
  const stream = page.getByRole("figure");
  await stream.getByText(/^[2-9]\d* chunks$/).waitFor();
  await page.context().close();
  const calm = await web.visitor({ reducedMotion: "reduce" });
  await calm.goto(`${web.url}/`);
  await calm.getByRole("button", { name: "Play the stream" }).click();
  await calm
    .getByRole("figure")
    .getByText(/^[2-9]\d* chunks$/)
    .waitFor();
  await calm.context().close();
});

test("what is searched for is found as one types, with the lines that match", async () => {
  await web.hamlet.val(
    "haystack",
    `// one\n// a needle of ${HOSTILE}\nexport default () => new Response("hay")`,
  );
  const page = await web.visitor();
  await page.goto(`${web.url}/search`);
  await page.getByText("What are you looking for?").waitFor();
  await page.getByLabel("Search for").fill("haystack");
  await page.getByRole("list", { name: "Results" }).getByRole("link", { name: "haystack" }).waitFor();
  await page.waitForURL("**/search?q=haystack&in=vals");
  await page.getByRole("link", { name: "Code", exact: true }).click();
  await page.getByLabel("Search for").fill("needle");
  const line = page.getByRole("link", { name: /^Line 2 / });
  expect(await line.locator("mark").textContent()).toBe("needle");
  expect(await line.getAttribute("href")).toBe("/x/tester/haystack/code/main.http.ts#L2");
  await line.click();
  const editor = page.getByRole("textbox", { name: /main\.http\.ts/ });
  await editor.locator(".cm-activeLine", { hasText: "a needle" }).waitFor();
  await page.goBack();
  await page.getByLabel("Search for").fill("needle that is nowhere");
  await page.getByText("No code with").waitFor();
  await page.getByRole("link", { name: "People" }).click();
  await page.getByLabel("Search for").fill("test");
  await page.getByRole("link", { name: "tester" }).click();
  await page.getByRole("heading", { level: 1, name: "tester" }).waitFor();
  await page.getByLabel("Filter vals").fill("nothing like it");
  await page.getByRole("button", { name: "Show all" }).click();
  await page.getByRole("link", { name: "haystack" }).waitFor();
  expect(await page.title()).toContain("tester");
  await page.context().close();
});

test("a token is shown once, works, and is good for nothing once it is revoked", async () => {
  const page = eve;
  await page.goto(`${web.url}/settings/tokens`);
  await page.getByLabel("Name").fill("a script");
  await page.getByRole("checkbox", { name: "user:write" }).uncheck();
  await page.getByRole("button", { name: "Make the token" }).click();
  const token = (await page.getByRole("status").locator("code").textContent())!;
  const me = () => web.hamlet.api("/v1/me", { headers: { authorization: `Bearer ${token}` } });
  expect(await (await me()).json()).toMatchObject({ username: "Eve" });
  const row = page.getByRole("list", { name: "Tokens" }).getByRole("listitem");
  expect(await row.textContent()).not.toContain("user:write");
  await page.reload();
  await row.waitFor();
  expect(await page.textContent("body")).not.toContain(token);
  await page.getByRole("button", { name: "Revoke a script" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
  await page.getByText("No tokens yet").waitFor();
  expect((await me()).status).toBe(401);
});

test("apps that were let in are listed with what they may do in plain words, and sent away", async () => {
  const clientId = `app-${crypto.randomUUID()}`;
  await within(async (store) => {
    const { id: userId } = (await store.users.findByName("eve"))!;
    const grantId = Bun.randomUUIDv7();
    const payload = { openid: { scope: "openid project_rw telemetry_r" } };
    await store.oauth.put("Client", clientId, { clientId, payload: { client_name: HOSTILE } });
    await store.oauth.put("Grant", grantId, { userId, clientId, grantId, payload });
  });
  await eve.goto(`${web.url}/settings/apps`);
  const row = eve.getByRole("list", { name: "Apps" }).getByRole("listitem");
  await row.getByText(HOSTILE).waitFor();
  expect(await row.textContent()).toContain(
    "May read, change, make and delete your vals and those of your organizations; see the logs",
  );
  await row.getByRole("button").click();
  await eve.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
  await eve.getByText("No app may use your account").waitFor();
});

test("an organization is made, somebody invited, who accepts and owns a val with the others", async () => {
  await eve.goto(`${web.url}/settings/orgs`);
  await eve.getByLabel("Name").fill("bakery");
  await eve.getByRole("button", { name: "Make the organization" }).click();
  await eve.waitForURL("**/orgs/bakery/settings");
  await eve.getByLabel("What it is").fill(HOSTILE);
  await eve.getByRole("button", { name: "Save" }).click();
  await eve.getByLabel("Username or e-mail").fill("tester");
  await eve.getByRole("button", { name: "Invite" }).click();
  await eve.getByRole("list", { name: "Open invitations" }).getByText("tester").waitFor();
  const tester = await web.person("tester");
  await tester.goto(`${web.url}/settings/orgs`);
  await tester.getByRole("button", { name: "Accept" }).click();
  await tester.getByRole("link", { name: "bakery", exact: true }).waitFor();
  await tester.goto(`${web.url}/new?template=http`);
  await tester.getByLabel("Owner").selectOption("bakery");
  await tester.getByRole("button", { name: "Create val" }).click();
  await tester.waitForURL("**/x/bakery/hello");
  await tester.goto(`${web.url}/u/bakery`);
  await tester.getByText(HOSTILE).waitFor();
  await tester.getByRole("list", { name: "Vals" }).getByRole("link", { name: "hello" }).waitFor();
  await tester.getByRole("link", { name: "Settings", exact: true }).click();
  await tester.getByRole("button", { name: "Leave the organization" }).click();
  await tester.getByRole("alertdialog").getByRole("button", { name: "Leave" }).click();
  await tester.waitForURL("**/settings/orgs");
  await tester.goto(`${web.url}/orgs/bakery/settings`);
  await tester.getByText("Organization not found").waitFor();
  await tester.context().close();
});

test("a profile, an export, an import and the end of an account", async () => {
  const page = await web.person("walt");
  await page.goto(`${web.url}/settings`);
  await page.getByLabel("About you").fill("I bake.");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.", { exact: true }).waitFor();
  await page.goto(`${web.url}/new?template=http`);
  await page.getByRole("button", { name: "Create val" }).click();
  await page.waitForURL("**/x/walt/hello");
  await page.goto(`${web.url}/settings/export`);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download the archive" }).click(),
  ]);
  await page.getByLabel("Archive").setInputFiles(await download.path());
  await page.getByLabel("When a val of the same name is there").first().selectOption("rename");
  await page.getByRole("button", { name: "Import" }).first().click();
  await page.getByText("1 val of 1 made.").waitFor();
  await page.goto(`${web.url}/settings/usage`);
  await page.getByText("2 public, 0 unlisted, 0 private").waitFor();
  await page.goto(`${web.url}/settings/account`);
  await page.getByLabel("Your password").fill(PASSWORD);
  await page.getByRole("button", { name: "Delete my account…" }).click();
  await page.getByLabel("Type walt to go on").fill("walt");
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete my account" }).click();
  await page.waitForURL(`${web.url}/`);
  await page.getByRole("link", { name: "Sign in" }).first().waitFor();
  await page.context().close();
});

test("no page failed, none was refused what its policy forbids, and no markup became more than text", () => {
  expect(web.problems).toEqual([]);
});

const endpoint = (label: string) => ({
  id: "",
  name: label,
  endpoint: "",
  host: `${label}.web.localhost:${web.hamlet.port}`,
});

/** As a first start prints it; this town was made with its users already there. */
function welcomeLink(): Promise<string> {
  return within(async (store) => {
    const { id } = (await store.users.findByName("me"))!;
    const secret = await store.accounts.makeLink({ kind: "password", userId: id, lastsMs: 60_000 });
    return `${web.url}/auth/welcome?token=${secret}`;
  });
}

/** Works on the town's data, beside its server. */
async function within<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const { data: folder } = web.hamlet;
  const store = await openStore({ folder, cipher: (sample) => openSecret(folder, sample) });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
