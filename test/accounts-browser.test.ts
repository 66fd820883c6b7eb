/** A person at a browser: an account, a passkey, a password; the real server and a real Chromium. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { startBrowser } from "./support/browser.ts";
import { runHamlet, startHamlet, type TestHamlet } from "./support/server.ts";

const PASSWORD = "correct horse";
const PHONE = { width: 375, height: 740 };

let hamlet: TestHamlet;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let url: string;
const violations: string[] = [];

beforeAll(async () => {
  [hamlet, browser] = await Promise.all([
    startHamlet({ args: ["--sign-up", "open", "--pool", "0"] }),
    startBrowser(),
  ]);
  url = String(hamlet.firstLine.url);
  context = await browser.newContext();
  page = await context.newPage();
  page.on(
    "console",
    (line) => line.text().includes("Content Security Policy") && violations.push(line.text()),
  );
});
afterAll(async () => {
  await browser?.close();
  await hamlet?.[Symbol.asyncDispose]();
});

/** What a script of the page gets from the API, by the cookie alone. */
const me = (from: Page = page): Promise<unknown> =>
  from.evaluate(
    `fetch("/api/v1/me").then(async (answer) => (answer.ok ? (await answer.json()).username : answer.status))`,
  );

test("somebody makes an account, is known to the API, signs out and in again", async () => {
  await page.goto(url);
  await page.getByRole("link", { name: "Sign in" }).first().click();
  await page.getByRole("link", { name: "Make an account" }).click();
  await page.getByLabel("Username").fill("Eve");
  await page.getByLabel(/^Password/).fill(PASSWORD);
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.waitForURL(`${url}/`);
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toContain("Eve");
  expect(await me()).toBe("Eve");
  expect(await context.cookies()).toMatchObject([
    {
      name: "__Host-hamlet_session",
      domain: "localhost",
      path: "/",
      httpOnly: true,
      secure: true,
      sameSite: "Lax",
    },
  ]);
  await page.getByRole("button", { name: "Account of Eve" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(`${url}/`);
  expect(await me()).toBe(401);
  await page.goto(`${url}/settings/sign-in`);
  await page.getByRole("main").getByRole("link", { name: "Sign in" }).click();
  await page.getByLabel("Username or e-mail").fill("eve");
  await page.getByLabel(/^Password/).fill("wrong horse");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  expect(await page.getByRole("alert").first().textContent()).toContain("No account has this name");
  await page.getByLabel(/^Password/).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(`${url}/settings/sign-in`);
});

test("a passkey is added, signs in without the password, and is removed", async () => {
  const session = await context.newCDPSession(page);
  await session.send("WebAuthn.enable");
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      ...{ protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true },
      ...{ isUserVerified: true, automaticPresenceSimulation: true },
    },
  });
  await page.getByLabel("Name of the new key").fill("my laptop");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByRole("list", { name: "Passkeys" }).getByText("my laptop").waitFor();
  await context.clearCookies();
  await page.goto(`${url}/auth/sign-in`);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.waitForURL(`${url}/`);
  expect(await me()).toBe("Eve");
  await page.goto(`${url}/settings/sign-in`);
  await page.getByRole("button", { name: "Remove my laptop" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  await page.getByText("You have none yet.").waitFor();
  await context.clearCookies();
  await page.goto(`${url}/auth/sign-in`);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.locator("#passkey-problem").waitFor({ state: "visible" });
  expect(await me()).toBe(401);
});

test("the password is changed by one who knows it, and pages load nothing from elsewhere", async () => {
  await page.goto(`${url}/auth/sign-in?next=/settings/sign-in`);
  await page.getByLabel("Username or e-mail").fill("eve");
  await page.getByLabel(/^Password/).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(`${url}/settings/sign-in`);
  const change = async (current: string) => {
    await page.getByLabel("Current password").fill(current);
    await page.getByLabel("New password").fill("another horse");
    await page.getByRole("button", { name: "Change the password" }).click();
  };
  await change("wrong horse");
  await page.getByRole("alert").filter({ hasText: "not your password" }).waitFor();
  await change(PASSWORD);
  await page.getByText("The password is changed.").waitFor();
  expect(new URL(page.url()).pathname).toBe("/settings/sign-in");
  expect(await me()).toBe("Eve");
  await page.setViewportSize(PHONE);
  for (const path of ["/", "/settings/profile", "/settings/sign-in", "/auth/password", "/auth/sign-out"]) {
    await page.goto(url + path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    const width = await page.evaluate("document.documentElement.scrollWidth");
    expect([path, width]).toEqual([path, PHONE.width]);
  }
  expect(violations).toEqual([]);
});

test("a page of a val neither gets the cookie nor can use it", async () => {
  const val = await hamlet.val(
    "thief",
    `export default (request: Request) => new Response("<title>" + (request.headers.get("cookie") ?? "nothing") + "</title>", {
      headers: { "content-type": "text/html", "set-cookie": "__Host-hamlet_session=mine; Path=/; Secure; Domain=localhost" },
    });`,
  );
  const thief = await context.newPage();
  await thief.goto(val.endpoint);
  expect(await thief.title()).toBe("nothing");
  const got = await thief.evaluate(async (app) => {
    const read = await fetch(`${app}/api/v1/me`, { credentials: "include" }).then(
      (one) => one.status,
      () => "blocked",
    );
    const body = JSON.stringify({ name: "forged", privacy: "public" });
    const type = { "content-type": "application/json" };
    const init = { method: "POST", body, headers: type, credentials: "include" } as const;
    const write = await fetch(`${app}/api/v2/vals`, init).then(
      (one) => one.status,
      () => "blocked",
    );
    return { read, write };
  }, url);
  expect(got).toEqual({ read: "blocked", write: "blocked" });
  expect((await context.cookies(url)).map(({ value }) => value)).not.toContain("mine");
  expect(await me()).toBe("Eve");
  expect(
    await page.evaluate(`fetch("/api/v2/me/vals").then((answer) => answer.json()).then(({ data }) => data)`),
  ).toEqual([]);
  await thief.close();
});

test("a link from the command line sets a password while the server runs, once", async () => {
  const link = async () =>
    (await runHamlet(["user", "password", "tester", "--data", hamlet.data])).out.trim();
  const first = await link();
  expect(first).toStartWith(`${url}/auth/reset?token=`);
  const guest = await (await browser.newContext()).newPage();
  await guest.goto(first);
  await guest.getByLabel("New password").fill(PASSWORD);
  await guest.getByRole("button", { name: "Set the password" }).click();
  await guest.waitForURL(`${url}/`);
  expect(await me(guest)).toBe("tester");
  await guest.goto(first);
  expect(await guest.getByText("expired or was used").count()).toBe(1);
  await guest.context().close();
});

test("an address counts as the gateway sees it, whatever a visitor says", async () => {
  const guess = (header: string) =>
    hamlet.request(new URL(url).host, "/api/auth/sign-in/email", {
      method: "POST",
      headers: ["content-type: application/json", "content-length: 46", header],
      body: '{"email":"no@body.town","password":"a guess!"}',
    });
  const statuses = [];
  for (const one of [1, 2, 3, 4]) {
    statuses.push((await guess(`x-forwarded-for: 203.0.113.${one}`)).status);
    statuses.push((await guess(`x-hamlet-client: 203.0.113.${one}`)).status);
  }
  expect(statuses.slice(0, 3)).toEqual([401, 401, 401]);
  expect(new Set(statuses.slice(3))).toEqual(new Set([429]));
});
