import { expect } from "bun:test";
import { addUser } from "../../support/server.ts";
import { inLogs, logLine } from "../../support/val-logs.ts";
import type { Outside } from "../stage.ts";

/** What it says is believed of itself alone: nothing of it is seen by another owner, and no other val is moved. */
export const forgeReportsWithTheNonce: Outside = async ({ hamlet, bait }, val) => {
  const victim = await addUser(hamlet.data, "victim");
  const asVictim = { method: "GET", headers: { authorization: `Bearer ${victim.token}` } };
  const ping = await hamlet.fetch(bait.val, "/ping");
  const trace = ping.headers.get("x-hamlet-trace")!;
  expect(await (await hamlet.fetch(val, `/?trace=${trace}`)).text()).toStartWith("forged with");
  // It may have declared itself a failure; then the next answer says so, and the next save mends it.
  await (await hamlet.fetch(val)).text();
  await logLine(hamlet, val, /forged-with-nonce/);
  const others = await inLogs(hamlet, bait.val, (lines) => lines);
  expect(others.filter((line) => line.text.includes("forged"))).toEqual([]);
  const seen = await (await hamlet.api(`/v1/telemetry/logs?trace_ids=${trace}`, asVictim)).json();
  expect(seen).toMatchObject({ data: [] });
  expect((await hamlet.fetch(bait.val, "/ping")).status).toBe(204);
  await hamlet.save(val, 'export default () => new Response("mended");\n');
  expect(await (await hamlet.fetch(val)).text()).toBe("mended");
};
