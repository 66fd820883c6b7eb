/** The code view of a val in a real browser: files, editor, saves, drafts, two who save at once, commands. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import type { TestVal } from "./support/server.ts";
import { startWeb, type Web } from "./support/web.ts";

const MAIN = 'import { greet } from "./lib/greet.ts";\n\nexport default () => new Response(greet("you"));\n';
const GREET = "/** Greets. */\nexport const greet = (name: string) => `Hello ${name}`;\n";

let web: Web;
let owner: Page;

beforeAll(async () => {
  web = await startWeb();
  owner = await web.person("tester", { viewport: { width: 1280, height: 800 } });
});
afterAll(async () => {
  expect(web.problems).toEqual([]);
  await web[Symbol.asyncDispose]();
});

const makeVal = (name: string): Promise<TestVal> =>
  web.hamlet.val(name, { "main.http.ts": MAIN, "lib/greet.ts": GREET, "notes.md": "# Notes\n" });

const textOf = (page: Page, path: string) => page.getByRole("textbox", { name: `Text of ${path}` });

/** The editor of a file, with the keyboard in it. */
async function writeIn(page: Page, path: string) {
  const text = textOf(page, path);
  await text.click();
  return text;
}

async function writeAtEnd(page: Page, path: string, typed: string) {
  await writeIn(page, path);
  await page.keyboard.press("Control+End");
  await page.keyboard.insertText(typed);
}

const state = (page: Page, text: string) => page.getByText(text, { exact: true });

test("a save shows its mistakes at their lines, and a good one what is served now", async () => {
  await makeVal("saves");
  await owner.goto(`${web.url}/x/tester/saves`);
  await textOf(owner, "main.http.ts").waitFor();
  await writeAtEnd(owner, "main.http.ts", "const broken = ;");
  await state(owner, "Unsaved").waitFor();
  await owner.keyboard.press("Control+s");
  const problems = owner.getByRole("region", { name: "Problems" });
  await problems.getByText("main.http.ts 4:16").waitFor();
  expect(await problems.textContent()).toContain("keeps serving");
  await owner.locator(".cm-lintRange-error", { hasText: ";" }).first().waitFor();
  // By the keyboard from the list to the line.
  await textOf(owner, "main.http.ts").press("Control+Home");
  await problems.getByRole("button").press("Enter");
  await owner.keyboard.press("Shift+Home");
  await owner.keyboard.press("Delete");
  await owner.keyboard.press("Delete");
  await owner.keyboard.press("Control+s");
  await problems.waitFor({ state: "detached" });
  await state(owner, "Saved, v5").waitFor();
});

test("types of the val's other files and of Deno are known, and nothing is asked of anybody else", async () => {
  const elsewhere: string[] = [];
  owner.on("request", (request) => {
    if (!/^https?:\/\/(?:[\w-]+\.)*localhost[:/]/.test(request.url())) elsewhere.push(request.url());
  });
  await makeVal("types");
  await owner.goto(`${web.url}/x/tester/types`);
  await writeAtEnd(
    owner,
    "main.http.ts",
    'import "npm:left-pad@1";\ngreet(42);\nDeno.env.get(7);\nclearTimeout(setTimeout(greet, 9, "you"));\nawait new Promise((done) => setTimeout(done, 9));',
  );
  await owner.locator(".cm-lintRange-error", { hasText: "42" }).waitFor();
  expect(await owner.locator(".cm-lintRange-error").allTextContents()).toEqual(["42", "7"]);
  await owner.keyboard.type("\nDeno.readTe");
  await owner.getByRole("option", { name: "readTextFile", exact: true }).waitFor();
  await owner.keyboard.press("Escape");
  expect(elsewhere).toEqual([]);
});

test("what is unsaved survives a reload, can be given up, and the giving up undone", async () => {
  await makeVal("drafts");
  await owner.goto(`${web.url}/x/tester/drafts/code/notes.md`);
  await writeAtEnd(owner, "notes.md", "not saved yet");
  await owner.getByRole("treeitem", { name: "notes.md, Script, unsaved" }).waitFor();
  await owner.reload();
  await owner.getByText(/^Unsaved changes of \d\d:\d\d restored/).waitFor();
  expect(await textOf(owner, "notes.md").textContent()).toContain("not saved yet");
  await owner.getByRole("button", { name: "Discard" }).click();
  await owner.getByRole("treeitem", { name: "notes.md, Script", exact: true }).waitFor();
  expect(await textOf(owner, "notes.md").textContent()).not.toContain("not saved yet");
  await owner.getByRole("button", { name: "Undo" }).click();
  await state(owner, "Unsaved").waitFor();
  await owner.getByRole("button", { name: "Save", exact: true }).click();
  await state(owner, "Saved, v4").waitFor();
});

