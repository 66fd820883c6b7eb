/**
 * Pictures of the web app for the README, into `docs/images`: `npm run screenshots`. Of a town of its own with the
 * examples, light and dark, wide and narrow.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { openStore } from "../src/store/store.ts";
import { startWeb, type Web } from "../test/support/web.ts";

const FOLDER = join(import.meta.dir, "../docs/images");
const SIZES = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } } as const;
/** Until a stream has a shape that one can see. */
const STREAM_MS = 6000;

const POEM = `// A poem that is sent while it is made, a word at a time.

const WORDS = "So much depends upon a red wheel barrow glazed with rain water beside the white chickens";

export default function poem(req: Request): Response {
  const words = WORDS.split(" ");
  console.log("Somebody reads the poem", new URL(req.url).pathname);
  const body = new ReadableStream({
    async pull(controller) {
      const word = words.shift();
      if (word === undefined) return controller.close();
      await new Promise((resolve) => setTimeout(resolve, word.length * 60));
      controller.enqueue(new TextEncoder().encode(\`\${word}\\n\`));
    },
  });
  return new Response(body, { headers: { "content-type": "text/plain; charset=utf-8" } });
}
`;

/** Name, path, and what is done on the page before it is taken. */
const PICTURES: readonly [name: string, path: string, act?: (page: Page) => Promise<unknown>][] = [
  ["front", "/"],
  ["val", "/x/me/poem", preview],
  ["stream", "/x/me/poem", stream],
  ["history", "/x/me/poem/history"],
  ["triggers", "/x/me/poem/triggers"],
  ["sqlite", "/x/me/poem/sqlite", (page) => page.getByText("visits").first().waitFor()],
  ["new", "/new"],
  ["search", "/search?q=ReadableStream&in=code"],
  ["admin", "/admin/workers"],
  ["embed", "/embed/me/poem"],
];

/** Where there is no room beside the code, it is a tab. */
async function showPreview(page: Page): Promise<void> {
  await page.getByRole("tab", { name: "Preview" }).first().click();
}

async function preview(page: Page): Promise<void> {
  await showPreview(page);
  await page.frameLocator("iframe").getByText("chickens").waitFor();
}

async function stream(page: Page): Promise<void> {
  await showPreview(page);
  await page.getByRole("tab", { name: "Request" }).click();
  await page.getByRole("button", { name: "Send" }).click();
  await page.waitForTimeout(STREAM_MS);
}

async function furnish(web: Web): Promise<void> {
  const page = await web.person("me");
  await page.evaluate(
    async ([content, changed]) => {
      const send = async (method: string, path: string, json: unknown) => {
        const headers = { "content-type": "application/json" };
        const answer = await fetch(`/api${path}`, { method, headers, body: JSON.stringify(json) });
        if (!answer.ok) throw new Error(await answer.text());
        return answer.json() as Promise<{ id: string }>;
      };
      const files = [
        { path: "main.ts", type: "http", content },
        { path: "README.md", type: "file", content: "# Poem\n\nA word at a time.\n" },
        { path: "lib/words.ts", type: "script", content: "export const WORDS = [];\n" },
        {
          path: "morning.ts",
          type: "interval",
          content: "export default () => console.log('Good morning');\n",
        },
      ];
      const about = "A poem, sent word by word";
      const val = await send("POST", "/v2/vals", {
        name: "poem",
        privacy: "public",
        description: about,
        files,
      });
      await send("PUT", `/v2/vals/${val.id}/files?path=main.ts`, { content: changed });
      const sql =
        "create table visits as select 1 as id, 'Berlin' as town, 12 as visitors union select 2, 'Lisbon', 7";
      await send("POST", `/v3/vals/${val.id}/sqlite/execute`, { statement: sql });
    },
    [POEM.replace("white", "quiet"), POEM] as const,
  );
  await page.close();
}

mkdirSync(FOLDER, { recursive: true });
await using web = await startWeb({ examples: true });
await furnish(web);
// As the first one of a town is.
const store = await openStore({ folder: web.hamlet.data });
const me = await store.users.findByName("me");
await store.accounts.change(me!.id, { admin: true });
await store.close();
for (const colorScheme of ["light", "dark"] as const) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    const page = await web.person("me", { viewport, colorScheme, deviceScaleFactor: 1 });
    for (const [name, path, act] of PICTURES) {
      await page.goto(web.url + path);
      await page.waitForLoadState("networkidle", { timeout: 5000 }).catch(() => {});
      await act?.(page).catch((error: unknown) =>
        console.error(`${name}, ${size}, ${colorScheme}: ${error}`),
      );
      await page.screenshot({ path: join(FOLDER, `${name}-${size}-${colorScheme}.png`) });
    }
    await page.context().close();
  }
}
if (web.problems.length > 0) throw new Error(web.problems.join("\n"));
