/** The command line signs in: by the device flow, as `vt` does it. */

import { afterAll, beforeAll, expect, setSystemTime, test } from "bun:test";
import * as openid from "openid-client";
import { API, APP, CLI, CLI_SCOPE, DEVICE_GRANT, makeOAuthTown, type OAuthTown } from "./support/oauth.ts";

let town: OAuthTown;
let vt: openid.Configuration;

beforeAll(async () => {
  town = await makeOAuthTown();
  vt = await town.client();
});
afterAll(() => town[Symbol.asyncDispose]());

const start = () => openid.initiateDeviceAuthorization(vt, { scope: CLI_SCOPE });

/** What the token endpoint says of a device's code. */
async function poll(device: openid.DeviceAuthorizationResponse): Promise<string> {
  town.now += 5000;
  const { device_code } = device;
  const answer = await town.post("/oauth/token", { client_id: CLI, grant_type: DEVICE_GRANT, device_code });
  const { error } = (await answer.json()) as { error?: string };
  return error ?? "tokens";
}

test("vt signs in: the code is confirmed, then allowed, and the token is one that vt can keep", async () => {
  const device = await start();
  expect(device).toMatchObject({
    verification_uri: `${APP}/oauth/device`,
    verification_uri_complete: `${APP}/oauth/device?user_code=${device.user_code}`,
    expires_in: 600,
    interval: 5,
  });
  expect(await poll(device)).toBe("authorization_pending");
  const browser = town.browser("ann");
  const code = await browser.open(device.verification_uri_complete!);
  expect(code.text).toContain(`value="${device.user_code}"`);
  expect(await poll(device)).toBe("authorization_pending");
  const consent = await browser.submit(code, { confirm: "yes" });
  expect(consent.text).toContain(device.user_code);
  expect(consent.text).toContain("You are <strong>ann</strong>");
  expect(consent.text).toContain("read, change, make and delete your vals");
  const done = await browser.submit(consent, { answer: "allow" });
  expect(done.text).toContain("You can close this page");

  town.now += 5000;
  const tokens = await openid.pollDeviceAuthorizationGrant(vt, { ...device, interval: 0.01 });
  expect(tokens.access_token).toMatch(/^[\w-]{43}$/);
  expect(tokens).toMatchObject({
    token_type: "bearer",
    expires_in: 86_400,
    scope: "project_rw user_r telemetry_r",
  });
  expect(tokens.refresh_token).toMatch(/^[\w-]{43}$/);
  expect(tokens.id_token).toBeUndefined();
  const me = await town.me(tokens.access_token);
  expect([me.status, await me.json()]).toMatchObject([200, { username: "ann" }]);
  expect(await poll(device)).toBe("invalid_grant");
});

test("a code may be typed as people type, and a wrong one says so", async () => {
  const device = await start();
  const browser = town.browser("ann");
  const empty = await browser.open(device.verification_uri);
  const wrong = await browser.submit(empty, { user_code: "BBBB-BBBB", confirm: "yes" });
  expect(wrong.text).toContain("There is no such code");
  const typed = device.user_code.toLowerCase().replace("-", " ");
  const consent = await browser.submit(wrong, { user_code: typed, confirm: "yes" });
  expect(consent.text).toContain(device.user_code);
  const again = await browser.submit(await browser.open(device.verification_uri_complete!), {
    confirm: "yes",
  });
  expect(again.text).toContain("This code was used before");
});

test("who is not signed in does that first, and comes back", async () => {
  const device = await start();
  const browser = town.browser();
  const page = await browser.submit(await browser.open(device.verification_uri_complete!), {
    confirm: "yes",
  });
  const { pathname, searchParams } = new URL(page.url);
  expect(pathname).toBe("/auth/sign-in");
  const back = searchParams.get("next")!;
  expect(back).toMatch(/^\/oauth\/interaction\/[\w-]{43}$/);
  browser.signIn("bob");
  expect((await browser.open(back)).text).toContain("You are <strong>Bob</strong>");
});

test("who refuses, at the code or at the question, is believed", async () => {
  for (const late of [false, true]) {
    const device = await start();
    const browser = town.browser("ann");
    const code = await browser.open(device.verification_uri_complete!);
    const refused = late
      ? await browser.submit(await browser.submit(code, { confirm: "yes" }), { answer: "refuse" })
      : await browser.submit(code, { abort: "yes" });
    expect(refused.text).toContain("Nothing was allowed");
    expect(await poll(device)).toBe("access_denied");
  }
});

test("a device that asks too often is told to slow down, and one that comes too late that it did", async () => {
  const device = await start();
  expect(await poll(device)).toBe("authorization_pending");
  town.now -= 4000;
  expect(await poll(device)).toBe("slow_down");
  expect(await poll(device)).toBe("authorization_pending");
  setSystemTime(Date.now() + 11 * 60_000);
  try {
    expect(await poll(device)).toBe("expired_token");
    const browser = town.browser("ann");
    const code = await browser.open(device.verification_uri_complete!);
    const late = await browser.submit(code, { confirm: "yes" });
    expect(late.text).toContain("no longer good");
  } finally {
    setSystemTime();
  }
});

test("a form of a code that another browser was given is refused", async () => {
  const device = await start();
  const code = await town.browser("ann").open(device.verification_uri_complete!);
  const page = await town.browser("bob").submit(code, { confirm: "yes" });
  expect([page.status, page.text.includes("Start again")]).toEqual([400, true]);
  expect(await poll(device)).toBe("authorization_pending");
});

test("a refresh token is used once: the second use ends all that was allowed", async () => {
  const device = await start();
  const browser = town.browser("ann");
  const consent = await browser.submit(await browser.open(device.verification_uri_complete!), {
    confirm: "yes",
  });
  await browser.submit(consent, { answer: "allow" });
  town.now += 5000;
  const first = await openid.pollDeviceAuthorizationGrant(vt, { ...device, interval: 0.01 });
  const second = await openid.refreshTokenGrant(vt, first.refresh_token!);
  expect(second.id_token).toBeUndefined();
  await town.restart();
  const third = await openid.refreshTokenGrant(vt, second.refresh_token!);
  expect((await town.me(first.access_token)).status).toBe(200);
  expect((await town.me(third.access_token)).status).toBe(200);
  const reuse = await openid.refreshTokenGrant(vt, second.refresh_token!).catch((error) => error.error);
  expect(reuse).toBe("invalid_grant");
  for (const { access_token, refresh_token } of [first, second, third]) {
    expect((await town.me(access_token)).status).toBe(401);
    expect(await openid.refreshTokenGrant(vt, refresh_token!).catch((error) => error.error)).toBe(
      "invalid_grant",
    );
  }
  expect((await town.fetch(`${API}/v1/me`)).status).toBe(401);
});
