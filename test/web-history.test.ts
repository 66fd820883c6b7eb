// @long
/** History, branches, merges, remixes and pull requests, as people use them. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import type { TestVal } from "./support/server.ts";
import { startWeb, type Web } from "./support/web.ts";

const source = (greeting: string) =>
  `export default function () {\n  return new Response("${greeting}");\n}\n`;

let web: Web;
let val: TestVal;
let page: Page;
let ann: Page;
const base = () => `${web.url}/x/tester/story`;

beforeAll(async () => {
  web = await startWeb({ examples: false });
  val = await web.hamlet.val("story", {
    "main.http.ts": source("one"),
    "words.ts": "export const words = 1;\n",
  });
  await web.hamlet.save(val, source("two"));
  page = await web.person();
});
afterAll(() => web[Symbol.asyncDispose]());

/** What a file of a branch has now. */
async function textOf(branch = "main", path = "main.http.ts"): Promise<string> {
  const query = new URLSearchParams({ path, branch_id: await branchId(branch) });
  return (await web.hamlet.api(`/v2/vals/${val.id}/files/content?${query}`)).text();
}

async function branchId(name: string): Promise<string> {
  const { data } = (await (await web.hamlet.api(`/v2/vals/${val.id}/branches`)).json()) as {
    data: { id: string; name: string }[];
  };
  return data.find((one) => one.name === name)!.id;
}

async function saveIn(branch: string, content: string): Promise<void> {
  const query = new URLSearchParams({ path: "main.http.ts", branch_id: await branchId(branch) });
  const answer = await web.hamlet.api(`/v2/vals/${val.id}/files?${query}`, {
    method: "PUT",
    json: { content },
  });
  expect(answer.status).toBe(200);
}

test("a version shows who made it and what it changed, and going back to one can be undone", async () => {
  await page.goto(base());
  await page.getByRole("link", { name: "History", exact: true }).click();
  const newest = page.getByRole("listitem").filter({ hasText: "v3" });
  await newest.getByRole("link", { name: "tester" }).waitFor();
  await newest.getByText("live").waitFor();
  await newest.getByRole("link", { name: "Changed main.http.ts" }).click();
  const file = page.getByRole("region", { name: "main.http.ts" });
  await file.getByRole("textbox", { name: "main.http.ts, before" }).getByText("one").waitFor();
  await file.getByRole("textbox", { name: "main.http.ts, after" }).getByText("two").waitFor();
  await file.getByRole("button", { name: "Whole file" }).click();
  await file.getByRole("button", { name: "Changes only" }).waitFor();
  await page.getByLabel("Compared with version").fill("1");
  await page.getByRole("button", { name: "Compare" }).click();
  await page.getByRole("region", { name: "words.ts" }).getByText("added", { exact: true }).waitFor();

  await page.goto(`${base()}/history/1`);
  await page.getByRole("tab", { name: "Files" }).click();
  await page.getByRole("textbox", { name: "main.http.ts" }).getByText("one").waitFor();
  await page.getByRole("button", { name: "Revert to version 1" }).click();
  await page.getByRole("button", { name: "Revert", exact: true }).click();
  await page.getByText("Version 4 has everything as in version 1.").first().waitFor();
  expect(await textOf()).toBe(source("one"));
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Undone: version 5 is as version 3 was.").first().waitFor();
  expect(await textOf()).toBe(source("two"));

  await page.goto(`${base()}/history/1`);
  await page.getByRole("button", { name: "Revert file main.http.ts" }).click();
  await page.getByRole("button", { name: "Revert", exact: true }).click();
  await page.getByText("Version 6 has main.http.ts as in version 1.").first().waitFor();
  expect(await textOf("main", "words.ts")).toContain("words = 1");
}, 60_000);

