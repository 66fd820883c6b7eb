/** Vals are on the same site as the app, at least where all is called localhost: what their pages can do to its cookies. */

import { expect, test } from "bun:test";
import { Browser, makeLivedIn } from "./support/accounts.ts";
import { startBrowser } from "./support/browser.ts";

test("in a real browser a val can neither plant a session nor send a request with one", async () => {
  await using home = await makeLivedIn();
  const eve = await home.newcomer("eve");
  const attacker = await home.newcomer("mallory");
  const stolen = attacker.cookies.get("__Host-hamlet_session")!;
  const html = { headers: { "content-type": "text/html" } };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const url = new URL(request.url);
      if (url.hostname !== "localhost") return new Response("<title>a val</title>", html);
      // The app of the test knows itself at port 3000, the browser sees another one.
      url.port = "3000";
      const headers = new Headers(request.headers);
      const origin = headers.get("origin");
      if (origin === `http://localhost:${server.port}`) headers.set("origin", home.origin);
      headers.set("x-hamlet-client", "192.0.2.7");
      const { method, body } = request;
      return home.site.fetch(new Request(url.href, { method, headers, body, redirect: "manual" }));
    },
  });
  const app = `http://localhost:${server.port}`;
  const browser = await startBrowser();
  try {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`http://mallory-trap.web.localhost:${server.port}/`);
    const names = ["__Host-hamlet_session", "__host-hamlet_session", "hamlet_session"];
    const wheres = ["; domain=localhost", "; domain=web.localhost", ""];
    const lines = names.flatMap((name) => wheres.map((where) => `${name}=${stolen}; path=/${where}`));
    for (const line of lines.flatMap((one) => [one, `${one}; secure`]))
      await page.evaluate(`document.cookie = ${JSON.stringify(line)}`);
    await page.goto(`${app}/auth/password`);
    expect(new URL(page.url()).pathname).toBe("/auth/sign-in");
    await page.fill("input[name=name]", "eve");
    await page.fill("input[name=password]", Browser.password);
    await Promise.all([page.waitForURL(`${app}/auth/password`), page.click("form button")]);
    expect(await page.textContent("header")).toContain("eve");
    await page.goto(`http://mallory-trap.web.localhost:${server.port}/`);
    const statuses = await page.evaluate(
      async ([to, current]) => {
        const send = (path: string, init: RequestInit) =>
          fetch(to + path, { credentials: "include", mode: "no-cors", ...init }).then(
            ({ type }) => type,
            String,
          );
        const fields = { current, password: "mallory's horse" };
        const form = { method: "POST", body: new URLSearchParams(fields) };
        const text = {
          method: "POST",
          body: '{"label":"forged"}',
          headers: { "content-type": "text/plain" },
        };
        return [
          await send("/auth/password", form),
          await send("/api/v3/me/tokens", text),
          await send("/auth/sign-out", form),
        ];
      },
      [app, Browser.password] as const,
    );
    expect(statuses).toEqual(["opaque", "opaque", "opaque"]);
    await page.setContent(
      `<form method="post" action="${app}/auth/password"><input name="current" value="${Browser.password}"><input name="password" value="mallory's horse"></form>`,
    );
    await Promise.all([page.waitForURL(`${app}/**`), page.evaluate("document.forms[0].submit()")]);
    expect(await page.textContent("body")).toContain("not Hamlet's own");
    expect((await eve.json("/api/v3/me/tokens")).data).toEqual([]);
    expect((await eve.fetch("/api/v1/me")).status).toBe(200);
  } finally {
    await browser.close();
    await server.stop(true);
  }
});