test("what another saves comes in by itself, or is merged with what one has typed: nothing is lost", async () => {
  const val = await makeVal("conflict");
  await owner.goto(`${web.url}/x/tester/conflict/code/lib/greet.ts`);
  await textOf(owner, "lib/greet.ts").waitFor();
  await web.hamlet.save(val, "export const greet = String; // theirs\n", "lib/greet.ts");
  await owner.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))");
  await owner.getByText("// theirs").waitFor();
  await writeAtEnd(owner, "lib/greet.ts", "// mine");
  await web.hamlet.save(val, "export const greet = String; // theirs again\n", "lib/greet.ts");
  await owner.keyboard.press("Control+s");
  const dialog = owner.getByRole("dialog", { name: "Two versions of lib/greet.ts" });
  await dialog.getByText("theirs again").waitFor();
  await dialog.getByRole("textbox", { name: "Your text" }).click();
  await owner.keyboard.press("Control+Home");
  await owner.keyboard.insertText("// both\n");
  await dialog.getByRole("button", { name: "Save the right side" }).click();
  await state(owner, "Saved, v6").waitFor();
  const saved = await web.hamlet.api(`/v2/vals/${val.id}/files/content?path=lib/greet.ts`);
  expect(await saved.text()).toBe("// both\nexport const greet = String; // theirs\n// mine");
});

test("files are made, gone to, moved, of another kind, and deleted, all by the keyboard", async () => {
  await makeVal("tree");
  await owner.goto(`${web.url}/x/tester/tree`);
  const tree = owner.getByRole("tree");
  await owner.getByRole("button", { name: "New file" }).press("Enter");
  await owner.getByRole("textbox", { name: "Name" }).fill("jobs/tick.ts");
  await owner.getByRole("combobox", { name: "Kind" }).selectOption("interval");
  await owner.keyboard.press("Tab");
  await owner.getByRole("button", { name: "Create file" }).press("Enter");
  await textOf(owner, "jobs/tick.ts").waitFor();
  await tree.press("F2");
  await owner.getByRole("textbox", { name: "New path" }).fill("tock.ts");
  await owner.keyboard.press("Enter");
  await textOf(owner, "tock.ts").waitFor();
  expect(new URL(owner.url()).pathname).toBe("/x/tester/tree/code/tock.ts");
  await owner.getByRole("combobox", { name: "Kind of this file" }).selectOption("script");
  await tree.getByRole("treeitem", { name: "tock.ts, Script" }).waitFor();
  await tree.press("Home");
  await tree.press("ArrowDown");
  await tree.press("ArrowRight");
  await tree.press("ArrowRight");
  await tree.press("Enter");
  await textOf(owner, "lib/greet.ts").waitFor();
  await tree.press("Delete");
  await owner.getByRole("button", { name: "Delete", exact: true }).press("Enter");
  await textOf(owner, "main.http.ts").waitFor();
  await tree.getByRole("treeitem", { name: "greet.ts, Script" }).waitFor({ state: "detached" });
});

test("commands, files and shortcuts are found by a few letters", async () => {
  await makeVal("commands");
  await owner.goto(`${web.url}/x/tester/commands`);
  await writeIn(owner, "main.http.ts");
  await owner.keyboard.press("Control+p");
  await owner.getByRole("combobox", { name: "Go to file" }).fill("gre");
  await owner.keyboard.press("Enter");
  await writeAtEnd(owner, "lib/greet.ts", "const   a=1");
  await owner.keyboard.press("Control+k");
  await owner.getByRole("combobox", { name: "Command menu" }).fill("form");
  await owner.keyboard.press("Enter");
  await owner.getByText("const a = 1;").waitFor();
  await owner.getByRole("heading", { name: "lib/greet.ts" }).click();
  await owner.keyboard.press("?");
  const shortcuts = owner.getByRole("dialog", { name: "Keyboard shortcuts" });
  await shortcuts.getByText("Save and run").waitFor();
  await owner.keyboard.press("Escape");
  await owner.keyboard.press("Control+s");
  await state(owner, "Saved, v4").waitFor();
});

test("a visitor may type: the change waits for the sign-in and is saved in a remix", async () => {
  await makeVal("public");
  const ann = await web.person("ann");
  await ann.context().close();
  const visitor = await web.visitor({ viewport: { width: 1280, height: 800 } });
  await visitor.goto(`${web.url}/x/tester/public/code/notes.md`);
  await writeAtEnd(visitor, "notes.md", "by ann");
  expect(await visitor.getByRole("button", { name: "Save", exact: true }).count()).toBe(0);
  await visitor.getByRole("link", { name: "Sign in and remix to save this" }).click();
  await visitor.getByLabel("Username or e-mail").fill("ann");
  await visitor.getByLabel(/^Password/).fill("correct horse");
  await visitor.getByRole("button", { name: "Sign in", exact: true }).click();
  await visitor.waitForURL(/\/x\/ann\/public\/code\/notes\.md$/);
  await visitor.getByText("by ann").waitFor();
  await state(visitor, "Saved, v2").waitFor();
});
