import { expect, test } from "bun:test";
import { makeStore } from "../../test/support/store.ts";
import type { Tokens } from "../store/store.ts";
import { SCOPES } from "../val/scope.ts";
import { createAuth, type Viewer } from "./auth.ts";

/** The store's tokens, with a count of the look-ups. */
function counted(tokens: Tokens): Tokens & { finds: number } {
  const wrapped = {
    ...tokens,
    finds: 0,
    find(secret: string) {
      wrapped.finds++;
      return tokens.find(secret);
    },
  };
  return wrapped;
}

test("a token tells who asks and what they may do", async () => {
  await using t = await makeStore();
  const auth = createAuth(t.store);
  const { id, token } = await t.store.tokens.create({ userId: t.userId, scopes: ["val:read"] });
  const viewer = (await auth.identify(`Bearer ${token}`)) as Viewer;
  expect(viewer).toMatchObject({ userId: t.userId, username: "ann", tokenId: id });
  expect([viewer.permits("val:read"), viewer.permits("val:write")]).toEqual([true, false]);
});

test("no header is nobody; every other header that is no good token is invalid", async () => {
  await using t = await makeStore();
  const auth = createAuth(t.store);
  const { token } = await t.store.tokens.create({ userId: t.userId });
  await t.store.tokens.create({ userId: t.userId, secret: "My Bearer Token" });
  const kind = async (header: string | null) => {
    const who = await auth.identify(header);
    return typeof who === "string" ? who : "viewer";
  };
  expect(await kind(null)).toBe("anonymous");
  for (const good of [`Bearer ${token}`, `bearer ${token}`, `Bearer   ${token} `, "Bearer My Bearer Token"])
    expect([good, await kind(good)]).toEqual([good, "viewer"]);
  for (const bad of [
    "",
    "Bearer",
    "Bearer ",
    token,
    `Basic ${token}`,
    `Bearer ${token}x`,
    `Bearer ${"x".repeat(9999)}`,
  ])
    expect([bad, await kind(bad)]).toEqual([bad, "invalid"]);
});

test("a token is looked up once in a while, a wrong one too, and the memory is bounded", async () => {
  await using t = await makeStore();
  let now = 1_800_000_000_000;
  const tokens = counted(t.store.tokens);
  const auth = createAuth({ ...t.store, tokens, now: () => now, rememberMs: 1000, maxRemembered: 2 });
  const { token } = await t.store.tokens.create({ userId: t.userId });
  for (let i = 0; i < 5; i++) await auth.identify(`Bearer ${token}`);
  for (let i = 0; i < 5; i++) await auth.identify("Bearer wrong");
  expect(tokens.finds).toBe(2);
  now += 1001;
  await auth.identify(`Bearer ${token}`);
  expect(tokens.finds).toBe(3);
  await auth.identify("Bearer other");
  await auth.identify("Bearer third");
  await auth.identify(`Bearer ${token}`);
  expect(tokens.finds).toBe(6);
});

test("a token ends when it is revoked and when it expires, even while it is remembered", async () => {
  await using t = await makeStore();
  let now = 1_800_000_000_000;
  const auth = createAuth({ ...t.store, now: () => now, rememberMs: 60_000 });
  const { id, token } = await t.store.tokens.create({ userId: t.userId });
  const short = await t.store.tokens.create({ userId: t.userId, expiresAt: now + 10 });
  expect(await auth.identify(`Bearer ${token}`)).toBeObject();
  expect(await auth.identify(`Bearer ${short.token}`)).toBeObject();
  now += 10;
  expect(await auth.identify(`Bearer ${short.token}`)).toBe("invalid");
  expect(await auth.revoke(id)).toBe(true);
  expect(await auth.identify(`Bearer ${token}`)).toBe("invalid");
  expect(await auth.revoke(id)).toBe(false);
});

test("a token that was looked up while it was revoked is not remembered", async () => {
  await using t = await makeStore();
  const { id, token } = await t.store.tokens.create({ userId: t.userId });
  const slow = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const tokens: Tokens = {
    ...t.store.tokens,
    async find(secret) {
      const found = await t.store.tokens.find(secret);
      begun.resolve();
      await slow.promise;
      return found;
    },
  };
  const auth = createAuth({ ...t.store, tokens });
  const first = auth.identify(`Bearer ${token}`);
  await begun.promise;
  await auth.revoke(id);
  slow.resolve();
  await first;
  expect(await auth.identify(`Bearer ${token}`)).toBe("invalid");
});

