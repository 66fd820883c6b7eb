import { expect, test } from "bun:test";
import { join } from "node:path";
import { makeTempFolder } from "../../test/support/server.ts";
import { failureOf, makeStore } from "../../test/support/store.ts";
import { TOWN_MIGRATIONS } from "./migrate.ts";
import { openSqlite } from "./sqlite.ts";

const PAGE = { limit: 10, offset: 0 };

async function makeOrg() {
  const t = await makeStore();
  const bob = await t.store.users.create({ username: "bob", email: "bob@example.org" });
  const org = await t.store.orgs.create({ username: "acme", ownerId: t.userId });
  return { ...t, bob, org, orgs: t.store.orgs, invitee: { userId: bob.id, email: undefined } };
}

test("an organization is an account with an owner, whose name nobody else can take", async () => {
  await using t = await makeOrg();
  expect(t.org).toMatchObject({ username: "acme", type: "org", admin: false });
  expect(await t.orgs.members(t.org.id)).toMatchObject([
    { userId: t.userId, username: "ann", role: "owner" },
  ]);
  expect(await t.orgs.list(t.userId, { limit: 10, offset: 0 })).toEqual({
    rows: [{ id: t.org.id, username: "acme", role: "owner" }],
    more: false,
  });
  expect(await t.orgs.accountsOf(t.userId)).toEqual([t.userId, t.org.id]);
  expect(await t.orgs.accountsOf(t.bob.id)).toEqual([t.bob.id]);
  for (const username of ["ACME", "bob"])
    expect(await failureOf(t.orgs.create({ username, ownerId: t.userId }))).toBe("username_taken");
  expect(await failureOf(t.orgs.create({ username: "new", ownerId: "nobody" }))).toContain("FOREIGN KEY");
  expect(await t.store.users.findByName("new")).toBeUndefined();
});

test("an organization is never left without an owner", async () => {
  await using t = await makeOrg();
  const { orgs, org, bob } = t;
  expect(await failureOf(orgs.removeMember(org.id, t.userId))).toBe("last_owner");
  expect(await orgs.soleOwnerOf(t.userId)).toEqual([{ id: org.id, username: "acme", others: 0 }]);
  expect(await failureOf(orgs.setRole(org.id, t.userId, "member"))).toBe("last_owner");
  expect(await failureOf(orgs.setRole(org.id, bob.id, "owner"))).toBe("no_member");
  const { id } = await orgs.invitations.create({
    ...{ orgId: org.id, role: "owner", invitedBy: t.userId },
    to: { userId: bob.id },
  });
  await orgs.invitations.accept(id, t.invitee);
  expect(await orgs.soleOwnerOf(t.userId)).toEqual([]);
  // Of two who leave at the same moment, one stays.
  const left = await Promise.all([t.userId, bob.id].map((one) => failureOf(orgs.removeMember(org.id, one))));
  expect(left.sort()).toEqual(["last_owner", "none"]);
});

test("an invitation reaches a user, or whoever proves to have the address, once", async () => {
  await using t = await makeOrg();
  const { invitations } = t.orgs;
  const invite = (to: { userId: string } | { email: string }) =>
    invitations.create({ orgId: t.org.id, role: "member", invitedBy: t.userId, to });
  const byMail = await invite({ email: "Bob@Example.org" });
  expect(byMail).toMatchObject({ orgName: "acme", email: "bob@example.org", invitedBy: "ann" });
  expect((await invitations.listFor(t.invitee, PAGE)).rows).toEqual([]);
  expect(await failureOf(invitations.accept(byMail.id, t.invitee))).toBe("no_invitation");
  expect(await invitations.decline(byMail.id, t.invitee)).toBe(false);
  const byName = await invite({ userId: t.bob.id });
  expect(await failureOf(invite({ userId: t.bob.id }))).toBe("invited_already");
  expect(await failureOf(invite({ email: "BOB@example.org" }))).toBe("invited_already");
  const bob = { userId: t.bob.id, email: "bob@EXAMPLE.org" };
  expect((await invitations.listFor(bob, PAGE)).rows.map((one) => one.id).sort()).toEqual(
    [byMail.id, byName.id].sort(),
  );
  await invitations.accept(byName.id, bob);
  expect((await invitations.listByOrg(t.org.id, PAGE)).rows).toEqual([]);
  expect(await t.orgs.member(t.org.id, t.bob.id)).toMatchObject({ role: "member" });
  expect(await failureOf(invite({ userId: t.bob.id }))).toBe("member_already");
  const again = await invite({ email: "bob@example.org" });
  expect(await failureOf(invitations.accept(again.id, bob))).toBe("member_already");
  expect(await invitations.decline(again.id, bob)).toBe(true);
  expect(await invitations.remove(t.org.id, again.id)).toBe(false);
});

