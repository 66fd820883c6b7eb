/** Vals on other people's pages, links to vals that unfold, and the guides. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { startWeb, type Web } from "./support/web.ts";

let web: Web;
beforeAll(async () => {
  web = await startWeb();
  await web.hamlet.val("poem", {
    "main.http.ts": `// <script>globalThis.hacked = 1</script>\nexport default () => new Response("a line of the poem");`,
    "lib.ts": "export const kept = 1;",
  });
  const secret = {
    name: "secret",
    privacy: "private",
    files: [{ path: "main.ts", type: "http", content: "export default 1" }],
  };
  await web.hamlet.api("/v2/vals", { json: secret });
});
afterAll(async () => {
  expect(web.problems).toEqual([]);
  await web[Symbol.asyncDispose]();
});

const get = (path: string, init?: RequestInit) => fetch(`${web.url}${path}`, init);

test("a foreign page frames a val: code and live answer side by side, as high as it asks for", async () => {
  using foreign = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () =>
      new Response(
        `<iframe src="${web.url}/embed/tester/poem?theme=dark" width="900" height="99"></iframe><script src="${web.url}/embed.js"></script>`,
        { headers: { "content-type": "text/html" } },
      ),
  });
  const page = await web.visitor();
  await page.goto(`http://127.0.0.1:${foreign.port}/`);
  const frame = page.frameLocator("iframe");
  await frame.getByText("export default").waitFor();
  await frame.frameLocator("iframe").getByText("a line of the poem").waitFor();
  expect(await frame.locator("html").getAttribute("data-theme")).toBe("dark");
  expect(await frame.getByRole("link", { name: "tester/poem" }).getAttribute("href")).toContain(
    "/x/tester/poem",
  );
  await page.waitForFunction("document.querySelector('iframe').offsetHeight === 280 + 4");
  expect(await frame.locator("html").evaluate("globalThis.hacked")).toBeUndefined();
});

test("a file, a version and pasted code can be embedded; what is private cannot, not even by its owner", async () => {
  const page = await web.person();
  await page.goto(`${web.url}/embed/x/tester/poem/lib.ts`);
  await page.getByText("export const kept").waitFor();
  expect(await page.locator("iframe").count()).toBe(0);
  await page.goto(`${web.url}/embed/new?code=${encodeURIComponent("let a = '</script><b>';")}`);
  await page.getByText("</script><b>").waitFor();
  for (const path of ["/embed/tester/secret", "/embed/tester/poem?v=99", "/embed/no/body"]) {
    expect((await page.goto(web.url + path))?.status()).toBe(404);
    await page.getByText("There is no such val or file here").waitFor();
  }
});

test("the embed's script is small, and all that it may do is load its own files and frame endpoints", async () => {
  const answer = await get("/embed/tester/poem");
  const policy = answer.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors *");
  const scripts = [...(await answer.text()).matchAll(/(?:src|href)="(\/_app\/[^"]+\.js)"/g)].map(
    ([, path]) => path!,
  );
  expect(scripts.length).toBeGreaterThan(0);
  let size = 0;
  for (const path of scripts) {
    const file = await get(path, {
      headers: { "accept-encoding": "gzip" },
      decompress: false,
    } as RequestInit);
    expect(file.headers.get("content-encoding")).toBe("gzip");
    size += (await file.arrayBuffer()).byteLength;
  }
  expect(size).toBeLessThan(120_000);
});

test("a link to a val unfolds: title, picture, oEmbed; one to a private val says nothing", async () => {
  const text = await (await get("/x/tester/poem")).text();
  expect(text).toContain('<meta property="og:title" content="tester/poem">');
  expect(text).toContain("<title>tester/poem · Hamlet</title>");
  const oembed = /application\/json\+oembed" href="([^"]+)"/.exec(text)?.[1]?.replaceAll("&amp;", "&") ?? "";
  const described = (await (await fetch(oembed)).json()) as { html: string; thumbnail_url: string };
  expect(described).toMatchObject({
    version: "1.0",
    type: "rich",
    title: "tester/poem",
    author_name: "tester",
  });
  expect(described.html).toContain(`src="${web.url}/embed/tester/poem"`);
  expect(text).toContain(`<meta property="og:image" content="${described.thumbnail_url}">`);
  const card = await fetch(described.thumbnail_url);
  expect(card.headers.get("content-type")).toBe("image/png");
  const png = Buffer.from(await card.arrayBuffer());
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1200, 630]);
  expect(await (await get("/x/tester/secret")).text()).not.toContain("tester/secret");
  expect((await get("/card/tester/secret.png")).status).toBe(404);
  expect((await get(`/oembed?url=${encodeURIComponent(`${web.url}/x/tester/secret`)}`)).status).toBe(404);
  expect((await get(`/oembed?url=${encodeURIComponent("https://a.example/x/tester/poem")}`)).status).toBe(
    404,
  );
});

test("the guides are read in the town, and lead to each other", async () => {
  const page = await web.visitor();
  await page.goto(`${web.url}/docs/cron`);
  await page.getByRole("heading", { name: "Cron", exact: true }).waitFor();
  await page
    .getByRole("article")
    .getByRole("link", { name: "email.md" })
    .or(page.getByRole("link", { name: "Email" }))
    .first()
    .click();
  await page.getByRole("heading", { level: 1 }).filter({ hasText: /mail/i }).waitFor();
  await page.goto(`${web.url}/docs/none`);
  await page.getByText("There is no such guide").waitFor();
});
