/** Where a val's connections end: first with Deno's permissions, then with nothing but the network wall. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import type { TestSandbox } from "./support/guest.ts";
import { type Obedient, startObedient, startWalls } from "./support/walls.ts";

const root = process.platform === "linux" && process.getuid?.() === 0;

/** A server on every address of this machine; nobody may hear it but through --egress-allow. */
const origin = Bun.serve({ port: 0, hostname: "::", fetch: () => new Response("host-secret") });
const other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("host-secret") });
afterAll(async () => {
  await origin.stop(true);
  await other.stop(true);
});

const ownAddresses = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .filter(({ address, scopeid }) => address && !scopeid)
  .map(({ address }) => address);

const HOST = [
  "localhost",
  "127.0.0.1",
  "127.1.2.3",
  "0.0.0.0",
  "2130706433",
  "0x7f.1",
  "::1",
  "::",
  "::ffff:127.0.0.1",
];
const PRIVATE = [
  "10.0.0.1",
  "100.100.100.200",
  "169.254.169.254",
  "172.16.0.1",
  "192.168.0.1",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "::ffff:10.0.0.1",
  "64:ff9b::a00:1",
  "2002:a00:1::1",
  "fd00::53",
  "fe80::1",
];

const connect = (hostname: string, port: number) =>
  `(await Deno.connect({ hostname: ${JSON.stringify(hostname)}, port: ${port} })).close(); return "connected"`;
const get = (url: string) => `return (await fetch(${JSON.stringify(url)})).text()`;

/** Both walls refuse at once: a connect that hangs would hold a visitor's request for minutes. */
async function refuses(val: Obedient, hostname: string, port: number) {
  const answer = await Promise.race([val.run(connect(hostname, port)), Bun.sleep(10_000)]);
  expect([hostname, answer]).toEqual([hostname, { error: expect.any(String) }]);
}

test("without walls, the host would be reached", async () => {
  await using open = await startWalls({ mode: "deno", permissions: "allow-all" });
  expect(await (await startObedient(open)).run(connect("127.0.0.1", other.port!))).toBe("connected");
});

describe("Deno's permissions alone", () => {
  let walls: TestSandbox;
  let val: Obedient;
  beforeAll(async () => {
    walls = await startWalls({ mode: "deno" });
    val = await startObedient(walls);
  });
  afterAll(() => walls[Symbol.asyncDispose]());

  test.each([...HOST, ...ownAddresses])("the host is refused as %s", async (address) => {
    const answer = await val.run(connect(address, origin.port!));
    expect(answer.error).toMatch(/^NotCapable/);
  });

  // Deno 2.9 cannot refuse a range of IPv6 addresses: those are the network wall's.
  test.each(PRIVATE.filter((address) => address.includes(".")))("%s is refused", async (address) => {
    const answer = await val.run(connect(address, 80));
    expect(answer.error).toMatch(/^NotCapable/);
  });

  test("an allowed address opens, a redirect to another does not", async () => {
    await using open = await startWalls({ mode: "deno", egressAllow: [`127.0.0.1:${origin.port}`] });
    const inside = await startObedient(open);
    expect(await inside.run(get(`http://127.0.0.1:${origin.port}/`))).toBe("host-secret");
    expect((await inside.run(connect("127.0.0.2", origin.port!))).error).toMatch(/^NotCapable/);
  });
});

describe.if(root)("the network wall alone, Deno allowing everything", () => {
  let walls: TestSandbox;
  let val: Obedient;
  beforeAll(async () => {
    walls = await startWalls({
      permissions: "allow-all",
      egressAllow: [`127.0.0.1:${origin.port}`, "10.99.0.0/24:8080"],
      egressDeny: ["198.41.0.0/24", "127.0.0.9"],
    });
    val = await startObedient(walls);
  });
  afterAll(() => walls[Symbol.asyncDispose]());

  test("the host's ports are not there, by whatever name", async () => {
    for (const address of [...HOST, ...ownAddresses]) await refuses(val, address, other.port!);
  });

  test("private, link-local and metadata addresses are refused", async () => {
    for (const address of PRIVATE) await refuses(val, address, 80);
  });

  test("what the operator denies is refused", async () => {
    await refuses(val, "198.41.0.4", 80);
  });

  test("of the host, only the allowed port is carried in", async () => {
    expect(await val.run(get(`http://127.0.0.1:${origin.port}/`))).toBe("host-secret");
    await refuses(val, "127.0.0.1", other.port!);
  });

  test("one val cannot reach what another listens on", async () => {
    const neighbour = await startObedient(walls);
    const port = await neighbour.run(
      `globalThis.l = Deno.listen({ hostname: "0.0.0.0", port: 0 }); (async () => { for await (const c of l) c.close(); })(); return l.addr.port`,
    );
    const addresses: string[] = await val.run("return Deno.networkInterfaces().map((one) => one.address)");
    expect(addresses.length).toBeGreaterThan(0);
    for (const address of ["127.0.0.1", "0.0.0.0", ...addresses.filter((one) => !one.startsWith("fe80"))]) {
      await refuses(val, address, port);
    }
    neighbour.guest.confined.kill();
  });

  test("datagrams do not pass either, nor can the firewall be seen or changed", async () => {
    const received: unknown[] = [];
    const socket = await Bun.udpSocket({
      hostname: "0.0.0.0",
      socket: { data: (_, data) => void received.push(data) },
    });
    for (const address of ["127.0.0.1", ...ownAddresses.filter((one) => one.includes("."))]) {
      const code = `const s = Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port: 0 });
        try { await s.send(new Uint8Array(3), { transport: "udp", hostname: "${address}", port: ${socket.port} }); } finally { s.close(); }`;
      await val.run(code);
    }
    expect((await val.run('return Deno.readTextFileSync("/proc/net/nf_conntrack")')).error).toEqual(
      expect.any(String),
    );
    expect(received).toEqual([]);
    socket.close();
  });

  test("the host's resolver answers through a forwarder, its address unknown inside", async () => {
    const config: string = await val.run('return Deno.readTextFileSync("/etc/resolv.conf")');
    expect(config).toMatch(/^nameserver (169\.254\.1\.53|fd53::53)\n$/);
    const answer = await val.run('return await Deno.resolveDns("name.invalid", "A")');
    // An answer, even of no such name, came from a name server; without one it would be a timeout.
    expect(answer.error).toContain("NotFound");
  });

  test("when pasta dies, another takes its place", async () => {
    const pasta = childrenNamed("pasta")[0]!;
    process.kill(pasta, "SIGKILL");
    const deadline = performance.now() + 10_000;
    let answer: unknown;
    do answer = await val.run(get(`http://127.0.0.1:${origin.port}/`));
    while (answer !== "host-secret" && performance.now() < deadline);
    expect(answer).toBe("host-secret");
    await refuses(val, "127.0.0.1", other.port!);
  });
});

/** Started by this process, whatever thread of it. */
function childrenNamed(name: string): number[] {
  const all = readdirSync("/proc/self/task").flatMap((thread) =>
    readFileSync(`/proc/self/task/${thread}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number),
  );
  return all.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(`${name}\0`));
}
