import { expect, test } from "bun:test";
import { makeTown } from "../../test/support/town.ts";
import { AUDIT_AGE_MS } from "./audit.ts";

test("what was done is listed, the newest first, of one account or of all, until it is too old", async () => {
  let now = 1000;
  await using town = await makeTown({ now: () => now });
  const { audit } = town.store;
  const page = { limit: 10, offset: 0 };
  await audit.record({
    userId: "a",
    action: "session.create",
    address: "192.0.2.1",
    detail: { how: "password" },
  });
  await audit.record({ userId: "b", action: "token.create", subject: "t" });
  expect((await audit.list({ userId: "a", ...page })).rows).toEqual([
    expect.objectContaining({
      action: "session.create",
      address: "192.0.2.1",
      detail: { how: "password" },
      createdAt: 1000,
    }),
  ]);
  expect(await audit.list({ limit: 1, offset: 0 })).toEqual({
    rows: [expect.objectContaining({ subject: "t" })],
    more: true,
  });
  now += AUDIT_AGE_MS + 1;
  await audit.record({ action: "session.fail" });
  expect((await audit.list(page)).rows.map(({ action }) => action)).toEqual(["session.fail"]);
});
