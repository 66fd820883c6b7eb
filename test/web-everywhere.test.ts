// @long
/** Every page: hostile words do nothing on it, and nothing keeps people from using it (axe-core), in light and in dark. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { startWeb, type Web } from "./support/web.ts";

const AXE = readFileSync(join(import.meta.dir, "../node_modules/axe-core/axe.min.js"), "utf8");
const EVIL = `<img src=x onerror="hacked=1"><script>hacked=1</script>`;
const MARKDOWN = `# ${EVIL}\n\n[link](javascript:hacked=1) ![picture](javascript:hacked=1)\n\n<svg onload=hacked=1>`;

let web: Web;
let valId: string;
let trace: string;

beforeAll(async () => {
  web = await startWeb();
  const { hamlet } = web;
  const val = await hamlet.val("hostile", {
    "main.http.ts": `// </script>${EVIL}
export default () => {
  console.log(${JSON.stringify(EVIL)}, "\\x1b[31mred");
  return new Response(${JSON.stringify(EVIL)}, { headers: { "content-type": "text/html", "x-evil": ${JSON.stringify(EVIL)} } });
};`,
    "README.md": MARKDOWN,
    "clock.interval.ts": "export default () => {};",
    "mail.email.ts": `export default () => console.log(${JSON.stringify(EVIL)});`,
  });
  valId = val.id;
  await expectOk(
    hamlet.api(`/v3/vals/${valId}`, { method: "PATCH", json: { description: EVIL.slice(0, 64) } }),
    hamlet.api("/v3/me", { method: "PATCH", json: { bio: EVIL } }),
    hamlet
      .api("/v3/me/tokens", { json: { name: EVIL } })
      .then((answer) => (answer.status === 400 ? undefined : answer)),
    hamlet.api(`/v2/vals/${valId}/environment_variables`, { json: { key: "SECRET", value: EVIL } }),
    hamlet.api(`/v3/vals/${valId}/sqlite/execute`, {
      json: {
        statement: `create table "${EVIL.replaceAll('"', '""')}" as select '${EVIL}' as "${EVIL.replaceAll('"', '""')}"`,
      },
    }),
    hamlet.api(`/v3/vals/${valId}/blob/${encodeURIComponent(EVIL)}`, { method: "POST", body: EVIL }),
    hamlet.api(`/v2/vals/${valId}/branches`, { json: { name: "other" } }),
  );
  const { data } = (await (await hamlet.api(`/v2/vals/${valId}/branches`)).json()) as {
    data: { id: string; name: string }[];
  };
  const other = data.find(({ name }) => name === "other")!;
  await expectOk(
    hamlet.api(`/v2/vals/${valId}/files?path=README.md&branch_id=${other.id}`, {
      method: "PUT",
      json: { content: `${MARKDOWN}\nmore` },
    }),
    hamlet.api(`/v3/vals/${valId}/pulls`, {
      json: { sourceBranchId: other.id, title: EVIL, description: MARKDOWN },
    }),
  );
  trace = (await hamlet.fetch(val)).headers.get("x-hamlet-trace") ?? "";
});
afterAll(async () => {
  expect(web.problems).toEqual([]);
  await web[Symbol.asyncDispose]();
});

async function expectOk(...answers: Promise<Response | undefined>[]): Promise<void> {
  for (const answer of await Promise.all(answers)) {
    if (answer !== undefined && !answer.ok)
      throw new Error(`${answer.url}: ${answer.status} ${await answer.text()}`);
  }
}

/** Path, and a heading or text by which one sees that the page is there. */
const PAGES: readonly [path: string, shown: RegExp][] = [
  ["/", /./],
  ["/search?q=hacked", /hostile/],
  ["/u/tester", /hostile/],
  ["/new", /New val/],
  [`/new?code64=${encodeURIComponent(Buffer.from(EVIL).toString("base64"))}`, /hacked=1/],
  ["/settings", /tester/],
  ["/settings/tokens", /oken/],
  ["/settings/sign-in", /assword/],
  ["/settings/sessions", /ession/],
  ["/settings/usage", /./],
  ["/admin", /./],
  ["/admin/users", /tester/],
  ["/admin/invites", /nvit/],
  ["/docs/cron", /Cron/],
  ["/x/tester/hostile", /main\.http\.ts/],
  ["/x/tester/hostile/code/README.md", /README\.md/],
  ["/x/tester/hostile/logs", /hacked=1/],
  ["/x/tester/hostile/traces/{trace}", /hacked=1/],
  ["/x/tester/hostile/history", /ersion/],
  ["/x/tester/hostile/branches", /other/],
  ["/x/tester/hostile/pulls", /hacked=1/],
  ["/x/tester/hostile/pulls/1", /hacked=1/],
  ["/x/tester/hostile/triggers", /clock/],
  ["/x/tester/hostile/environment", /SECRET/],
  ["/x/tester/hostile/sqlite", /hacked=1/],
  ["/x/tester/hostile/blobs", /hacked=1/],
  ["/x/tester/hostile/settings", /elete/],
  ["/embed/tester/hostile", /hacked=1/],
];

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary: string }[];
}

