/** Domains of one's own: asked for, verified by real DNS, lost and given up. */

import { expect, test } from "bun:test";
import { createTxtLookup } from "../src/services/txt.ts";
import { startNameServer } from "./support/name-server.ts";
import { startHamlet } from "./support/server.ts";
import { makeTown, type Town } from "./support/town.ts";

const DAY = 24 * 3600 * 1000;
const HOST = "shop.example.org";
const RECORD = `_hamlet.${HOST}`;

async function makeDomains() {
  const dns = await startNameServer();
  // Long ago, so that no look at a record has been just now.
  const clock = { at: Date.now() - 300 * DAY };
  const town = await makeTown({ txt: createTxtLookup(dns.address), now: () => clock.at++ });
  const valId = await town.val("shop");
  const fileId = (await town.file(valId, "main.ts", "", "http")).id as string;
  const asBob = { token: town.bob.token };
  const bobsVal = (
    await town.expect(201, "POST", "/v2/vals", { ...asBob, json: { name: "b", privacy: "public" } })
  ).json.id;
  const bobs = await town.expect(201, "POST", `/v2/vals/${bobsVal}/files?path=a.ts`, {
    ...asBob,
    json: { type: "http", content: "" },
  });
  return {
    ...{ town, dns, clock, valId, fileId, asBob, bobsFile: bobs.json.id as string },
    async [Symbol.asyncDispose]() {
      await town[Symbol.asyncDispose]();
      dns[Symbol.dispose]();
    },
  };
}

const claim = (town: Town, host: string, fileId: string, more = {}) =>
  town.call("POST", "/v3/domains", { json: { host, fileId }, ...more });
const verify = (town: Town, more = {}) => town.call("POST", `/v3/domains/${HOST}/verify`, more);

test("a domain is served once its TXT record says so", async () => {
  await using made = await makeDomains();
  const { town, dns, valId, fileId } = made;
  const { status, json } = await claim(town, "Shop.Example.org.", fileId);
  expect([status, json]).toMatchObject([
    201,
    {
      host: HOST,
      verified: false,
      target: "domains.web.localhost",
      verification: { type: "TXT", name: RECORD },
    },
  ]);
  expect((await verify(town)).status).toBe(422);
  dns.records.set(RECORD, ["v=spf1 -all", "hamlet-verify=0"]);
  expect((await verify(town)).status).toBe(422);
  expect(await town.store.deployments.resolveDomain(HOST)).toBeUndefined();
  dns.records.set(RECORD, ["v=spf1 -all", json.verification.value]);
  const { json: verified } = await town.expect(200, "POST", `/v3/domains/${HOST}/verify`);
  expect(verified).toMatchObject({ host: HOST, fileId, verified: true });
  expect(await town.store.deployments.resolveDomain(HOST)).toMatchObject({ valId, fileId });
  expect(town.told.at(-1)).toBe(`addressed ${valId} ${HOST}`);
  const trigger = await town.expect(200, "GET", `/v3/files/${fileId}/trigger`);
  expect(trigger.json.customDomains).toEqual([{ host: HOST, verified: true }]);
  expect(trigger.json.endpoints).toContain(`http://${HOST}:3000`);
  dns.fail(true);
  expect((await verify(town)).text).toContain("No name server would say");
});

test("another account has it only by its own record, and only when that of the first is gone", async () => {
  await using made = await makeDomains();
  const { town, dns, fileId, asBob, bobsFile } = made;
  const first = (await claim(town, HOST, fileId)).json.verification.value;
  const second = (await claim(town, HOST, bobsFile, asBob)).json.verification.value;
  expect(first).not.toBe(second);
  dns.records.set(RECORD, [first]);
  expect((await verify(town, asBob)).status).toBe(422);
  expect((await verify(town)).status).toBe(200);
  dns.records.set(RECORD, [first, second]);
  expect((await verify(town, asBob)).status).toBe(409);
  dns.records.set(RECORD, [second]);
  expect((await verify(town, asBob)).status).toBe(200);
  expect((await town.store.deployments.resolveDomain(HOST))?.fileId).toBe(bobsFile);
  const { json } = await town.expect(200, "GET", "/v3/domains");
  expect(json.data).toMatchObject([{ host: HOST, verified: false }]);
});

test("nobody else sees, verifies or deletes it; deleting it frees it at once", async () => {
  await using made = await makeDomains();
  const { town, dns, fileId, asBob, bobsFile } = made;
  const token = (await claim(town, HOST, fileId)).json.verification.value;
  dns.records.set(RECORD, [token]);
  expect((await verify(town, asBob)).status).toBe(404);
  expect((await town.call("DELETE", `/v3/domains/${HOST}`, asBob)).status).toBe(404);
  expect((await town.expect(200, "GET", "/v3/domains", asBob)).json.data).toEqual([]);
  expect((await claim(town, HOST, fileId, asBob)).status).toBe(403);
  const shown = await town.expect(200, "GET", `/v3/files/${fileId}/trigger`, asBob);
  expect(shown.json.customDomains).toEqual([]);
  expect((await verify(town)).status).toBe(200);
  await town.expect(204, "DELETE", `/v3/domains/${HOST}`);
  expect(await town.store.deployments.resolveDomain(HOST)).toBeUndefined();
  const again = await claim(town, HOST, bobsFile, asBob);
  expect(again.json.verification.value).not.toBe(token);
});

