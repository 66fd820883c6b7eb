/** Vals as modules of programs that know nothing of Hamlet: a page in a browser, a plain Deno. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { startBrowser } from "./support/browser.ts";
import { type ModuleTown, makeModuleTown, runDeno } from "./support/modules.ts";

let host: ModuleTown;

beforeAll(async () => {
  host = await makeModuleTown();
  const lib = await host.town.val("lib");
  await host.save(lib, "shout.ts", "export const shout = (text: string): string => text.toUpperCase();");
  const hello = await host.town.val("hello");
  await host.save(hello, "names.ts", "export type Name = string;\nexport const names: Name[] = ['hamlet'];");
  await host.save(
    hello,
    "main.tsx",
    `/** @jsxImportSource npm:tiny-jsx@1.0.0 */
import { shout } from "https://esm.town/v/ann/lib/shout.ts";
import { type Name, names } from "./names.ts";
const first: Name = names[0]!;
export const view = <b>{shout(first)}</b>;
export const own = import.meta.url;
`,
  );
  await host.save(
    hello,
    "plain.ts",
    "import { names } from './names.ts';\nconst all: string = names.join();\nconsole.log(all, import.meta.url);\n",
  );
  const hidden = await host.town.val("hidden", { privacy: "private" });
  await host.save(hidden, "main.ts", "import { n } from './n.ts';\nconsole.log('n is', n as number);\n");
  await host.save(hidden, "n.ts", "export const n: number = 7;\n");
});
afterAll(() => host[Symbol.asyncDispose]());

describe("a page in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  }, 60_000);
  afterAll(() => browser.close());

  test("imports a val written in TSX, with its own files, another val and a package", async () => {
    const page = await browser.newPage();
    const packages: string[] = [];
    await page.route("https://esm.sh/**", (route) => {
      packages.push(new URL(route.request().url()).pathname);
      const body = "export const jsx = (tag, { children }) => tag + ':' + children;";
      return route.fulfill({
        contentType: "text/javascript",
        headers: { "access-control-allow-origin": "*" },
        body,
      });
    });
    // Another origin: where a page comes from must not matter.
    const title = new Response("<title>elsewhere</title>", { headers: { "content-type": "text/html" } });
    const elsewhere = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => title });
    await page.goto(elsewhere.url.href);
    const got = await page.evaluate(async (url) => {
      const { view, own } = await import(url);
      return { view, own };
    }, `${host.origin}/v/ann/hello/main.tsx`);
    expect(got).toEqual({ view: "b:HAMLET", own: `${host.origin}/v/ann/hello@3-main/main.tsx` });
    expect(packages).toEqual(["/tiny-jsx@1.0.0/jsx-runtime"]);
    await elsewhere.stop(true);
  }, 60_000);

  test("who opens a module in a tab reads its source", async () => {
    const page = await browser.newPage();
    const response = await page.goto(`${host.origin}/v/ann/hello/names.ts`);
    expect(response?.headers()["content-type"]).toBe("text/plain; charset=utf-8");
    expect(await page.textContent("pre")).toStartWith("export type Name = string;");
  }, 60_000);
});

describe("a plain Deno", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "outside-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("runs a public val by its address, as TypeScript, with one identity for each version", async () => {
    const { code, out, err } = await runDeno(`${host.origin}/v/ann/hello/plain.ts`, { folder });
    expect([code, out, err]).toEqual([
      0,
      `hamlet ${host.origin}/v/ann/hello@3-main/plain.ts\n`,
      expect.any(String),
    ]);
  }, 60_000);

  test("runs a private val with DENO_AUTH_TOKENS, and without it not", async () => {
    const url = `${host.origin}/v/ann/hidden/main.ts`;
    // Deno remembers what was not found, hence another cache.
    const without = await runDeno(url, { folder: mkdtempSync(join(folder, "without-")) });
    expect([without.code === 0, without.out]).toEqual([false, ""]);
    const env = { DENO_AUTH_TOKENS: `${host.town.ann.token}@${new URL(host.origin).host}` };
    const { code, out, err } = await runDeno(url, { folder, env });
    expect([code, out, err]).toEqual([0, "n is 7\n", expect.any(String)]);
  }, 60_000);
});
