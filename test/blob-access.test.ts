/** What the token that a val is given opens: the account's store and the val's own, no other val's. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Api, createApi } from "../src/api/api.ts";
import { createAuth } from "../src/auth/auth.ts";
import { makeTown, type Town } from "./support/town.ts";

let town: Town;
let api: Api;
let token: string;
const vals = { own: "", sibling: "" };

beforeAll(async () => {
  town = await makeTown();
  for (const name of ["own", "sibling"] as const) vals[name] = await town.val(name);
  const auth = createAuth(town.store);
  token = auth.mint({ userId: town.ann.id, username: "ann", valId: vals.own, valName: "own" }).token;
  api = createApi({
    store: town.store,
    services: { blobs: town.blobs },
    auth,
    town: {
      scheme: "http:",
      domain: "localhost",
      webDomain: "web.localhost",
      mailDomain: "mail.example",
      port: ":3000",
    },
    deploy: {
      saved: async () => undefined,
      configured: async () => {},
      addressed: async () => {},
      serves: async () => false,
      removed: async () => {},
    },
  });
});
afterAll(() => town[Symbol.asyncDispose]());

async function call(method: string, path: string, body?: string): Promise<string> {
  const answer = await api.fetch(
    new Request(`http://api.localhost:3000${path}`, {
      method,
      body,
      headers: { authorization: `Bearer ${token}` },
    }),
  );
  return `${answer.status} ${await answer.text()}`;
}

test("`self` is the val that asks, and the same as its id", async () => {
  expect(await call("POST", "/v3/vals/self/blob/a/b", "mine")).toBe('201 "ok"');
  expect(await call("GET", `/v3/vals/${vals.own}/blob/a%2Fb`)).toBe("200 mine");
  expect(await call("GET", `/v3/vals/${vals.own.toUpperCase()}/blob/a%2Fb`)).toBe("200 mine");
  expect(await call("GET", "/v3/vals/self/blob")).toContain('"key":"a/b"');
  expect(await call("GET", "/v1/blob")).toBe("200 []");
});

test("another val of the same owner is out of reach", async () => {
  for (const [method, path] of [
    ["GET", "blob"],
    ["GET", "blob/a"],
    ["POST", "blob/a"],
    ["DELETE", "blob/a"],
  ] as const)
    expect(await call(method, `/v3/vals/${vals.sibling}/${path}`)).toContain("403 ");
});

test("the account's store is shared by all vals", async () => {
  expect(await call("POST", "/v1/blob/shared", "of the account")).toBe('201 "ok"');
  expect((await town.expect(200, "GET", "/v1/blob/shared")).text).toBe("of the account");
});
