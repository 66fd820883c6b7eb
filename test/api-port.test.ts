/** A second port for the API, as `vt` with VT_LOCAL=1 wants it, and the OAuth server of a real town. */

import { expect, test } from "bun:test";
import * as openid from "openid-client";
import { startHamlet } from "./support/server.ts";

test("the API is at a second port too, the vals stay where they are, and vt finds where to sign in", async () => {
  await using hamlet = await startHamlet({ args: ["--api-port", "0", "--pool", "0"] });
  const apiPort = Number(hamlet.firstLine.apiPort);
  expect([apiPort > 0, apiPort !== hamlet.port]).toEqual([true, true]);
  const val = await hamlet.val("hello", "export default () => new Response('hi')");
  const authorization = `Bearer ${hamlet.token}`;
  for (const name of ["localhost", "127.0.0.1"]) {
    const base = `http://${name}:${apiPort}`;
    const ask = async (path: string) => {
      const answer = await fetch(`http://127.0.0.1:${apiPort}${path}`, {
        headers: { authorization, host: `${name}:${apiPort}` },
      });
      return (await answer.json()) as Record<string, Record<string, string>>;
    };
    expect((await ask("/v1/me")).links).toEqual({ self: `${base}/v1/users/${(await ask("/v1/me")).id}` });
    const page = await ask("/v2/me/vals?limit=1");
    expect(page.links?.self).toStartWith(`${base}/v2/me/vals`);
    const files = (await ask(`/v2/vals/${val.id}/files?path=`)) as unknown as {
      data: { links: Record<string, string> }[];
    };
    const { links } = files.data[0]!;
    expect(links.self).toStartWith(`${base}/v2/`);
    expect(links.endpoint).toBe(val.endpoint);
    expect(links.html).toStartWith(`http://localhost:${hamlet.port}/x/`);
  }
  const nobody = await fetch(`http://127.0.0.1:${apiPort}/v1/me`, {
    headers: { host: `localhost:${apiPort}` },
  });
  const metadata = `http://localhost:${apiPort}/.well-known/oauth-protected-resource`;
  expect(nobody.headers.get("www-authenticate")).toBe(`Bearer resource_metadata="${metadata}"`);
  const resource = await fetch(metadata);
  expect(await resource.json()).toMatchObject({
    resource: `http://localhost:${apiPort}`,
    authorization_servers: [`http://localhost:${hamlet.port}/oauth`],
  });

  const vt = await openid.discovery(
    new URL(`http://localhost:${hamlet.port}/oauth`),
    "val_town_vt",
    undefined,
    openid.None(),
    { execute: [openid.allowInsecureRequests] },
  );
  const device = await openid.initiateDeviceAuthorization(vt, { scope: "openid offline_access user_r" });
  expect(device.verification_uri_complete).toStartWith(
    `http://localhost:${hamlet.port}/oauth/device?user_code=`,
  );
  expect(hamlet.log).not.toContain("oidc-provider");
  expect(hamlet.log).not.toContain("Warning");
}, 60_000);

test("a second port that is taken is told of by its own flag", async () => {
  const taken = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  try {
    const refused = await startHamlet({ args: ["--api-port", String(taken.port)] }).then(
      (hamlet) => hamlet[Symbol.asyncDispose](),
      String,
    );
    expect(refused).toContain(`Port ${taken.port} on 127.0.0.1 is in use`);
    expect(refused).toContain("--api-port");
  } finally {
    await taken.stop(true);
  }
}, 60_000);
