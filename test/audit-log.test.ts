/** Sign-ins, tokens, deletions and transfers are on record, with who did it and from where. */

import { expect, test } from "bun:test";
import { openStore } from "../src/store/store.ts";
import { makeLivedIn } from "./support/accounts.ts";
import { makeTempFolder, runHamlet } from "./support/server.ts";

test("sign-ins, tokens, deletions and transfers are on record", async () => {
  await using home = await makeLivedIn();
  const eve = await home.newcomer("eve", "198.51.100.4");
  const send = async (method: string, path: string, json: unknown = {}) =>
    (await eve.send(method, `/api${path}`, json)).json().catch(() => ({})) as Promise<{ id: string }>;
  await home.browser("198.51.100.9").signIn("eve", "not her password");
  const token = await send("POST", "/v3/me/tokens", { label: "t" });
  await send("DELETE", `/v3/me/tokens/${token.id}`);
  const org = await send("POST", "/v3/orgs", { username: "acme" });
  const [kept, gone] = [
    await send("POST", "/v2/vals", { name: "kept", privacy: "private" }),
    await send("POST", "/v2/vals", { name: "gone", privacy: "private" }),
  ];
  const branch = await send("POST", `/v2/vals/${gone.id}/branches`, { name: "b" });
  await send("DELETE", `/v2/vals/${gone.id}/branches/${branch.id}`);
  await send("DELETE", `/v2/vals/${gone.id}`);
  await send("POST", `/v3/vals/${kept.id}/transfer`, { ownerId: org.id });
  const { data } = await eve.json("/api/v3/me/audit?limit=100");
  const told = data.map((one: { action: string; subject: string | null }) => [one.action, one.subject]);
  expect(told.reverse()).toEqual([
    ["account.create", null],
    ["session.create", expect.any(String)],
    ["session.fail", null],
    ["token.create", token.id],
    ["token.revoke", token.id],
    ["org.create", org.id],
    ["branch.delete", branch.id],
    ["val.delete", gone.id],
    ["val.transfer", kept.id],
  ]);
  const addresses = new Set(data.map((one: { address: string }) => one.address));
  expect(addresses).toEqual(new Set(["198.51.100.4", "198.51.100.9"]));
});

test("what the operator does by command is on record too", async () => {
  using folder = makeTempFolder();
  const run = (...args: string[]) => runHamlet([...args, "--data", folder.path]);
  for (const args of [
    ["user", "add", "ann"],
    ["token", "create", "--user", "ann"],
    ["user", "password", "ann"],
  ])
    expect((await run(...args)).code).toBe(0);
  const store = await openStore({ folder: folder.path });
  try {
    const { rows } = await store.audit.list({ limit: 10, offset: 0 });
    expect(rows.map(({ action, detail }) => [action, detail?.by]).reverse()).toEqual([
      ["account.create", "hamlet user add"],
      ["token.create", "hamlet user add"],
      ["token.create", "hamlet token create"],
      ["password.ask", "hamlet user password"],
    ]);
  } finally {
    await store.close();
  }
});
