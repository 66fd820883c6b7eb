/** The pages of the examples in a real browser, at a desk and on a phone. Pictures: HAMLET_TEST_PICTURES=folder */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { startBrowser } from "./support/browser.ts";
import { exampleOf } from "./support/examples.ts";
import { startHamlet, type TestHamlet } from "./support/server.ts";

const PHONE: BrowserContextOptions = {
  viewport: { width: 360, height: 640 },
  colorScheme: "dark",
  hasTouch: true,
};
const PAGES = ["asciiCameras", "blobUpload", "chat", "multiplayerCircles", "reactSSR", "webgen"];
const PICTURES = process.env.HAMLET_TEST_PICTURES;

let hamlet: TestHamlet;
let browser: Browser;
/** What went wrong in pages, and what they asked other hosts for. */
const mishaps: string[] = [];

beforeAll(async () => {
  [hamlet, browser] = await Promise.all([startHamlet({ examples: [...PAGES, "demoModel"] }), startBrowser()]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await hamlet?.[Symbol.asyncDispose]();
});

async function open(name: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 900, height: 650 }, ...options });
  // The first answer of all waits for builds.
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const { endpoint, host } = exampleOf(hamlet, name);
  page.on("pageerror", (error) => mishaps.push(`${name}: ${error.message}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (/^https?:$/.test(url.protocol) && url.host !== host) mishaps.push(`${name} asked ${url.host}`);
  });
  await page.goto(endpoint, { waitUntil: "commit" });
  return page;
}

async function finish(page: Page, picture: string): Promise<void> {
  if (PICTURES) await page.screenshot({ path: join(PICTURES, `${picture}.png`) });
  expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  await page.context().close();
}

/** Its models come late: what is written before is answered all the same. */
async function openChat(options: BrowserContextOptions = {}): Promise<Page> {
  const page = await open("chat", options);
  await page.waitForLoadState();
  return page;
}

describe("chat", () => {
  test("answers word by word, shows markup as text, stops, and is still there after a reload", async () => {
    const page = await openChat();
    const models = Promise.withResolvers<void>();
    await page.route("**/models", (route) => models.promise.then(() => route.continue()));
    await page.reload();
    await page.fill("#text", "Is <img src=x onerror=alert(1)> text?");
    await page.keyboard.press("Enter");
    models.resolve();
    await page.locator(".assistant", { hasText: "your val stays as it is" }).waitFor();
    expect(await page.locator("li img").count()).toBe(0);
    expect(await page.locator("#note").textContent()).toContain("demo model");
    await page.locator("#send:visible").waitFor();

    // Its answer repeats all of it, a word each 20 ms: however slow the machine, there is time to stop it.
    await page.fill("#text", `And now stop ${"at some time ".repeat(300)}`);
    await page.keyboard.press("Enter");
    await page.locator(".assistant").nth(1).filter({ hasText: "at some time" }).waitFor();
    await page.click("#stop");
    await page.locator("#send:visible").waitFor();
    const stopped = await page.locator(".assistant").nth(1).textContent();
    expect(stopped).not.toContain("your val stays as it is");

    await page.reload();
    await page.locator("li").nth(2).waitFor();
    expect(await page.locator("li").first().textContent()).toBe("Is <img src=x onerror=alert(1)> text?");
    await page.click("#new");
    expect(await page.locator("li").count()).toBe(0);
    await page.selectOption("#chats", { index: 1 });
    await page.locator("li").nth(2).waitFor();
    await finish(page, "chat");
  }, 120_000);

  test("fits a phone in the dark", async () => {
    const page = await openChat(PHONE);
    await page.fill("#text", "a-very-long-word-".repeat(20));
    await page.click("#send");
    await page.locator(".assistant", { hasText: "your val stays as it is" }).waitFor();
    await finish(page, "chat-phone");
  }, 60_000);
});

describe("multiplayerCircles", () => {
  test("what one page moves, with the mouse or with the keys, moves on the other", async () => {
    const [mine, theirs] = await Promise.all([open("multiplayerCircles"), open("multiplayerCircles", PHONE)]);
    const circle = (page: Page) => page.locator('circle[data-id="0"]');
    await Promise.all([circle(mine).waitFor(), circle(theirs).waitFor()]);
    const { x, y, width } = (await circle(mine).boundingBox())!;
    await mine.mouse.move(x + width / 2, y + width / 2);
    await mine.mouse.down();
    for (let step = 1; step <= 10; step++)
      await mine.mouse.move(x + width / 2 + 15 * step, y + width / 2 + 8 * step);
    await mine.mouse.up();
    await sees(theirs, await place(circle(mine)));

    await circle(theirs).focus();
    await theirs.keyboard.press("ArrowLeft");
    await theirs.keyboard.press("ArrowDown");
    await sees(mine, await place(circle(theirs)));

    // The second step is made while the first one is under way, and while they hear what they did themselves.
    const before = await place(circle(theirs));
    await theirs.evaluate(`(() => {
      const { fetch } = window;
      const released = new Promise((resolve) => (window.release = resolve));
      window.fetch = (...args) => fetch(...args).then((answer) => released.then(() => answer));
    })()`);
    await circle(theirs).focus();
    await theirs.keyboard.press("ArrowLeft");
    await theirs.keyboard.press("ArrowDown");
    await sees(mine, { x: before.x - 20, y: before.y });
    await theirs.evaluate("release()");
    await sees(mine, { x: before.x - 20, y: before.y + 20 });
    await finish(mine, "circles");
    await finish(theirs, "circles-phone");
  }, 60_000);

  type Place = Record<"x" | "y", number>;

  async function place(circle: ReturnType<Page["locator"]>): Promise<Place> {
    return { x: Number(await circle.getAttribute("cx")), y: Number(await circle.getAttribute("cy")) };
  }

  async function sees(page: Page, { x, y }: Place): Promise<void> {
    const near = `(() => {
      const circle = document.querySelector('circle[data-id="0"]');
      return Math.hypot(circle.x - ${x}, circle.y - ${y}) < 2;
    })()`;
    await page.waitForFunction(near);
  }
});

describe("webgen", () => {
  test("shows the page while it is being written", async () => {
    const page = await open("webgen");
    await page.fill("#about", "lighthouses");
    await page.click("button");
    const frame = page.frameLocator("iframe");
    await frame.locator("h1").waitFor();
    const early = (await frame.locator("body").textContent())!.length;
    await frame.getByText("Written by the demo model").waitFor();
    expect((await frame.locator("body").textContent())!.length).toBeGreaterThan(early);
    await finish(page, "webgen");
  }, 60_000);
});

describe("blobUpload", () => {
  test("uploads, lists, downloads and deletes", async () => {
    const page = await open("blobUpload", PHONE);
    const file = {
      name: "größe & <b>.bin",
      mimeType: "application/x-thing",
      buffer: Buffer.alloc(3_000_000, 7),
    };
    await page.setInputFiles("input", [file, { ...file, name: "empty", buffer: Buffer.alloc(0) }]);
    const link = page.locator("#files a", { hasText: "größe & <b>.bin" });
    await Promise.all([link.waitFor(), page.locator("#files a", { hasText: "empty" }).waitFor()]);
    if (PICTURES) await page.screenshot({ path: join(PICTURES, "blobUpload.png") });
    const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
    expect(Bun.file(await download.path()).size).toBe(3_000_000);
    await page.getByRole("button", { name: "Delete empty" }).click();
    await page.locator("#files a", { hasText: "empty" }).waitFor({ state: "detached" });
    await finish(page, "blobUpload-less");
  }, 60_000);
});

test("asciiCameras moves on all of its screens", async () => {
  const page = await open("asciiCameras");
  for (const name of ["harbour", "city", "planet", "aquarium"]) {
    const seen = new Set<string | null>();
    while (seen.size < 3) seen.add(await page.locator(`#${name}`).textContent());
  }
  await finish(page, "asciiCameras");
}, 60_000);

test("reactSSR fills its cards one after the other", async () => {
  const page = await open("reactSSR", PHONE);
  await page.getByRole("heading", { name: "The town today" }).waitFor();
  await page.getByText("Light wind").waitFor();
  expect(await page.locator(".waiting").count()).toBeGreaterThan(0);
  await page.getByText("Val wins prize").waitFor();
  expect(await page.locator(".waiting").count()).toBe(0);
  await finish(page, "reactSSR");
}, 60_000);

test("no page had an error or asked another host for anything", () => expect(mishaps).toEqual([]));
