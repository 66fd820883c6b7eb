/** `/documentation`, in a real browser. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { startBrowser } from "./support/browser.ts";
import { startHamlet, type TestHamlet } from "./support/server.ts";

let hamlet: TestHamlet;
let browser: Browser;

beforeAll(async () => {
  [hamlet, browser] = await Promise.all([startHamlet({ args: ["--pool", "0"] }), startBrowser()]);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await hamlet?.[Symbol.asyncDispose]();
}, 60_000);

test.each(["localhost", "api.localhost"])(
  "on %s people read of every route, and nothing is asked of another host",
  async (hostname) => {
    const page = await browser.newPage();
    const asked: string[] = [];
    const problems: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    page.on("requestfailed", (request) => problems.push(`${request.url()} failed`));
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) problems.push(message.text());
    });
    const origin = `http://${hostname}:${hamlet.port}`;
    await page.goto(`${origin}/documentation`);
    await page.getByRole("heading", { name: "Hamlet", exact: true }).waitFor();
    // A section shows its routes when it is opened.
    await page.goto(`${origin}/documentation#tag/files`);
    await page.getByText("/v2/vals/{val_id}/files/content").first().waitFor();
    expect(problems).toEqual([]);
    expect([...new Set(asked.map((url) => new URL(url).origin))]).toEqual([origin]);
    await page.close();
  },
);

test("its scripts are sent compressed, and kept for good under a name that changes with them", async () => {
  const ask = (path: string, headers = {}, more = {}) =>
    fetch(`http://127.0.0.1:${hamlet.port}${path}`, { headers: { host: "localhost", ...headers }, ...more });
  const page = await ask("/documentation");
  expect(page.headers.get("content-security-policy")).toContain("script-src 'self';");
  const names = [...(await page.text()).matchAll(/src="(\/documentation\/[^"]+)"/g)].map(([, name]) => name!);
  expect(names).toHaveLength(2);
  const sizes = new Map<string, number>();
  let plain = "";
  for (const encoding of ["identity", "gzip", "br"]) {
    const headers = { "accept-encoding": encoding };
    const answer = await ask(names[0]!, headers, { decompress: false });
    expect(answer.headers.get("content-encoding")).toBe(encoding === "identity" ? null : encoding);
    expect(answer.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(answer.headers.get("vary")).toContain("accept-encoding");
    sizes.set(encoding, (await answer.bytes()).length);
    const text = await (await ask(names[0]!, headers)).text();
    plain ||= text;
    expect(text === plain).toBe(true);
  }
  expect(sizes.get("gzip")).toBeLessThan(sizes.get("identity")! / 3);
  expect(sizes.get("br")).toBeLessThan(sizes.get("identity")! / 3);
  expect((await ask("/documentation/scalar-0.js")).status).toBe(404);
});
