import { expect } from "bun:test";
import { eventually } from "../../support/telemetry.ts";
import type { Outside } from "../stage.ts";

/** A token lives as long as its worker, also when that is replaced or its val is gone. */
export const useADeadWorkersToken: Outside = async ({ hamlet }, val) => {
  const token = async () => (await hamlet.fetch(val)).text();
  const statusOf = async (one: string) =>
    (await hamlet.api("/v1/me", { headers: { authorization: `Bearer ${one}` } })).status;
  const isDead = (one: string) => eventually(async () => ((await statusOf(one)) === 401 ? true : undefined));

  const first = await token();
  expect(await statusOf(first)).toBe(200);
  await hamlet.fetch(val, "/die");
  await isDead(first);

  const second = await token();
  expect(second).not.toBe(first);
  expect(await statusOf(second)).toBe(200);
  await hamlet.save(val, "export default () => new Response(Deno.env.get('valtown'));");
  await isDead(second);

  const third = await token();
  expect(await statusOf(third)).toBe(200);
  expect((await hamlet.api(`/v2/vals/${val.id}`, { method: "DELETE" })).status).toBe(204);
  expect(await statusOf(third)).toBe(401);
  return undefined;
};
