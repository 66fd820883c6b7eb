/** A whole town with its web app, and people who look at it in a real Chromium. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { hashPassword } from "../../src/auth/auth.ts";
import { openStore } from "../../src/store/store.ts";
import { startBrowser } from "./browser.ts";
import { type HamletOptions, startHamlet, type TestHamlet } from "./server.ts";

const PASSWORD = "correct horse";

/** Starts both; closed with the scope. The web app must have been built (`npm ci` does). */
export async function startWeb(options: HamletOptions = {}): Promise<Web> {
  if (!existsSync(join(import.meta.dir, "../../dist/web/app.html")))
    throw new Error("The web app is not built. Run `npm run build`.");
  const [hamlet, browser] = await Promise.all([startHamlet(options), startBrowser()]);
  return new Web(hamlet, browser);
}

export class Web implements AsyncDisposable {
  readonly hamlet: TestHamlet;
  readonly browser: Browser;
  readonly url: string;
  /** What pages did that they must not: errors that nobody caught, and what their policy refused. */
  readonly problems: string[] = [];

  constructor(hamlet: TestHamlet, browser: Browser) {
    this.hamlet = hamlet;
    this.browser = browser;
    this.url = String(hamlet.firstLine.url);
  }

  /** A new page of somebody who is not signed in, with cookies of its own. */
  async visitor(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext(options);
    context.setDefaultTimeout(20_000);
    return this.#watch(await context.newPage());
  }

  /** A new page of a person who is signed in; made if need be. `tester` is who `hamlet.val` makes vals for. */
  async person(username = this.hamlet.username, options: BrowserContextOptions = {}): Promise<Page> {
    const store = await openStore({ folder: this.hamlet.data });
    try {
      const user = (await store.users.findByName(username)) ?? (await store.users.create({ username }));
      await store.accounts.setPassword(user.id, await hashPassword(PASSWORD));
    } finally {
      await store.close();
    }
    const page = await this.visitor(options);
    await page.goto(`${this.url}/auth/sign-in`);
    await page.getByLabel("Username or e-mail").fill(username);
    await page.getByLabel(/^Password/).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL((url) => !url.pathname.startsWith("/auth/sign-in"));
    return page;
  }

  /** As a first start prints it; towns of tests are made with their users already there. */
  async welcomeLink(username = "me"): Promise<string> {
    const store = await openStore({ folder: this.hamlet.data });
    try {
      const { id } = (await store.users.findByName(username))!;
      const secret = await store.accounts.makeLink({ kind: "password", userId: id, lastsMs: 60_000 });
      return `${this.url}/auth/welcome?token=${secret}`;
    } finally {
      await store.close();
    }
  }

  #watch(page: Page): Page {
    page.on("pageerror", (error) => this.problems.push(`${page.url()}: ${error.message}`));
    page.on("console", (line) => {
      if (line.text().includes("Content Security Policy"))
        this.problems.push(`${page.url()}: ${line.text()}`);
    });
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    await this.hamlet[Symbol.asyncDispose]();
  }
}
