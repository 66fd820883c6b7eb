/** How long traces and logs of a real town are kept, and what a kill -9 makes of them. */

import { describe, expect, test } from "bun:test";
import { makeTempFolder, startHamlet, type TestHamlet } from "./support/server.ts";
import { eventually, logs, traces } from "./support/telemetry.ts";

describe.concurrent("what is kept", () => {
  test("of a call that a kill -9 of the server cut off: that it has ended, and that it is nobody else's fault", async () => {
    using folder = makeTempFolder();
    const lastOf = async (town: TestHamlet) =>
      (await traces(town, { limit: "1", order_by: "start_time" })).rows[0];
    {
      await using doomed = await startHamlet({ data: folder.path });
      const streamer = await doomed.val(
        "streamer",
        "export default () => new Response(new ReadableStream());",
      );
      await using visitor = await doomed.connect();
      await visitor.write(`GET / HTTP/1.1\r\nHost: ${streamer.host}\r\n\r\n`);
      expect((await visitor.readHead()).status).toBe(200);
      expect((await eventually(() => lastOf(doomed))).endTimeUnixNano).toBe("0");
      await doomed.stop("SIGKILL");
    }
    await using next = await startHamlet({ data: folder.path });
    const { endTimeUnixNano, startTimeUnixNano, status } = (await lastOf(next))!;
    expect(BigInt(endTimeUnixNano)).toBeGreaterThan(BigInt(startTimeUnixNano));
    expect(status).toEqual({ code: 2, message: "internal" });
  });

  test("is as old as the operator allows", async () => {
    await using short = await startHamlet({ args: ["--log-retention", "1s"] });
    const logger = await short.val(
      "logger",
      "export default () => { console.log('said'); return new Response(); }",
    );
    await (await short.fetch(logger)).bytes();
    const count = async () =>
      (await traces(short, { order_by: "start_time" })).rows.length + (await logs(short, {})).rows.length;
    await eventually(async () => ((await count()) === 2 ? true : undefined));
    await eventually(async () => ((await count()) === 0 ? true : undefined), 40_000);
  });

  test("is as much as the operator allows, the newest of it", async () => {
    await using small = await startHamlet({ args: ["--log-size", "1MB"] });
    const large = `{ headers: { "x-large": "x".repeat(8000) } }`;
    const quiet = await small.val("quiet", `export default () => new Response(null, ${large})`);
    // What is kept of a request: headers above all, of each side 8 kB.
    const headers = { "x-large": "x".repeat(8000) };
    for (let n = 0; n < 150; n++) await (await small.fetch(quiet, `/${n}`, { headers })).bytes();
    const numbers = async () =>
      (await traces(small, { limit: "100" })).rows.map(({ name }) => Number(name.slice("GET /".length)));
    await eventually(async () => ((await numbers())[0] === 149 ? true : undefined));
    const kept = await eventually(async () => {
      const found = await numbers();
      return found.length < 90 ? found : undefined;
    }, 40_000);
    expect(kept).toEqual(Array.from(kept, (_, at) => 149 - at));
    expect(kept.length).toBeGreaterThan(10);
  }, 90_000);
});
