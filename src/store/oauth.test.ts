import { expect, test } from "bun:test";
import { makeStore } from "../../test/support/store.ts";
import { createCipher } from "../services/secret.ts";
import type { NewOAuthRecord } from "./oauth.ts";

const DAY = 86_400_000;
const cipher = () => createCipher(new Uint8Array(32));

async function withRecords() {
  const clock = { at: Date.now() };
  const made = await makeStore({ now: () => clock.at, cipher });
  const { oauth } = made.store;
  const grant = (id: string, more: Partial<NewOAuthRecord> = {}) =>
    oauth.put("Grant", id, { payload: {}, userId: made.userId, clientId: "app", grantId: id, ...more });
  const token = (id: string, grantId: string, more: Partial<NewOAuthRecord> = {}) =>
    oauth.put("AccessToken", id, {
      ...{ payload: { aud: "api", scope: "user_r" }, userId: made.userId, grantId },
      ...{ expiresAt: clock.at + DAY, ...more },
    });
  return { made, oauth, clock, grant, token };
}

test("a record is found by its id or its other name, and what is written anew stays used", async () => {
  const { made, oauth, clock } = await withRecords();
  await using _ = made;
  await oauth.put("DeviceCode", "a", { payload: { n: 1 }, alias: "WORD" });
  expect(await oauth.find("DeviceCode", "a")).toEqual({ payload: { n: 1 }, consumedAt: undefined });
  expect(await oauth.consume("DeviceCode", "a")).toBe(true);
  await oauth.put("DeviceCode", "a", { payload: { n: 2 }, alias: "WORD" });
  expect(await oauth.findByAlias("DeviceCode", "WORD")).toEqual({ payload: { n: 2 }, consumedAt: clock.at });
  expect(await oauth.find("Grant", "a")).toBeUndefined();
  expect(await oauth.findByAlias("Session", "WORD")).toBeUndefined();
  await oauth.remove("DeviceCode", "a");
  expect(await oauth.find("DeviceCode", "a")).toBeUndefined();
});

test("of many that use it at once, one does", async () => {
  const { made, oauth } = await withRecords();
  await using _ = made;
  await oauth.put("RefreshToken", "a", { payload: {} });
  const won = await Promise.all(Array.from({ length: 20 }, () => oauth.consume("RefreshToken", "a")));
  expect(won.filter(Boolean)).toHaveLength(1);
  expect(await oauth.consume("RefreshToken", "none")).toBe(false);
});

test("a token is good while it lasts and its grant is there", async () => {
  const { made, oauth, clock, grant, token } = await withRecords();
  await using _ = made;
  await grant("g");
  await token("t", "g");
  await token("orphan", "none");
  expect(await oauth.findToken("t")).toMatchObject({
    userId: made.userId,
    grantId: "g",
    payload: { aud: "api" },
  });
  expect(await oauth.findToken("orphan")).toBeUndefined();
  clock.at += DAY;
  expect(await oauth.findToken("t")).toBeUndefined();
});

test("taking back a grant takes all that came of it, another's stays, and only its user may", async () => {
  const { made, oauth, grant, token } = await withRecords();
  await using _ = made;
  const bob = (await made.store.users.create({ username: "bob" })).id;
  for (const id of ["g", "h", "i"]) {
    await grant(id);
    await token(`t${id}`, id);
  }
  await oauth.revoke("g", false);
  expect([await oauth.findToken("tg"), Boolean(await oauth.find("Grant", "g"))]).toEqual([undefined, true]);
  await oauth.revoke("h", true);
  expect((await oauth.grants(made.userId)).map(({ id }) => id).sort()).toEqual(["g", "i"]);
  expect([await oauth.revokeOf(bob, "i"), await oauth.grants(bob)]).toEqual([false, []]);
  expect(await oauth.findToken("ti")).toBeDefined();
  expect([await oauth.revokeOf(made.userId, "i"), await oauth.findToken("ti")]).toEqual([true, undefined]);
});

test("what is expired goes an hour later, then its grant, then the client nobody uses", async () => {
  const { made, oauth, clock, grant, token } = await withRecords();
  await using _ = made;
  await oauth.put("Client", "app", { payload: { client_name: "App" }, clientId: "app" });
  await grant("g");
  await token("t", "g");
  await oauth.put("Client", "idle", { payload: {}, clientId: "idle" });
  clock.at += DAY + 30 * 60_000;
  await oauth.sweep();
  expect(await oauth.find("AccessToken", "t")).toBeDefined();
  expect((await oauth.grants(made.userId))[0]).toMatchObject({
    clientId: "app",
    client: { client_name: "App" },
  });
  clock.at += DAY;
  await oauth.sweep();
  expect([await oauth.find("AccessToken", "t"), await oauth.grants(made.userId)]).toEqual([undefined, []]);
  expect(await oauth.find("Client", "idle")).toBeDefined();
  await grant("new");
  await token("u", "new", { expiresAt: clock.at + 90 * DAY });
  clock.at += 30 * DAY;
  await oauth.sweep();
  expect([await oauth.find("Client", "idle"), Boolean(await oauth.find("Client", "app"))]).toEqual([
    undefined,
    true,
  ]);
});

test("records of another key are as good as gone, and nothing of them can be read in the file", async () => {
  const { made, oauth, grant } = await withRecords();
  await using _ = made;
  await grant("g", { payload: { word: "unmistakable" } });
  const { openStore } = await import("./store.ts");
  const other = await openStore({
    folder: made.folder,
    cipher: () => createCipher(new Uint8Array(32).fill(1)),
  });
  expect(await other.oauth.find("Grant", "g")).toBeUndefined();
  expect(await other.oauth.grants(made.userId)).toEqual([]);
  await other.close();
  expect(await oauth.find("Grant", "g")).toBeDefined();
  const files = [...new Bun.Glob("hamlet.db*").scanSync(made.folder)];
  for (const file of files)
    expect(await Bun.file(`${made.folder}/${file}`).text()).not.toContain("unmistakable");
});

test("a user who goes takes grants and tokens along", async () => {
  const { made, oauth, grant, token } = await withRecords();
  await using _ = made;
  const bob = (await made.store.users.create({ username: "bob" })).id;
  await grant("g", { userId: bob });
  await token("t", "g", { userId: bob });
  expect(await oauth.findToken("t")).toBeDefined();
  const { openMigrated, TOWN_MIGRATIONS } = await import("./migrate.ts");
  const raw = await openMigrated<import("./schema.ts").TownSchema>(
    { file: `${made.folder}/hamlet.db`, durability: "full" },
    TOWN_MIGRATIONS,
  );
  await raw.db.deleteFrom("users").where("id", "=", bob).execute();
  await raw.close();
  expect([await oauth.findToken("t"), await oauth.find("Grant", "g")]).toEqual([undefined, undefined]);
});
