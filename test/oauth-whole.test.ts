/** From nothing to a token that works, on a real server: an account is made, vt signs in, and is shut out again. */

import { expect, test } from "bun:test";
import * as openid from "openid-client";
import { Browser, CLI, CLI_SCOPE } from "./support/oauth.ts";
import { makeTempFolder, startHamlet, type TestHamlet } from "./support/server.ts";

const overNetwork = (url: string, init: RequestInit) => fetch(url, { redirect: "manual", ...init });

function discover(hamlet: TestHamlet): Promise<openid.Configuration> {
  const execute = [openid.allowInsecureRequests];
  return openid.discovery(new URL(`http://localhost:${hamlet.port}/oauth`), CLI, undefined, openid.None(), {
    execute,
  });
}

async function statusOf(hamlet: TestHamlet, token: string): Promise<number> {
  return (await hamlet.api("/v1/me", { headers: { authorization: `Bearer ${token}` } })).status;
}

test("somebody makes an account on the way, vt's token outlives a restart, and ends when it is taken back", async () => {
  using folder = makeTempFolder();
  const args = ["--sign-up", "open"];
  let port = 0;
  let app = "";
  let browser: Browser;
  let refreshToken = "";
  {
    await using hamlet = await startHamlet({ data: folder.path, args });
    port = hamlet.port;
    app = `http://localhost:${port}`;
    browser = new Browser(overNetwork, undefined, app);
    const vt = await discover(hamlet);
    const device = await openid.initiateDeviceAuthorization(vt, { scope: CLI_SCOPE });
    const code = await browser.open(device.verification_uri_complete!);
    const signIn = await browser.submit(code, { confirm: "yes" });
    expect(new URL(signIn.url).pathname).toBe("/auth/sign-in");
    const signUp = await browser.open(`/auth/sign-up${new URL(signIn.url).search}`);
    const consent = await browser.submit(signUp, { username: "eve", password: "correct horse" });
    expect(consent.text).toContain("You are <strong>eve</strong>");
    expect((await browser.submit(consent, { answer: "allow" })).text).toContain("You can close this page");
    const tokens = await openid.pollDeviceAuthorizationGrant(vt, { ...device, interval: 0.01 });
    expect(await statusOf(hamlet, tokens.access_token)).toBe(200);
    refreshToken = tokens.refresh_token!;
  }
  await using hamlet = await startHamlet({ data: folder.path, args: [...args, "--port", `${port}`] });
  const { access_token } = await openid.refreshTokenGrant(await discover(hamlet), refreshToken);
  expect(await statusOf(hamlet, access_token)).toBe(200);
  const { data } = JSON.parse((await browser.open("/api/v3/me/grants")).text);
  expect(data).toMatchObject([{ client: { id: CLI, name: "vt" } }]);
  const path = `/api/v3/me/grants/${data[0].id}`;
  const evil = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  expect((await browser.open(path, { method: "DELETE", headers: evil })).status).toBe(403);
  expect(await statusOf(hamlet, access_token)).toBe(200);
  const own = { origin: app, "sec-fetch-site": "same-origin" };
  expect((await browser.open(path, { method: "DELETE", headers: own })).status).toBe(204);
  expect(await statusOf(hamlet, access_token)).toBe(401);
}, 60_000);
