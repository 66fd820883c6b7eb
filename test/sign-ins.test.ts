/** Sessions and passkeys over the API, as the page of one's account needs them. */

import { expect, test } from "bun:test";
import { makeLivedIn } from "./support/accounts.ts";

test("one sees where one is signed in, and signs out one of them or all others", async () => {
  await using home = await makeLivedIn();
  const here = await home.newcomer("eve", "198.51.100.4");
  const [there, third] = [home.browser("198.51.100.5"), home.browser("198.51.100.6")];
  for (const browser of [there, third]) await browser.signIn("eve");
  const list = await here.json("/api/v3/me/sessions?limit=2");
  expect(list.data).toHaveLength(2);
  expect(list.links.next).toContain("offset=2");
  const all = (await here.json("/api/v3/me/sessions")).data;
  expect(all.map((one: { address: string }) => one.address)).toEqual([
    "198.51.100.6",
    "198.51.100.5",
    "198.51.100.4",
  ]);
  expect(all.map((one: { current: boolean }) => one.current)).toEqual([false, false, true]);
  expect((await here.send("DELETE", `/api/v3/me/sessions/${all[1].id}`, {})).status).toBe(204);
  expect((await here.send("DELETE", `/api/v3/me/sessions/${all[1].id}`, {})).status).toBe(404);
  expect((await there.fetch("/api/v1/me")).status).toBe(401);
  expect((await third.fetch("/api/v1/me")).status).toBe(200);
  expect((await here.send("DELETE", "/api/v3/me/sessions", {})).status).toBe(204);
  expect((await third.fetch("/api/v1/me")).status).toBe(401);
  expect((await here.fetch("/api/v1/me")).status).toBe(200);
  const actions = (await here.json("/api/v3/me/audit")).data.map((one: { action: string }) => one.action);
  expect(actions.slice(0, 2)).toEqual(["session.end_others", "session.end"]);
});

test("sessions and passkeys are their owner's alone", async () => {
  await using home = await makeLivedIn();
  const eve = await home.newcomer("eve");
  const { id } = (await eve.json("/api/v3/me/sessions")).data[0];
  const passkey = await addPasskey(home, "eve");
  const mallory = await home.newcomer("mallory");
  expect((await mallory.send("DELETE", `/api/v3/me/sessions/${id}`, {})).status).toBe(404);
  expect((await mallory.send("DELETE", `/api/v3/me/passkeys/${passkey}`, {})).status).toBe(404);
  expect((await mallory.json("/api/v3/me/passkeys")).data).toEqual([]);
  expect((await eve.json("/api/v3/me/passkeys")).data).toEqual([
    { id: passkey, name: "phone", createdAt: "2026-01-02T00:00:00.000Z" },
  ]);
  expect((await eve.send("DELETE", `/api/v3/me/passkeys/${passkey}`, {})).status).toBe(204);
  expect((await eve.json("/api/v3/me/passkeys")).data).toEqual([]);
  expect((await eve.json("/api/v3/me/audit")).data[0]).toMatchObject({
    action: "passkey.remove",
    subject: passkey,
  });
});

/** As a browser with an authenticator leaves it there. */
async function addPasskey(home: Awaited<ReturnType<typeof makeLivedIn>>, username: string): Promise<string> {
  const { store } = home.town;
  const { id: userId } = (await store.users.findByName(username))!;
  const id = Bun.randomUUIDv7();
  await store.authDatabase.db
    .insertInto("auth_passkey" as never)
    .values({
      ...{
        id,
        name: "phone",
        publicKey: "k",
        userId,
        credentialID: id,
        counter: 0,
        deviceType: "singleDevice",
      },
      ...{ backedUp: 0, createdAt: "2026-01-02T00:00:00.000Z" },
    } as never)
    .execute();
  return id;
}
