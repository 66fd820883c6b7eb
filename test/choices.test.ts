/** What the operator chooses has its effect on a real server. */

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { startOrigin } from "./support/origin.ts";
import { makeTempFolder, startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";
import { eventually } from "./support/telemetry.ts";

const HAMLET = join(import.meta.dir, "../bin/hamlet");
/** Tells which process answers, so that a new one can be told from an old one. */
const WHO = "const who = crypto.randomUUID();\n";
const saying = (text: string) => `export default () => new Response(${JSON.stringify(text)});`;
const ask = async (hamlet: TestHamlet, val: TestVal, path = "/") => (await hamlet.fetch(val, path)).text();

describe("--sandbox", () => {
  test("deno serves behind Deno's permissions alone, and says so", async () => {
    await using hamlet = await startHamlet({ args: ["--sandbox", "deno"] });
    expect(hamlet.log).toContain("--sandbox deno");
    const val = await hamlet.val(
      "walled",
      'export default () => new Response(Deno.readTextFileSync("/etc/passwd"));',
    );
    expect((await hamlet.fetch(val)).status).toBe(500);
    await hamlet.save(val, saying("fine"));
    expect(await ask(hamlet, val)).toBe("fine");
  });

  test.if(process.getuid?.() === 0)(
    "strict is refused where a wall is missing, in one sentence and with exit code 2",
    async () => {
      using folder = makeTempFolder();
      // In a mount namespace of its own, where bubblewrap is an empty file.
      const hidden =
        'mount --bind /dev/null /usr/bin/bwrap && exec "$0" serve --sandbox strict --port 0 --data "$1"';
      const command = ["unshare", "--mount", "sh", "-c", hidden, HAMLET, folder.path];
      const server = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
      const [code, out, err] = await Promise.all([server.exited, server.stdout.text(), server.stderr.text()]);
      expect([code, out]).toEqual([2, ""]);
      expect(err).toMatch(/^hamlet: --sandbox strict needs all walls, but .*\n$/);
    },
    30_000,
  );
});

test("--web-domain: endpoints below the app's own domain are warned of, others are not", async () => {
  const logOf = async (...args: string[]) => {
    await using hamlet = await startHamlet({ args: ["--domain", "hamlet.test", ...args] });
    await hamlet.stop();
    return hamlet.log;
  };
  expect(await logOf()).toContain("another registrable domain");
  expect(await logOf("--web-domain", "vals.test")).not.toContain("registrable");
}, 30_000);

test("--public-url: the app answers there, and every link leads there", async () => {
  const port = freePort();
  const args = [
    "--port",
    `${port}`,
    "--public-url",
    "https://town.example:8443",
    "--web-domain",
    "vals.example",
  ];
  await using hamlet = await startHamlet({ args });
  hamlet.port = port;
  expect(hamlet.firstLine.url).toBe("https://town.example:8443");
  const val = await hamlet.val("linked", saying("fine"));
  expect(val.endpoint).toBe("https://tester-linked.vals.example:8443");
  expect(await ask(hamlet, val)).toBe("fine");
  const headers = [`Authorization: Bearer ${hamlet.token}`];
  for (const [host, path] of [
    ["town.example:8443", "/api/v1/me"],
    ["api.town.example", "/v1/me"],
  ] as const)
    expect((await hamlet.request(host, path, { headers })).status).toBe(200);
}, 30_000);

test("--egress-deny wins over --egress-allow", async () => {
  await using origin = startOrigin(() => new Response("reached"));
  const args = ["--egress-allow", origin.address, "--egress-deny", "127.0.0.1"];
  await using hamlet = await startHamlet({ args });
  const val = await hamlet.val(
    "caller",
    `export default () => fetch("${origin.url}").then((r) => r.text(), () => "refused").then((t) => new Response(t));`,
  );
  expect([await ask(hamlet, val), origin.hits()]).toEqual(["refused", 0]);
});

test("--max-connections: one more is closed, and there is room again when one has left", async () => {
  await using hamlet = await startHamlet({ args: ["--max-connections", "2"] });
  const get = `GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const answers = async () => {
    // Closed as soon as it is open, which the client may see as early as in `connect`.
    await using connection = await hamlet.connect().catch(() => undefined);
    if (connection === undefined) return false;
    await connection.write(get).catch(() => {});
    return Buffer.from(await connection.readToEnd().catch(() => new Uint8Array())).length > 0;
  };
  await using first = await hamlet.connect();
  await using second = await hamlet.connect();
  for (const connection of [first, second]) {
    await connection.write(get);
    expect((await connection.readResponse()).status).toBe(401);
  }
  expect(await answers()).toBe(false);
  await first.write(get);
  expect((await first.readResponse()).status).toBe(401);
  second.destroy();
  await eventually(
    async () => (await hamlet.request("localhost", "/api/v1/me").catch(() => undefined))?.status,
  );
});

test("--memory-budget: beyond it the val that was idle for longest gives up its worker", async () => {
  await using hamlet = await startHamlet({ args: ["--memory-budget", "256MB"] });
  const source = `${WHO}const kept = new Uint8Array(120 * 2 ** 20).fill(1);
    export default () => new Response(who + kept.length);`;
  const first = await hamlet.val("first", source);
  const before = await ask(hamlet, first);
  for (const name of ["second", "third"]) await ask(hamlet, await hamlet.val(name, source));
  const asked = async () => {
    await Bun.sleep(1000);
    return (await ask(hamlet, first)) !== before || undefined;
  };
  await eventually(asked, 20_000);
}, 60_000);

test("a val that is too busy for one worker gets a second one, and no third", async () => {
  await using hamlet = await startHamlet({ args: ["--max-workers-per-val", "2"] });
  const val = await hamlet.val(
    "busy",
    `${WHO}export default () => {
      for (const end = performance.now() + 150; performance.now() < end;);
      return new Response(who);
    };`,
  );
  const seen = new Set<string>();
  const call = async () => seen.add(await ask(hamlet, val));
  for (const end = Date.now() + 30_000; seen.size < 2 && Date.now() < end; )
    await Promise.all(Array.from({ length: 8 }, call));
  await Promise.all(Array.from({ length: 8 }, call));
  expect(seen.size).toBe(2);
}, 60_000);

/** As free as a port can be that nobody holds. */
function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  listener.stop(true);
  return listener.port;
}
