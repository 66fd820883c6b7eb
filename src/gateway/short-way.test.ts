import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGateway, type TestGateway } from "../../test/support/gateway.ts";
import { RawConnection } from "../../test/support/raw.ts";

const folder = mkdtempSync(join(tmpdir(), "door-"));
const socketPath = join(folder, "s");
let gateway: TestGateway;
/** What the worker got, head by head. */
const heads: string[] = [];

beforeAll(async () => {
  gateway = await startGateway(
    async (worker) => {
      for (;;) {
        heads.push(await worker.readUntil("\r\n\r\n"));
        await worker.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
      }
    },
    { maxBodyBytes: 10, isTrusted: () => true, shortWay: { socketPath, maxBodyBytes: 100 } },
  );
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function enter(): Promise<RawConnection> {
  const socket = connect({ path: socketPath });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return new RawConnection(socket);
}

async function ask(line: string, ...fields: string[]) {
  await using connection = await enter();
  await connection.write(`${[line, ...fields].join("\r\n")}\r\n\r\n`);
  return await connection.readResponse();
}

test("every user of this machine that can enter the folder may connect", () => {
  expect(statSync(socketPath).mode & 0o777).toBe(0o666);
});

test("a target in absolute form says the scheme, Host the host", async () => {
  expect((await ask("GET https://[100::1]/a?b=//c HTTP/1.1", "host: val.localhost:3000")).status).toBe(200);
  expect(heads.at(-1)).toStartWith(
    "GET https://val.localhost:3000/a?b=//c HTTP/1.1\r\nhost: val.localhost:3000\r\n",
  );
  expect(heads.at(-1)).toContain("x-forwarded-proto: https\r\n");
});

test("nobody's address is passed on, and only the scheme is believed", async () => {
  const forged = ["x-forwarded-for: 203.0.113.1", "x-forwarded-host: other", "x-forwarded-proto: https"];
  await ask("GET / HTTP/1.1", "host: val.localhost", ...forged);
  expect(heads.at(-1)).not.toMatch(/forwarded-(for|host)/i);
  expect(heads.at(-1)).toContain("x-forwarded-proto: https\r\n");
});

const HOPS: readonly [given: string, seen: string | number][] = [
  ["", "1"],
  ["x-hamlet-hops: 15", "16"],
  ["x-hamlet-hops: 16", 508],
  ["x-hamlet-hops: 999999999", 508],
  ["x-hamlet-hops: -5", "1"],
  ["x-hamlet-hops: many", "1"],
];
for (const [given, seen] of HOPS) {
  test(`a call that says "${given}" goes on as ${seen}`, async () => {
    const answer = await ask("GET / HTTP/1.1", "host: val.localhost", ...(given === "" ? [] : [given]));
    if (typeof seen === "number")
      expect([answer.status, answer.header("x-hamlet-error")]).toEqual([seen, "loop_detected"]);
    else expect(heads.at(-1)).toContain(`x-hamlet-hops: ${seen}\r\n`);
  });
}

test("a visitor's count is not believed", async () => {
  await using visitor = await gateway.connect();
  await visitor.write("GET / HTTP/1.1\r\nhost: val.localhost\r\nx-hamlet-hops: 20\r\n\r\n");
  expect((await visitor.readResponse()).status).toBe(200);
  expect(heads.at(-1)).not.toContain("hops");
});

test("each entrance has its own limit of a body", async () => {
  const send = async (connection: RawConnection, size: number) => {
    await connection.write(
      `POST / HTTP/1.1\r\nhost: val.localhost\r\ncontent-length: ${size}\r\n\r\n${"x".repeat(size)}`,
    );
    return (await connection.readResponse()).status;
  };
  await using visitor = await gateway.connect();
  expect(await send(visitor, 11)).toBe(413);
  await using val = await enter();
  expect(await send(val, 100)).toBe(200);
  await using other = await enter();
  expect(await send(other, 101)).toBe(413);
});

test("what is no request is refused as at the front", async () => {
  for (const line of [
    "GET ftp://a/ HTTP/1.1",
    "GET http://a HTTP/1.1",
    "GET http://a/ b HTTP/1.1",
    "GET * HTTP/1.1",
  ])
    expect([line, (await ask(line, "host: val.localhost")).status]).toEqual([line, 400]);
});
