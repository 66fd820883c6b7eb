/** The published SDK, unmodified, against a real server: every method that it has. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { methodsOf, openSdkTown, type SdkTown } from "./support/sdk.ts";
import { ACCOUNT_CHECKS } from "./support/sdk-account.ts";
import { VAL_CHECKS } from "./support/sdk-vals.ts";

const CHECKS = { ...VAL_CHECKS, ...ACCOUNT_CHECKS };

let town: SdkTown;
const called = new Set<string>();
beforeAll(async () => {
  town = await openSdkTown();
  methodsOf(town.client, (method) => called.add(method));
}, 60_000);
afterAll(() => town?.[Symbol.asyncDispose]());

test("each method that the SDK has is tried, and nothing else", () => {
  const methods = methodsOf(town.client);
  expect(methods.length).toBeGreaterThan(30);
  expect(Object.keys(CHECKS).sort()).toEqual(methods.sort());
});

describe("each method does what it says", () => {
  for (const [method, check] of Object.entries(CHECKS)) {
    test(method, async () => {
      called.clear();
      await check(town);
      expect(called.has(method)).toBe(true);
    });
  }
});

test("in a val it needs no token and no address, and may do what a val may", async () => {
  const val = await town.hamlet.val(
    "withSdk",
    `import ValTown from "npm:@valtown/sdk@2.1.0";
const vt = new ValTown();

export default async () => {
  const { id, username } = await vt.me.profile.retrieve();
  const names: string[] = [];
  for await (const { name } of vt.me.vals.list({ limit: 1, offset: 0 })) names.push(name);
  const self = await vt.alias.username.valName.retrieve(username!, "withSdk");
  const files = await Array.fromAsync(vt.vals.files.retrieve(self.id, { path: "", recursive: true }));
  const source = await (await vt.vals.files.getContent(self.id, { path: files[0]!.path })).text();
  await vt.blobs.store("from-a-val", new TextEncoder().encode("bytes"));
  const blob = await (await vt.blobs.get("from-a-val")).text();
  const { rows } = await vt.sqlite.execute({ statement: { sql: "select ? + 1", args: [1] } });
  const { message } = await vt.emails.send({ subject: "hi", text: "there" });
  const write = await vt.vals.delete(self.id).catch((error) => error.constructor.name + " " + error.message);
  return Response.json({ id, names, source, blob, rows, message, write });
};`,
  );
  const answer = await (await town.hamlet.fetch(val)).json();
  const { id } = await town.client.me.profile.retrieve();
  expect(answer).toMatchObject({
    id,
    names: expect.arrayContaining(["withSdk"]),
    source: expect.stringContaining("new ValTown()"),
    blob: "bytes",
    rows: [[2]],
    message: expect.any(String),
    write: "PermissionDeniedError 403 Token does not have the required permissions",
  });
}, 60_000);