test("the last use is remembered, at most once a minute", async () => {
  await using t = await makeStore();
  let now = 1_800_000_000_000;
  let names = 0;
  const auth = createAuth({ ...t.store, now: () => now, rememberMs: 0 });
  const { token } = await t.store.tokens.create({ userId: t.userId });
  const usedAt = async () => {
    // Nobody waits for that write; one that comes after it is done after it.
    await t.store.users.create({ username: `user${names++}` });
    return (await t.store.tokens.find(token))?.usedAt;
  };
  await auth.identify(`Bearer ${token}`);
  expect(await usedAt()).toBe(now);
  const first = now;
  now += 30_000;
  await auth.identify(`Bearer ${token}`);
  expect(await usedAt()).toBe(first);
  now += 30_000;
  await auth.identify(`Bearer ${token}`);
  expect(await usedAt()).toBe(now);
});

test("a worker's token speaks for its val, cannot change vals or users, and is good until the worker is gone", async () => {
  await using t = await makeStore();
  const tokens = counted(t.store.tokens);
  const auth = createAuth({ ...t.store, tokens });
  const of = { userId: t.userId, username: "ann", valId: t.valId, valName: "hello" };
  const { token, revoke } = auth.mint(of);
  expect(token).toMatch(/^vtwn_[0-9A-Za-z]{28}$/);
  expect(auth.mint(of).token).not.toBe(token);
  const viewer = (await auth.identify(`Bearer ${token}`)) as Viewer;
  expect(viewer).toMatchObject(of);
  for (const scope of SCOPES)
    expect([scope, viewer.permits(scope)]).toEqual([scope, !/^(val|user):write$/.test(scope)]);
  expect(tokens.finds).toBe(0);
  revoke();
  expect(await auth.identify(`Bearer ${token}`)).toBe("invalid");
  const [gone, other] = [auth.mint(of), auth.mint({ ...of, valId: "other" })];
  auth.disown(t.valId);
  expect(await auth.identify(`Bearer ${gone.token}`)).toBe("invalid");
  expect(await auth.identify(`Bearer ${other.token}`)).toBeObject();
  expect(await createAuth({ ...t.store, tokens }).identify(`Bearer ${auth.mint(of).token}`)).toBe("invalid");
});

test("whose vals are a viewer's is remembered for a while, and looked up again once it has changed", async () => {
  await using t = await makeStore();
  const { orgs } = t.store;
  let now = 1_800_000_000_000;
  const auth = createAuth({ ...t.store, now: () => now, rememberMs: 1000 });
  const { token } = await t.store.tokens.create({ userId: t.userId });
  const accounts = async () => [...((await auth.identify(`Bearer ${token}`)) as Viewer).accounts];
  expect(await accounts()).toEqual([t.userId]);
  const acme = await orgs.create({ username: "acme", ownerId: t.userId });
  expect(await accounts()).toEqual([t.userId]);
  auth.forget(t.userId);
  expect(await accounts()).toEqual([t.userId, acme.id]);
  const next = await orgs.create({ username: "next", ownerId: t.userId });
  expect(await accounts()).not.toContain(next.id);
  now += 1001;
  expect(await accounts()).toContain(next.id);
});

test("what was read while something changed is not remembered", async () => {
  await using t = await makeStore();
  const { token } = await t.store.tokens.create({ userId: t.userId });
  const slow = Promise.withResolvers<string[]>();
  const answers = [slow.promise, Promise.resolve(["new"])];
  const auth = createAuth({ ...t.store, orgs: { accountsOf: () => answers.shift()! } });
  const first = auth.identify(`Bearer ${token}`);
  while (answers.length > 1) await Bun.sleep(0);
  auth.forget(t.userId);
  slow.resolve(["old"]);
  await first;
  expect([...((await auth.identify(`Bearer ${token}`)) as Viewer).accounts]).toEqual(["new"]);
});

test("a grant makes a viewer of its user, and none once the user is gone", async () => {
  await using t = await makeStore();
  const auth = createAuth(t.store);
  const grant = { userId: t.userId, tokenId: "s1", kind: "session", scopes: ["val:write"] } as const;
  const viewer = await auth.vouch(grant);
  expect(viewer).toMatchObject({
    userId: t.userId,
    username: "ann",
    tokenId: "s1",
    kind: "session",
    admin: true,
  });
  expect([viewer?.permits("val:write"), viewer?.permits("user:read")]).toEqual([true, false]);
  expect(await auth.vouch({ ...grant, userId: "nobody" })).toBeUndefined();
});
