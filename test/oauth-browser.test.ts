/** What a person does in a real browser, whose rules the pages have to pass. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { startBrowser } from "./support/browser.ts";
import { CLI, CLI_SCOPE, makeOAuthTown, type OAuthTown } from "./support/oauth.ts";

let town: OAuthTown;
let browser: Browser;
let app: string;
const serving: Bun.Server<undefined>[] = [];

/** A web server of the tests on a free port. */
function serve(fetch: (request: Request) => Response | Promise<Response>): number {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch });
  serving.push(server);
  return server.port!;
}

beforeAll(async () => {
  const port = serve((request) => town.answer(request));
  app = `http://localhost:${port}`;
  [town, browser] = await Promise.all([makeOAuthTown(port), startBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  for (const server of serving) await server.stop(true);
  await town?.[Symbol.asyncDispose]();
});

/** A page of ann's browser, and what the browser complained of. */
async function openPage(): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext();
  await context.addCookies([{ name: "me", value: "ann", url: app }]);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  return { page, complaints };
}

test.each(["query", "form_post"])(
  "a yes leads to the app, by %s, and on from there, wherever it sends the browser",
  async (response_mode) => {
    const last = serve(
      () => new Response("<title>arrived</title>", { headers: { "content-type": "text/html" } }),
    );
    const client = serve(async (request) => {
      const told = request.method === "POST" ? `?${await request.text()}` : new URL(request.url).search;
      return Response.redirect(`http://localhost:${last}/end${told}`, 302);
    });
    const redirect_uri = `http://127.0.0.1:${client}/callback`;
    const query = new URLSearchParams({
      ...{ client_id: await town.registered({ redirect_uris: [redirect_uri] }), redirect_uri },
      ...{ response_type: "code", response_mode, scope: "user_r", state: "s", code_challenge_method: "S256" },
      code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    });
    const { page, complaints } = await openPage();
    await page.goto(`${app}/oauth/auth?${query}`);
    expect(await page.textContent("h1")).toBe("Allow An app to use your account?");
    expect(await page.evaluate("getComputedStyle(document.body).margin")).toBe("0px");
    await page.click("text=Allow >> nth=-1");
    await page.waitForURL(`http://localhost:${last}/end?*`);
    const { searchParams } = new URL(page.url());
    expect([searchParams.get("state"), searchParams.has("code")]).toEqual(["s", true]);
    expect(complaints.filter((one) => !one.includes("favicon") && !one.includes("404"))).toEqual([]);
    await page.context().close();
  },
  30_000,
);

test("a device's code is compared, confirmed and allowed, and the browser says that it is done", async () => {
  const answer = await town.fetch(`${app}/oauth/device/auth`, {
    method: "POST",
    body: new URLSearchParams({ client_id: CLI, scope: CLI_SCOPE }),
  });
  const device = (await answer.json()) as { verification_uri_complete: string; user_code: string };
  const { page, complaints } = await openPage();
  await page.goto(device.verification_uri_complete);
  expect(await page.inputValue("input[name=user_code]")).toBe(device.user_code);
  await page.click("text=Yes, go on");
  await page.click("button[value=allow]");
  await page.waitForSelector("text=go back to your device");
  expect(complaints.filter((one) => !one.includes("favicon") && !one.includes("404"))).toEqual([]);
  await page.context().close();
}, 30_000);

test("no other site shows a page of ours in a frame of its own", async () => {
  const frame = `<iframe src="${app}/oauth/device"></iframe>`;
  const evil = serve(() => new Response(frame, { headers: { "content-type": "text/html" } }));
  const { page, complaints } = await openPage();
  await page.goto(`http://127.0.0.1:${evil}/`, { waitUntil: "load" });
  expect(await page.frames()[1]?.$("button")).toBeNull();
  expect(complaints.join()).toContain("frame-ancestors");
  await page.context().close();
}, 30_000);
