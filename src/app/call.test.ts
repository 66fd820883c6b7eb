import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, type Store } from "../store/store.ts";
import { CALL } from "../wire/headers.ts";
import { createCaller } from "./call.ts";

const folder = mkdtempSync(join(tmpdir(), "call-"));
let store: Store;
let fileId: string;
beforeAll(async () => {
  store = await openStore({ folder: join(folder, "a") });
  const user = await store.users.create({ username: "ann" });
  const files = [{ path: "main.ts", type: "http" as const, content: "" }];
  const val = await store.vals.create({ userId: user.id, name: "a", privacy: "public", files });
  const branch = await store.vals.branch(val.id);
  const at = { valId: val.id, branchId: branch!.id, version: branch!.version };
  fileId = (await store.files.at(at, "main.ts"))!.id;
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const ASKED = Buffer.from(JSON.stringify({ method: "GET", path: "/", headers: {} })).toString("base64");
const request = (init: RequestInit = {}) =>
  new Request(`http://localhost/_call/${fileId}`, { headers: { [CALL]: ASKED }, ...init });

/** One call of a network at a time; `body` is what each endpoint answers. */
const caller = (body: () => string | ReadableStream<Uint8Array>, from: Store = store) =>
  createCaller({
    store: from,
    call: async () => new Response(body()),
    isForeign: () => false,
    perMinute: 0,
    atOnce: 10,
  });

const endless = () => new ReadableStream<Uint8Array>({ pull() {} });

test("a call counts as long as its answer flows, and no longer", async () => {
  const call = caller(endless);
  const first = await call(request());
  expect((await call(request())).status).toBe(429);
  await first.body!.cancel();
  expect((await call(request())).status).toBe(200);
});

test("who goes before reading anything is counted out", async () => {
  const call = caller(endless);
  const gone = new AbortController();
  await call(request({ signal: gone.signal }));
  gone.abort();
  expect((await call(request())).status).toBe(200);
});

test("a store that fails keeps nobody counted", async () => {
  const broken = await openStore({ folder: join(folder, "b") });
  await broken.close();
  const call = caller(() => "never", broken);
  for (const _ of [1, 2]) await expect(call(request())).rejects.toThrow();
});

test("only GET and POST carry calls", async () => {
  const answer = await caller(() => "")(request({ method: "HEAD" }));
  expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, POST"]);
});

test("what a val says in its headers fits through the gateway, however it is written", async () => {
  const call = createCaller({
    store,
    call: async () => new Response("", { headers: { "x-quotes": '"'.repeat(40_000) } }),
    isForeign: () => false,
    perMinute: 0,
    atOnce: 10,
  });
  const { headers } = await call(request());
  expect([...headers].reduce((sum, [name, value]) => sum + name.length + value.length, 0)).toBeLessThan(
    100_000,
  );
});