test("an organization has at most 500 open invitations", async () => {
  await using t = await makeOrg();
  const offer = { orgId: t.org.id, role: "member", invitedBy: t.userId } as const;
  const invite = (n: number) => t.orgs.invitations.create({ ...offer, to: { email: `a${n}@example.org` } });
  for (let n = 0; n < 500; n++) await invite(n);
  expect(await failureOf(invite(500))).toBe("too_many_invitations");
});

test("a person can be a member of a hundred organizations", async () => {
  await using t = await makeStore();
  for (let i = 0; i < 100; i++) await t.store.orgs.create({ username: `o${i}`, ownerId: t.userId });
  expect(await failureOf(t.store.orgs.create({ username: "more", ownerId: t.userId }))).toBe("too_many_orgs");
  const accounts = new Set(await t.store.orgs.accountsOf(t.userId));
  for (const [i, userId] of [...accounts].entries())
    await t.store.vals.create({ userId, name: "own", privacy: i % 2 === 0 ? "public" : "private" });
  const page = await t.store.vals.listFor(accounts, { limit: 100 });
  expect([page.rows.length, page.more]).toEqual([100, true]);
  const owned = await t.store.vals.listOwned(accounts, { limit: 100, offset: 90 });
  expect([owned.rows.length, owned.more]).toEqual([12, false]);
});

test("a list of several accounts is in the order of time, and has each val once", async () => {
  await using t = await makeOrg();
  const { vals } = t.store;
  for (const [userId, name, privacy] of [
    [t.org.id, "a", "public"],
    [t.bob.id, "b", "public"],
    [t.userId, "c", "private"],
    [t.org.id, "d", "private"],
    [t.bob.id, "e", "private"],
  ] as const)
    await vals.create({ userId, name, privacy });
  const accounts = new Set([t.userId, t.org.id]);
  const names = async (filter = {}) =>
    (await vals.listFor(accounts, { limit: 100, ...filter })).rows.map((val) => val.name).join(" ");
  expect(await names()).toBe("d c b a hello");
  expect(await names({ privacy: "private" })).toBe("d c");
  expect(await names({ privacy: "public", userId: t.org.id })).toBe("a");
  expect(await names({ userId: t.bob.id })).toBe("b");
  expect(await names({ userId: t.bob.id, privacy: "private" })).toBe("");
  const owned = await vals.listOwned(accounts, { limit: 2, offset: 1 });
  expect([owned.rows.map((val) => val.name), owned.more]).toEqual([["c", "a"], true]);
});

test("the first person is the operator, whatever came before", async () => {
  await using t = await makeStore();
  const { users } = t.store;
  expect((await users.find(t.userId))?.admin).toBe(true);
  expect((await users.create({ username: "bob" })).admin).toBe(false);
});

test("in an older data folder the oldest person becomes the operator", async () => {
  using folder = makeTempFolder();
  const { up } = TOWN_MIGRATIONS["0006-orgs"]!;
  const database = await openSqlite<{ users: { username: string; role: string | null } }>({
    file: join(folder.path, "old.db"),
    durability: "normal",
  });
  const { db } = database;
  for (const [name, migration] of Object.entries(TOWN_MIGRATIONS)) {
    if (name < "0006") await migration.up(db);
  }
  for (const [at, username, type] of [
    [1, "std", "user"],
    [2, "acme", "org"],
    [4, "bob", "user"],
    [3, "ann", "user"],
  ] as const) {
    const row = { id: username, username, username_key: username, type, created_at: at };
    await db
      .insertInto("users")
      .values(row as never)
      .execute();
  }
  await up(db);
  const admins = await db.selectFrom("users").select("username").where("role", "=", "admin").execute();
  expect(admins).toEqual([{ username: "ann" }]);
  await database.close();
});
