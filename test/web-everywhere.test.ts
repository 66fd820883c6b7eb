// @long
/** Every page: hostile words do nothing on it, and nothing keeps people from using it (axe-core), in light and in dark. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { EVIL, plantHostile } from "./support/hostile.ts";
import { startWeb, type Web } from "./support/web.ts";

const AXE = readFileSync(join(import.meta.dir, "../node_modules/axe-core/axe.min.js"), "utf8");
let web: Web;
let trace: string;

beforeAll(async () => {
  // With a list of examples, if only an empty one, `tester` is the operator.
  web = await startWeb({ examples: [] });
  trace = (await plantHostile(web.hamlet)).trace;
}, 60_000);
afterAll(async () => {
  expect(web.problems).toEqual([]);
  await web[Symbol.asyncDispose]();
});

const IN_VAL = "/x/tester/hostile";
/** Where the page is, and words of its own that come last: what it is there for. */
const PAGES: readonly [path: string, shown: RegExp][] = [
  ["/", /Good to see you/],
  ["/search?q=hacked", /hostile/],
  ["/search?q=hacked&in=code", /export default/],
  ["/u/tester", /hostile/],
  ["/u/evil-org", /hacked=1/],
  ["/orgs/evil-org/settings", /Leave/],
  ["/new", /Create val/],
  [`/new?code64=${encodeURIComponent(Buffer.from(EVIL).toString("base64"))}`, /hacked=1/],
  ["/settings", /hacked=1/],
  ["/settings/tokens", /hacked=1/],
  ["/settings/sign-in", /Add a passkey/],
  ["/settings/sessions", /this one/],
  ["/settings/orgs", /evil-org/],
  ["/settings/usage", /hostile/],
  ["/settings/apps", /app/],
  ["/settings/export", /Download the archive/],
  ["/admin", /hamlet\.db/],
  ["/admin/users", /evil-org/],
  ["/admin/invites", /Make invitation/],
  ["/admin/audit", /hacked=1/],
  ["/docs/cron", /hamlet cron/],
  ["/no/such/page", /There is nothing here/],
  ["/x/tester/nothing", /There is no val/],
  [IN_VAL, /Error/],
  [`${IN_VAL}/code/README.md`, /picture/],
  [`${IN_VAL}/code/javascript.alert(1)--[onload]/$(hacked).ts`, /hacked=1/],
  [`${IN_VAL}/logs`, /hacked=1/],
  [`${IN_VAL}/traces/{trace}`, /x-hostile/],
  [`${IN_VAL}/history`, /Added mail/],
  [`${IN_VAL}/history/3`, /hacked=1/],
  [`${IN_VAL}/branches`, /other/],
  [`${IN_VAL}/pulls`, /hacked=1/],
  [`${IN_VAL}/pulls/1`, /more/],
  [`${IN_VAL}/pulls/new`, /Open pull request/],
  [`${IN_VAL}/triggers`, /TypeError/],
  [`${IN_VAL}/environment`, /SECRET/],
  [`${IN_VAL}/sqlite`, /hacked=1/],
  [`${IN_VAL}/blobs`, /hacked=1/],
  [`${IN_VAL}/settings`, /Delete/],
  ["/embed/tester/hostile", /hacked=1/],
];
/** Which of the page's parts has these words: around a val's parts is its description, which has them everywhere. */
const placeOf = (path: string) =>
  path.startsWith("/embed") ? "#root" : path.startsWith(IN_VAL) ? ".val-body" : "main";

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary: string }[];
}

/** What axe finds that is serious or worse; frames of endpoints are not ours. */
async function findBarriers(page: Page, only?: string): Promise<string[]> {
  const rules =
    only === undefined
      ? `rules: { "label-content-name-mismatch": { enabled: true } }`
      : `runOnly: [${JSON.stringify(only)}]`;
  const run = `axe.run({ exclude: ["iframe"] }, { ${rules}, iframes: false, resultTypes: ["violations"] }).then(({ violations }) => violations)`;
  const found = (await page.evaluate(run)) as Violation[];
  return found
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => {
      const first = nodes.slice(0, 3).map((node) => `${node.target.join(" ")} ${node.failureSummary}`);
      return `${id}: ${first.join("; ")}`;
    });
}

/** Until all of it is there. */
async function isShown(page: Page, path: string, shown: RegExp): Promise<boolean> {
  try {
    await page.locator(placeOf(path)).getByText(shown).first().waitFor({ state: "attached" });
    await page.locator(".skeleton").first().waitFor({ state: "detached" });
    return true;
  } catch {
    return false;
  }
}

