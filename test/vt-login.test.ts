/** `vt` signs in at a town of its own: the code in the terminal, the rest in a real browser. */

import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBrowser } from "./support/browser.ts";
import { startHamlet } from "./support/server.ts";
import { edit, Vt } from "./support/vt.ts";
import { login } from "./support/vt-stream.ts";

test("vt shows a code, its owner allows it in a browser, and vt works with what it gets", async () => {
  await using hamlet = await startHamlet({ args: ["--api-port", "0", "--sign-up", "open", "--pool", "0"] });
  const { userCode, page: address, tokens, refresh } = await login(`http://localhost:${hamlet.port}`);
  const browser = await startBrowser();
  const home = mkdtempSync(join(tmpdir(), "vt-"));
  try {
    const page = await browser.newPage();
    await page.goto(address);
    expect(await page.content()).toContain(userCode);
    await page.getByRole("button", { name: "Yes, go on" }).click();
    await page.waitForURL(/\/auth\/sign-in/);
    await page.getByRole("link", { name: "Make an account" }).click();
    await page.locator("[name=username]").fill("wolf");
    await page.locator("[name=password]").fill("a horse and its battery");
    await page.locator("main button").first().click();
    await page.waitForURL(/\/oauth\/interaction\//);
    expect(await page.content()).toContain("wolf");
    await page.getByRole("button", { name: "Allow" }).click();
    await page.getByText("You can close this page").waitFor();

    const { access_token, refresh_token } = await tokens();
    expect(access_token.length).toBe(43);
    const api = `http://localhost:${hamlet.firstLine.apiPort}`;
    const vt = new Vt(api, access_token);
    expect((await vt.profile()).user.username).toBe("wolf");
    edit(join(home, "signedIn"), { "main.http.ts": 'export default () => new Response("signed in");' });
    const { changes, folder } = await vt.create(join(home, "signedIn"), "signedIn");
    expect(changes.warnings).toEqual({});
    const renewed = await refresh(refresh_token!);
    expect([renewed.access_token.length, renewed.access_token === access_token]).toEqual([43, false]);
    await new Vt(api, renewed.access_token).delete(folder);
  } finally {
    await browser.close();
    rmSync(home, { recursive: true, force: true });
  }
}, 60_000);
