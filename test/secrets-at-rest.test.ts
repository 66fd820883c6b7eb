/** A copy of the data folder's databases, or of what the operator reads, lets nobody in. */

import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Browser, makeLivedIn } from "./support/accounts.ts";

test("after a round of all flows no secret is in a database, nor in the log", async () => {
  await using home = await makeLivedIn();
  const { town } = home;
  const { store, ann } = town;
  const eve = await home.newcomer("eve");
  const { id } = (await store.users.findByName("eve"))!;
  await store.accounts.setEmail(id, "eve@example.org");
  await eve.submit("/auth/forgot", { name: "eve" });
  const reset = new URLSearchParams((await home.link()).split("?")[1]).get("token")!;
  const made = await eve.send("POST", "/api/v3/me/tokens", { label: "mine" });
  const { token } = (await made.json()) as { token: string };
  const invited = await town.expect(201, "POST", "/v3/admin/invites", { json: {}, token: ann.token });
  const invite = new URL(invited.json.url).searchParams.get("invite")!;
  const val = await town.expect(201, "POST", "/v2/vals", { token, json: { name: "v", privacy: "private" } });
  const variable = { key: "API_KEY", value: "value of a variable" };
  await town.expect(201, "POST", `/v2/vals/${val.json.id}/environment_variables`, { token, json: variable });
  const connected = { accessToken: "token of a third party", refreshToken: "renews that token" };
  await town.call("PUT", "/v3/connections/slack", { token, json: connected });
  const keyed = { token, json: { label: "kept answer" }, headers: { "idempotency-key": "key-of-a-request" } };
  const again = await town.expect(201, "POST", "/v3/me/tokens", keyed);
  const cookie = decodeURIComponent(eve.cookies.get("__Host-hamlet_session")!);
  const secrets = [
    ...[reset, invite, token, again.json.token, ann.token, Browser.password, cookie],
    ...[variable.value, connected.accessToken, connected.refreshToken],
  ];
  await store.settled();
  const files = readdirSync(town.folder).filter((name) => /\.db(-wal)?$/.test(name));
  expect(files).toContain("hamlet.db");
  for (const file of files) {
    const bytes = readFileSync(join(town.folder, file));
    const found = secrets.filter((secret) => secret.length < 10 || bytes.includes(secret));
    expect([file, found]).toEqual([file, []]);
  }
  const log = home.lines.join("\n");
  expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
});