/** What axe finds that is serious or worse; frames of endpoints are not ours. */
async function findBarriers(page: Page, only?: string): Promise<string[]> {
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(AXE);
  const rules = only === undefined ? "{}" : `{ runOnly: [${JSON.stringify(only)}] }`;
  const run = `axe.run({ exclude: ["iframe"] }, { ...${rules}, iframes: false, resultTypes: ["violations"] }).then(({ violations }) => violations)`;
  const found = (await page.evaluate(run)) as Violation[];
  return found
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map((node) => `${node.target.join(" ")} ${node.failureSummary}`)
          .slice(0, 3)
          .join("; ")}`,
    );
}

async function isShown(page: Page, shown: RegExp): Promise<boolean> {
  try {
    await page.locator("#root").getByText(shown).first().waitFor({ state: "attached" });
    await page.locator(".skeleton").first().waitFor({ state: "detached" });
    return true;
  } catch {
    return false;
  }
}

test("on every page hostile words are words, and nothing serious keeps people from using it", async () => {
  // Without transitions: half-way between two colours no contrast is right.
  const page = await web.person("tester", { reducedMotion: "reduce" });
  page.on("dialog", (dialog) => {
    web.problems.push(`${page.url()} opened a dialog`);
    void dialog.dismiss();
  });
  const problems: string[] = [];
  for (const [path, shown] of PAGES) {
    const address = path.replace("{trace}", trace);
    await page.goto(web.url + address);
    if (!(await isShown(page, shown))) {
      problems.push(`${path}: ${shown} is not there`);
      continue;
    }
    const hacked = await page.evaluate(
      `globalThis.hacked === 1 || document.querySelector('img[src="x"], a[href^="javascript:"]') !== null`,
    );
    if (hacked) problems.push(`${path}: hostile words became more than words`);
    const wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth + 1");
    if (wide) problems.push(`${path}: wider than the window`);
    problems.push(...(await findBarriers(page)).map((barrier) => `${path} light: ${barrier}`));
    await page.evaluate("document.documentElement.dataset.theme = 'dark'");
    problems.push(
      ...(await findBarriers(page, "color-contrast")).map((barrier) => `${path} dark: ${barrier}`),
    );
  }
  expect(problems).toEqual([]);
}, 120_000);

test("at 360 px no page is wider than the window", async () => {
  const page = await web.person("tester", { viewport: { width: 360, height: 740 } });
  const problems: string[] = [];
  for (const [path, shown] of PAGES) {
    await page.goto(web.url + path.replace("{trace}", trace));
    await isShown(page, shown);
    const wide = await page.evaluate(
      "[...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && document.documentElement.scrollWidth > innerWidth).slice(0, 3).map((e) => e.className || e.tagName).join(', ')",
    );
    if (wide !== "") problems.push(`${path}: ${wide}`);
  }
  expect(problems).toEqual([]);
}, 60_000);

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