test("a branch is made, changed and merged, and its conflict is resolved in the page", async () => {
  await page.goto(base());
  await page.getByRole("button", { name: "Branch main" }).click();
  await page.getByRole("menuitem", { name: "New branch…" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("dev");
  await page.getByRole("button", { name: "Create branch" }).click();
  await page.waitForURL(`${base()}/branch/dev`);
  await page.getByRole("button", { name: "Branch dev" }).waitFor();

  await saveIn("dev", source("from dev"));
  await page.goto(`${base()}/branches`);
  await page.getByRole("link", { name: "1 file ahead" }).click();
  await page.getByRole("textbox", { name: "main.http.ts, after" }).getByText("from dev").waitFor();
  await page.getByRole("button", { name: "Merge into main" }).click();
  await page.getByRole("heading", { name: "Version 7" }).waitFor();
  expect(await textOf()).toBe(source("from dev"));

  await saveIn("dev", source("dev again"));
  await saveIn("main", source("main again"));
  await page.goto(`${base()}/branches/dev`);
  await page.getByText("both have changed the same lines").waitFor();
  await page.getByRole("link", { name: /^Take main into dev first/ }).click();
  await page.getByRole("button", { name: "Take the changes and resolve" }).click();
  const conflict = page.getByRole("group", { name: "Conflict 1" });
  await conflict.getByRole("button", { name: "Use both" }).click();
  await page.getByText("no conflicts left").waitFor();
  await page.keyboard.press("Control+z");
  await page.getByText("1 conflict left").waitFor();
  await page.reload();
  await conflict.getByRole("button", { name: "Use main" }).click();
  await page.getByRole("button", { name: "Save resolved file" }).click();
  await page.getByRole("heading", { name: "Nothing to merge" }).waitFor();
  expect(await textOf("dev")).toBe(source("main again"));
}, 60_000);

test("somebody else remixes the val and proposes a change, which its owner merges", async () => {
  ann = await web.person("ann");
  await ann.goto(base());
  await ann.getByRole("button", { name: "Like: 0 likes" }).click();
  await ann.getByRole("button", { name: "Liked: 1 like" }).waitFor();
  await ann.getByRole("button", { name: "Remix" }).click();
  await ann.getByRole("dialog").getByRole("button", { name: "Remix" }).click();
  await ann.waitForURL(`${web.url}/x/ann/story`);
  await ann.getByText("remix of").getByRole("link", { name: "tester/story" }).waitFor();
  await saveWords(ann, "2");
  await ann.getByRole("link", { name: "Pull requests" }).click();
  await ann.getByRole("button", { name: "Propose changes to tester/story" }).click();
  await ann.getByLabel("Title").fill("More words");
  await ann.getByLabel("Description").fill("There are **more**.");
  await ann.getByRole("textbox", { name: "words.ts, after" }).getByText("2").waitFor();
  await ann.getByRole("button", { name: "Open pull request" }).click();
  await ann.waitForURL(`${base()}/pulls/1`);
  await ann.getByRole("button", { name: "Close without merging" }).click();
  await ann.getByRole("button", { name: "Reopen" }).click();
  await ann.getByRole("button", { name: "Close without merging" }).waitFor();
  expect(await ann.getByRole("button", { name: "Merge", exact: true }).count()).toBe(0);

  await page.goto(`${base()}/pulls`);
  await page.getByRole("link", { name: "More words" }).click();
  await page.getByRole("textbox", { name: "words.ts, after" }).getByText("2").waitFor();
  await page.getByRole("strong").getByText("more").waitFor();
  await page.getByRole("button", { name: "Merge", exact: true }).click();
  await page.getByText("merged", { exact: true }).waitFor();
  await page.getByRole("link", { name: /^version \d+ of main/ }).waitFor();
  expect(await textOf("main", "words.ts")).toBe("export const words = 2;\n");
}, 60_000);

test("what is in the way of a proposal is told, resolved by its author, and then merged", async () => {
  await saveWords(ann, "3");
  const query = new URLSearchParams({ path: "words.ts" });
  const json = { content: "export const words = 4;\n" };
  await web.hamlet.api(`/v2/vals/${val.id}/files?${query}`, { method: "PUT", json });
  await ann.goto(`${web.url}/x/ann/story/pulls`);
  await ann.getByRole("button", { name: "Propose changes to tester/story" }).click();
  await ann.getByLabel("Title").fill("Other words");
  await ann.getByRole("button", { name: "Open pull request" }).click();
  await ann.waitForURL(`${base()}/pulls/2`);
  await page.goto(`${base()}/pulls/2`);
  await page.getByRole("button", { name: "Merge", exact: true }).click();
  await page.getByText("both have changed the same lines").waitFor();
  // Its author takes what is new in the original, and chooses.
  await ann.goto(`${web.url}/x/ann/story/branches/main?from=parent`);
  await ann.getByRole("heading", { name: "Take changes of tester/story into main" }).waitFor();
  await ann.getByRole("button", { name: "Take the changes and resolve" }).click();
  await ann.getByRole("button", { name: "Use ann/story" }).click();
  await ann.getByRole("button", { name: "Save resolved file" }).click();
  await ann.getByRole("heading", { name: "Nothing to merge" }).waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Merge", exact: true }).click();
  await page.getByText("merged", { exact: true }).waitFor();
  expect(await textOf("main", "words.ts")).toBe("export const words = 3;\n");
  expect(web.problems).toEqual([]);
}, 60_000);

/** Saves a new text in somebody's own remix. */
async function saveWords(person: Page, words: string): Promise<void> {
  await person.evaluate(async (content) => {
    const { id } = (await (await fetch("/api/v2/alias/vals/ann/story")).json()) as { id: string };
    await fetch(`/api/v2/vals/${id}/files?path=words.ts`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ content }),
    });
  }, `export const words = ${words};\n`);
}
