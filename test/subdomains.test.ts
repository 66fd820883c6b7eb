/** Subdomains that owners give their endpoints. */

import { expect, test } from "bun:test";
import { SUBDOMAINS_PER_ACCOUNT } from "../src/val/domain.ts";
import { makeTown, type Town } from "./support/town.ts";

const DAY = 24 * 3600 * 1000;

async function makeEndpoints() {
  const clock = { at: Date.now() - 300 * DAY };
  const town = await makeTown({ now: () => clock.at++ });
  const valId = await town.val("shop");
  const fileId = (await town.file(valId, "main.ts", "", "http")).id as string;
  const asBob = { token: town.bob.token };
  const bobsVal = await town.val("b", asBob);
  const where = `/v2/vals/${bobsVal}/files?path=a.ts`;
  const bobs = await town.expect(201, "POST", where, { ...asBob, json: { type: "http", content: "" } });
  return {
    ...{ town, clock, valId, fileId, asBob, bobsFile: bobs.json.id as string },
    [Symbol.asyncDispose]: () => town[Symbol.asyncDispose](),
  };
}

const set = (town: Town, fileId: string, subdomain: string | null, more = {}) =>
  town.call("PATCH", `/v3/files/${fileId}/trigger`, { json: { subdomain }, ...more });
const fileOf = async (town: Town, label: string) => (await town.store.deployments.resolve(label))?.fileId;

test("a file gets a subdomain, another one in its place, and none", async () => {
  await using made = await makeEndpoints();
  const { town, valId, fileId } = made;
  const { status, json } = await set(town, fileId, "Corner");
  expect([status, json]).toEqual([
    200,
    {
      type: "http",
      subdomain: "corner",
      endpoints: expect.arrayContaining(["http://corner.web.localhost:3000"]),
      customDomains: [],
      emailAddresses: [],
      emailName: null,
      ...{ schedule: null, timeZone: null, paused: null, nextRuns: [], lastRunAt: null },
    },
  ]);
  expect(town.told.at(-1)).toBe(`addressed ${valId} corner.web.localhost`);
  expect((await set(town, fileId, "market")).json.subdomain).toBe("market");
  expect(town.told.slice(-2).sort()).toEqual(
    ["corner", "market"].map((label) => `addressed ${valId} ${label}.web.localhost`),
  );
  expect([await fileOf(town, "corner"), await fileOf(town, "market")]).toEqual([undefined, fileId]);
  const told = town.told.length;
  expect((await set(town, fileId, "market")).status).toBe(200);
  expect(town.told).toHaveLength(told);
  expect((await set(town, fileId, null)).json.subdomain).toBeNull();
  expect(await fileOf(town, "market")).toBeUndefined();
  // The labels that it has by itself stay.
  expect(await fileOf(town, "ann-shop")).toBe(fileId);
});

test("first come, first served; what is given up waits 90 days for its last owner", async () => {
  await using made = await makeEndpoints();
  const { town, clock, fileId, asBob, bobsFile } = made;
  await set(town, fileId, "corner");
  expect((await set(town, bobsFile, "corner", asBob)).status).toBe(409);
  await set(town, fileId, null);
  expect((await set(town, bobsFile, "corner", asBob)).status).toBe(409);
  expect((await set(town, fileId, "corner")).status).toBe(200);
  await set(town, fileId, null);
  clock.at += 91 * DAY;
  expect((await set(town, bobsFile, "corner", asBob)).status).toBe(200);
});

test("a subdomain goes with its file, its val, or the type http, and waits for its owner then", async () => {
  await using made = await makeEndpoints();
  const { town, valId, fileId, asBob, bobsFile } = made;
  await set(town, fileId, "corner");
  await town.expect(200, "PUT", `/v2/vals/${valId}/files?path=main.ts`, { json: { type: "script" } });
  expect(await fileOf(town, "corner")).toBeUndefined();
  await town.expect(200, "PUT", `/v2/vals/${valId}/files?path=main.ts`, { json: { type: "http" } });
  expect(await fileOf(town, "corner")).toBe(fileId);
  await town.file(valId, "two.ts", "", "http");
  await town.expect(204, "DELETE", `/v2/vals/${valId}/files?path=main.ts`);
  await town.file(valId, "three.ts", "", "http");
  expect((await set(town, bobsFile, "corner", asBob)).status).toBe(409);
  const two = await fileOf(town, "ann-shop");
  expect((await set(town, two!, "corner")).status).toBe(200);
  await town.expect(204, "DELETE", `/v2/vals/${valId}`);
  expect((await set(town, bobsFile, "corner", asBob)).status).toBe(409);
});

test("nobody takes the name of another user's vals, nor of the town, nor one of a wrong form", async () => {
  await using made = await makeEndpoints();
  const { town, fileId } = made;
  for (const label of ["bob", "bob-shop", "BOB-x"])
    expect([label, (await set(town, fileId, label)).status]).toEqual([label, 409]);
  for (const label of ["api", "www", "ab", "a--b", "-ab", "a.b", "a_b"])
    expect([label, (await set(town, fileId, label)).status]).toEqual([label, 400]);
  // What it has anyway.
  expect((await set(town, fileId, "ann-shop")).status).toBe(409);
  expect((await set(town, fileId, "ann-other")).status).toBe(200);
  // A val that comes later goes without the name, and keeps its other one.
  const later = await town.file(await town.val("other"), "x.ts", "", "http");
  expect(later.links.endpoint).toBe(`http://ann--${later.id.replaceAll("-", "")}.web.localhost:3000`);
});

test("only its owner may, and only for an endpoint; an account has so many, given up ones counted", async () => {
  await using made = await makeEndpoints();
  const { town, valId, fileId, asBob } = made;
  expect((await set(town, fileId, "corner", asBob)).status).toBe(403);
  const script = await town.file(valId, "s.ts");
  expect((await set(town, script.id, "corner")).status).toBe(400);
  const hidden = await town.file(await town.val("hidden", { privacy: "private" }), "h.ts", "", "http");
  expect((await set(town, hidden.id, "corner", asBob)).status).toBe(404);
  expect((await town.call("GET", `/v3/files/${hidden.id}/trigger`, asBob)).status).toBe(404);
  for (let i = 0; i < SUBDOMAINS_PER_ACCOUNT; i++) {
    const file = await town.file(valId, `f${i}.ts`, "", "http");
    expect((await set(town, file.id, `corner-${i}`)).status).toBe(200);
  }
  expect((await set(town, fileId, "corner")).status).toBe(400);
});