test("what is not verified in a week is gone, what is verified stays; an account has ten", async () => {
  await using made = await makeDomains();
  const { town, dns, clock, fileId } = made;
  dns.records.set(RECORD, [(await claim(town, HOST, fileId)).json.verification.value]);
  expect((await verify(town)).status).toBe(200);
  for (let i = 1; i < 10; i++) expect((await claim(town, `a${i}.example.org`, fileId)).status).toBe(201);
  expect((await claim(town, "more.example.org", fileId)).status).toBe(400);
  const hosts = async () =>
    (await town.expect(200, "GET", "/v3/domains?limit=100")).json.data.map(
      (one: { host: string }) => one.host,
    );
  expect(await hosts()).toHaveLength(10);
  clock.at += 8 * DAY;
  expect(await hosts()).toEqual([HOST]);
  expect((await claim(town, "more.example.org", fileId)).status).toBe(201);
});

test("a domain leads to another file when it is asked for again, and ends with its val", async () => {
  await using made = await makeDomains();
  const { town, dns, valId, fileId } = made;
  dns.records.set(RECORD, [(await claim(town, HOST, fileId)).json.verification.value]);
  await verify(town);
  const other = await town.val("other");
  const file = await town.file(other, "x.ts", "", "http");
  expect((await claim(town, HOST, file.id)).json).toMatchObject({ fileId: file.id, verified: true });
  expect(town.told.slice(-2)).toEqual([`addressed ${valId} ${HOST}`, `addressed ${other} ${HOST}`]);
  await town.expect(204, "DELETE", `/v2/vals/${other}`);
  expect((await town.expect(200, "GET", "/v3/domains")).json.data).toEqual([]);
});

test("hosts of the town, addresses and what no name server knows are refused; so is a look every moment", async () => {
  await using dnsOnly = await makeDomains();
  const { town, fileId } = dnsOnly;
  for (const host of ["localhost", "api.localhost", "x.web.localhost", "127.0.0.1", "esm.town", "shop"])
    expect([host, (await claim(town, host, fileId)).status]).toEqual([host, 422]);
  const script = await town.file(await town.val("s"), "s.ts");
  expect((await claim(town, HOST, script.id)).status).toBe(422);
  // The store's clock goes on with each call: it must not overtake the one by which the wait is told.
  dnsOnly.clock.at = Date.now() - 500;
  await claim(town, HOST, fileId);
  expect((await verify(town)).status).toBe(422);
  const soon = await verify(town);
  expect([soon.status, soon.headers.get("retry-after")]).toEqual([429, expect.stringMatching(/^[12]$/)]);
});

test("visitors of a subdomain and of a verified domain meet the val", async () => {
  using dns = await startNameServer();
  const args = ["--dns-server", dns.address];
  await using hamlet = await startHamlet({ args });
  const val = await hamlet.val("shop", `export default () => new Response("hello");`);
  const files = (await (await hamlet.api(`/v2/vals/${val.id}/files?path=main.http.ts`)).json()) as {
    data: { id: string }[];
  };
  const fileId = files.data[0]!.id;
  const statusAt = async (host: string) => (await hamlet.request(host)).status;
  const asked = async (host: string) => (await hamlet.api(`/v3/domains/ask?domain=${host}`)).status;
  expect([await statusAt(HOST), await asked(HOST), await statusAt("corner-shop.web.localhost")]).toEqual([
    404, 404, 404,
  ]);
  const domain = (await (await hamlet.api("/v3/domains", { json: { host: HOST, fileId } })).json()) as {
    verification: { value: string };
  };
  dns.records.set(RECORD, [domain.verification.value]);
  expect((await hamlet.api(`/v3/domains/${HOST}/verify`, { method: "POST" })).status).toBe(200);
  const patch = await hamlet.api(`/v3/files/${fileId}/trigger`, {
    method: "PATCH",
    json: { subdomain: "Corner-Shop" },
  });
  expect(await patch.json()).toMatchObject({ subdomain: "corner-shop", type: "http" });
  expect([await statusAt(HOST), await asked(HOST), await statusAt("corner-shop.web.localhost")]).toEqual([
    200, 200, 200,
  ]);
  expect([await asked("localhost"), await asked("127.0.0.1"), await asked("nobody.example.org")]).toEqual([
    200, 404, 404,
  ]);
  await hamlet.save(val, `export default () => new Response("again");`);
  expect((await hamlet.request(HOST)).body.toString()).toContain("again");
  await hamlet.api(`/v3/domains/${HOST}`, { method: "DELETE" });
  await hamlet.api(`/v3/files/${fileId}/trigger`, { method: "PATCH", json: { subdomain: null } });
  expect([await statusAt(HOST), await asked(HOST), await statusAt("corner-shop.web.localhost")]).toEqual([
    404, 404, 404,
  ]);
});