const HACKED = `globalThis.hacked === 1 || document.querySelector('img[src="x"], a[href^="javascript:"], [onload], [onerror]') !== null`;
const TOO_WIDE = `document.documentElement.scrollWidth <= innerWidth ? "" : [...document.querySelectorAll("body *")]
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 3).map((e) => e.className || e.tagName).join(", ")`;
/** Colours have changed, and what is beside other things in a wide window is below them. */
const SETTLED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))";

/** All that is wrong with a page, at two widths, in light and in dark. */
async function findProblems(page: Page, path: string, shown: RegExp): Promise<string[]> {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(web.url + path.replace("{trace}", trace));
  if (!(await isShown(page, path, shown))) return [`${path}: ${shown} is not there`];
  const problems: string[] = [];
  if (await page.evaluate(HACKED)) problems.push("hostile words became more than words");
  const wide = await page.evaluate(TOO_WIDE);
  if (wide !== "") problems.push(`wider than 1280 px: ${wide}`);
  await page.evaluate(AXE);
  problems.push(...(await findBarriers(page)));
  await page.evaluate("document.documentElement.dataset.theme = 'dark'");
  await page.evaluate(SETTLED);
  problems.push(...(await findBarriers(page, "color-contrast")).map((barrier) => `in dark: ${barrier}`));
  await page.setViewportSize({ width: 360, height: 740 });
  await page.evaluate(SETTLED);
  const narrow = await page.evaluate(TOO_WIDE);
  if (narrow !== "") problems.push(`wider than 360 px: ${narrow}`);
  return problems.map((problem) => `${path}: ${problem}`);
}

/** Looks at every second page. */
async function lookAround(first: number): Promise<string[]> {
  // Without transitions: half-way between two colours no contrast is right.
  const page = await web.person("tester", { reducedMotion: "reduce" });
  page.on("dialog", (dialog) => {
    web.problems.push(`${page.url()} opened a dialog`);
    void dialog.dismiss();
  });
  const problems: string[] = [];
  for (const [path, shown] of PAGES.filter((_, at) => at % 2 === first))
    problems.push(...(await findProblems(page, path, shown)));
  return problems;
}

test("on every page hostile words are words, nothing serious keeps people from using it, and it fits into a phone", async () => {
  const found = await Promise.all([lookAround(0), lookAround(1)]);
  expect(found.flat()).toEqual([]);
}, 240_000);

test("nothing moves while a page loads, and who closes a dialog goes on where they were", async () => {
  const page = await web.person("tester", { reducedMotion: "reduce" });
  // As browsers count it: below 0.1 is good.
  await page.addInitScript(`globalThis.moved = 0;
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) moved += value;
    }).observe({ type: "layout-shift", buffered: true });`);
  for (const [path, shown] of [
    PAGES[0]!,
    PAGES.find(([path]) => path === IN_VAL)!,
    ["/settings", /hacked=1/],
  ] as const) {
    await page.goto(web.url + path);
    expect(await isShown(page, path, shown)).toBe(true);
    await page.evaluate(SETTLED);
    expect([path, Number(await page.evaluate("moved")) < 0.05]).toEqual([path, true]);
  }
  await page.goto(`${web.url}${IN_VAL}/environment`);
  const opener = page.getByRole("button", { name: "Delete SECRET" });
  await opener.focus();
  for (const end of ["Escape", "Enter"]) {
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Cancel" }).and(page.locator(":focus")).waitFor();
    await page.keyboard.press(end);
    await opener.and(page.locator(":focus")).waitFor();
  }
});

test("the first pages load at most 200 kB of script before the editor", async () => {
  for (const path of ["/", "/x/tester/hostile"]) {
    const answer = await fetch(web.url + path);
    const names = [...(await answer.text()).matchAll(/(?:src|href)="(\/_app\/[^"]+\.js)"/g)].map(
      ([, name]) => name!,
    );
    let bytes = 0;
    for (const name of new Set(names)) {
      const file = await fetch(web.url + name, {
        headers: { "accept-encoding": "gzip" },
        decompress: false,
      } as RequestInit);
      bytes += (await file.arrayBuffer()).byteLength;
    }
    expect(names.length).toBeGreaterThan(3);
    expect(bytes).toBeLessThan(200_000);
  }
});
