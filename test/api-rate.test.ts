/** How often one may call the API. */

import { expect, test } from "bun:test";
import { SCOPES } from "../src/val/scope.ts";
import { expectProblem } from "./support/scenario.ts";
import { makeTown, type Town } from "./support/town.ts";

const RATE = 20;
/** No time passes: nothing of it comes back meanwhile. */
const now = () => 1_700_000_000_000;

async function statuses(town: Town, times: number, options: Parameters<Town["call"]>[2]): Promise<number[]> {
  const seen = new Set<number>();
  for (let i = 0; i < times; i++) seen.add((await town.call("GET", "/v2/vals?limit=1", options)).status);
  return [...seen];
}

test("a token that is used too often is told when to come again, and each answer says what is left", async () => {
  await using town = await makeTown({ ratePerMinute: RATE, now });
  const first = await town.expect(200, "GET", "/v1/me");
  expect(first.headers.get("ratelimit-policy")).toBe(`"default";q=${RATE};w=60`);
  expect(first.headers.get("ratelimit")).toBe(`"default";r=${RATE - 1};t=3`);
  for (let i = 1; i < RATE; i++) await town.expect(200, "GET", "/v1/me");
  const refused = await town.expect(429, "GET", "/v1/me");
  expectProblem(refused);
  expect(refused.headers.get("ratelimit")).toBe(`"default";r=0;t=60`);
  expect(refused.headers.get("retry-after")).toBe("3");
  expect(refused.headers.get("retry-after-ms")).toBe("3000");
  expect(refused.headers.get("access-control-allow-origin")).toBe("*");
  // Whatever else it asks, and whether or not that exists; what asks for permission to ask is no request.
  await town.expect(429, "DELETE", "/v1/blob/x");
  await town.expect(429, "GET", "/nowhere");
  await town.expect(204, "OPTIONS", "/v1/me");
});

test("another token of the same user, another user and another address have a limit of their own", async () => {
  await using town = await makeTown({ ratePerMinute: RATE, now });
  expect(await statuses(town, RATE + 1, {})).toEqual([200, 429]);
  expect(await statuses(town, RATE, { token: await town.token(...SCOPES) })).toEqual([200]);
  expect(await statuses(town, RATE, { token: town.bob.token })).toEqual([200]);
  const from = (address: string) => ({ token: "", headers: { "x-hamlet-client": address } });
  expect(await statuses(town, RATE + 1, from("203.0.113.7"))).toEqual([401, 429]);
  expect(await statuses(town, RATE, from("203.0.113.8"))).toEqual([401]);
  // A visitor cannot get away by the addresses of his own network.
  expect(await statuses(town, RATE + 1, from("2001:db8:1:2::1"))).toEqual([401, 429]);
  expect(await statuses(town, 1, from("2001:db8:1:2:ffff::2"))).toEqual([429]);
});

test("who guesses tokens is counted by address", async () => {
  await using town = await makeTown({ ratePerMinute: RATE, now });
  const seen = [];
  for (let i = 0; i < RATE + 1; i++)
    seen.push((await town.call("GET", "/v1/me", { token: `guess${i}` })).status);
  expect(seen.filter((status) => status === 401)).toHaveLength(RATE);
  expect(seen.at(-1)).toBe(429);
});

test("a val's own services are not slowed down, all else that its workers ask for is counted together", async () => {
  await using town = await makeTown({ ratePerMinute: RATE, now });
  const valId = await town.val("busy");
  const worker = { userId: town.ann.id, username: "ann", valId, valName: "busy" };
  const token = () => town.auth.mint(worker).token;
  const one = token();
  for (let i = 0; i < 2 * RATE; i++) {
    await town.expect(200, "GET", "/v1/blob", { token: one });
    await town.expect(200, "GET", "/v3/vals/self/blob", { token: one });
  }
  const statement = { statement: "select 1" };
  await town.expect(200, "POST", "/v1/sqlite/execute", { token: one, json: statement });
  for (let i = 0; i < RATE; i++) await town.expect(200, "GET", "/v1/me", { token: token() });
  await town.expect(429, "GET", "/v1/me", { token: token() });
  await town.expect(200, "GET", "/v1/blob", { token: one });
  await town.expect(200, "GET", "/v1/me");
});
