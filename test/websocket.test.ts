/** WebSockets between a visitor and a val: frames both ways, pings, close codes, a thousand at once. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { residentBytes, stalled } from "./support/memory.ts";
import {
  OPCODE,
  openWebSocket,
  type RawWebSocket,
  toFrame,
  upgradeRequest,
} from "./support/raw-websocket.ts";
import { startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

const MB = 1024 * 1024;
let hamlet: TestHamlet;
let val: TestVal;

beforeAll(async () => {
  hamlet = await startHamlet({
    args: ["--max-workers-per-val", "1", "--first-byte-timeout", "2s", "--idle-timeout", "2s"],
  });
  val = await hamlet.val("websocket", await Bun.file(join(import.meta.dir, "vals/websocket.ts")).text());
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

const open = async (path: string, ...lines: string[]): Promise<RawWebSocket> =>
  await openWebSocket(await hamlet.connect(), val.host, path, ...lines);
const farewell = async (name: string) => (await hamlet.request(val.host, `/farewell/${name}`)).bodyText;

describe("the handshake", () => {
  test("is the val's own answer, with our trace", async () => {
    await using socket = await open("/echo", "Sec-WebSocket-Protocol: one, two");
    expect(socket.head.header("upgrade")).toBe("websocket");
    expect(socket.head.header("connection")?.toLowerCase()).toBe("upgrade");
    const accept = createHash("sha1").update("dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    expect(socket.head.header("sec-websocket-accept")).toBe(accept.digest("base64"));
    expect(socket.head.header("sec-websocket-protocol")).toBe("one");
    expect(socket.head.header("x-hamlet-trace")).toMatch(/^[0-9a-f]{32}$/);
  });

  test("may be refused by the val, and the connection serves on", async () => {
    await using visitor = await hamlet.connect();
    await visitor.write(upgradeRequest(val.host, "/refuse"));
    const answer = await visitor.readResponse();
    expect([answer.status, answer.bodyText]).toEqual([403, "not for you"]);
    await visitor.write(`GET / HTTP/1.1\r\nHost: ${val.host}\r\n\r\n`);
    expect((await visitor.readResponse()).bodyText).toBe("no websocket asked for");
  });

  test("to another protocol is an ordinary request", async () => {
    const headers = ["Connection: upgrade", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"];
    expect((await hamlet.request(val.host, "/", { headers })).bodyText).toBe("no websocket asked for");
  });

  test("lets frames follow at once, in the same packet", async () => {
    await using visitor = await hamlet.connect();
    const frame = toFrame(OPCODE.text, Buffer.from("early"));
    await visitor.write(Buffer.concat([Buffer.from(upgradeRequest(val.host, "/echo")), frame]));
    expect((await visitor.readHead()).status).toBe(101);
    expect(Buffer.from(await visitor.readExactly(7)).toString("latin1")).toBe("\x81\x05early");
  });

  test("lets the val speak first", async () => {
    await using socket = await open("/greet");
    expect(await socket.readText()).toBe("hello from the val");
  });
});

describe("frames", () => {
  test("go both ways as text", async () => {
    await using socket = await open("/echo");
    for (const text of ["a", "", "ünïcödé 😀", "x".repeat(125), "x".repeat(126), "x".repeat(70_000)]) {
      await socket.send(OPCODE.text, text);
      const { opcode, payload } = await socket.read();
      expect(opcode).toBe(OPCODE.text);
      expect(payload.toString()).toBe(text);
    }
  });

  test("go both ways as a megabyte of bytes", async () => {
    await using socket = await open("/echo");
    const bytes = Buffer.from(Uint8Array.from({ length: MB }, (_, i) => (i * 31) % 251));
    for (let i = 0; i < 3; i++) {
      await socket.send(OPCODE.binary, bytes);
      const { opcode, payload } = await socket.read();
      expect(opcode).toBe(OPCODE.binary);
      expect(payload.equals(bytes)).toBe(true);
    }
  });

  test("in fragments are one message", async () => {
    await using socket = await open("/size");
    await socket.send(OPCODE.text, "abc", false);
    await socket.send(OPCODE.continuation, "def", false);
    await socket.send(OPCODE.ping, "between");
    await socket.send(OPCODE.continuation, "ghi");
    expect(await socket.read()).toMatchObject({ opcode: OPCODE.pong, payload: Buffer.from("between") });
    expect(await socket.readText()).toBe("string 9");
  });

  test("in single bytes are the same frames", async () => {
    await using socket = await open("/echo");
    for (const byte of toFrame(OPCODE.text, Buffer.from("slowly"))) {
      await socket.connection.write(Uint8Array.of(byte));
    }
    expect(await socket.readText()).toBe("slowly");
  });

  test("keep their order, a thousand in a row", async () => {
    await using socket = await open("/echo");
    const frames = Array.from({ length: 1000 }, (_, i) => toFrame(OPCODE.text, Buffer.from(`${i}`)));
    await socket.connection.write(Buffer.concat(frames));
    for (let i = 0; i < 1000; i++) expect(await socket.readText()).toBe(`${i}`);
  });

  test("that ping are answered with the same bytes", async () => {
    await using socket = await open("/echo");
    await socket.send(OPCODE.ping, "are you there?");
    expect(await socket.read()).toMatchObject({
      opcode: OPCODE.pong,
      payload: Buffer.from("are you there?"),
    });
  });

  test("that nobody reads hold the val's side back, not in our memory", async () => {
    await using socket = await open("/flood");
    socket.connection.pause();
    const before = residentBytes(hamlet.pid);
    await socket.send(OPCODE.text, "1600");
    await stalled(() => Math.round(residentBytes(hamlet.pid) / (8 * MB)));
    expect(residentBytes(hamlet.pid) - before).toBeLessThan(48 * MB);
    socket.connection.resume();
    for (let i = 0; i < 1600; i++) expect((await socket.read()).payload).toHaveLength(64 * 1024);
  }, 60_000);
});

describe("a close", () => {
  for (const [code, reason] of [
    [1000, "done"],
    [1001, "away"],
    [3000, "ours"],
    [4999, "last"],
  ] as const) {
    test(`by the visitor with ${code} reaches the val, and is answered`, async () => {
      await using socket = await open(`/echo/${code}`);
      await socket.sendClose(code, reason);
      const { opcode, payload } = await socket.read();
      expect([opcode, payload.readUInt16BE()]).toEqual([OPCODE.close, code]);
      expect(await farewell(`${code}`)).toBe(`${code} ${reason} true`);
      expect(await socket.connection.closed).toBe("end");
    });

    test(`by the val with ${code} reaches the visitor`, async () => {
      await using socket = await open("/close");
      await socket.send(OPCODE.text, `${code} ${reason}`);
      const { opcode, payload } = await socket.read();
      expect([opcode, payload.readUInt16BE(), payload.subarray(2).toString()]).toEqual([
        OPCODE.close,
        code,
        reason,
      ]);
      await socket.sendClose(code);
      expect(await socket.connection.closed).toBe("end");
    });
  }

  test("by a visitor who hangs up right behind it reaches the val", async () => {
    for (let i = 0; i < 10; i++) {
      const socket = await open(`/echo/hasty-${i}`);
      const sent = socket.sendClose(1000, "hasty");
      socket.connection.end();
      await sent;
      expect(await farewell(`hasty-${i}`)).toBe("1000 hasty true");
      socket.connection.destroy();
    }
  });

  test("that never came, for the visitor is gone, is an unclean one to the val", async () => {
    const socket = await open("/echo/gone");
    socket.connection.destroy();
    expect(await farewell("gone")).toEndWith(" false");
  });

  test("comes to the visitor as the end of the connection when the worker ends", async () => {
    await using socket = await open("/leave");
    await socket.send(OPCODE.text, "now");
    expect(["end", "reset"]).toContain(await socket.connection.closed);
    // Who comes in the very moment of a worker's death may still meet it; whoever comes after that does not.
    while ((await hamlet.request(val.host)).status !== 200);
  });
});

test("an idle WebSocket outlives every time limit of requests", async () => {
  await using socket = await open("/echo");
  // Another connection that is idle is closed by the limit of two seconds; this one is not.
  await using idle = await hamlet.connect();
  await idle.write(`GET / HTTP/1.1\r\nHost: ${val.host}\r\n\r\n`);
  await idle.readResponse();
  await idle.closed;
  await socket.send(OPCODE.text, "still here");
  expect(await socket.readText()).toBe("still here");
}, 60_000);

test("a thousand at once each hear their own echo", async () => {
  const sockets: RawWebSocket[] = [];
  for (let i = 0; i < 10; i++) {
    sockets.push(...(await Promise.all(Array.from({ length: 100 }, () => open("/echo")))));
  }
  for (let round = 0; round < 3; round++) {
    await Promise.all(sockets.map((socket, i) => socket.send(OPCODE.text, `${round}:${i}`)));
    const echoes = await Promise.all(sockets.map((socket) => socket.readText()));
    expect(echoes).toEqual(sockets.map((_, i) => `${round}:${i}`));
  }
  for (const socket of sockets) socket.connection.destroy();
}, 60_000);

test("another client, Bun's own, is understood", async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${hamlet.port}/echo`, {
    headers: { Host: val.host },
  } as never);
  socket.binaryType = "arraybuffer";
  const messages: unknown[] = [];
  const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve));
  socket.addEventListener("open", () => {
    socket.send("text");
    socket.send(new Uint8Array([1, 2, 3]));
  });
  socket.addEventListener("message", ({ data }) => {
    messages.push(typeof data === "string" ? data : [...new Uint8Array(data)]);
    if (messages.length === 2) socket.close(4001, "bye");
  });
  const { code, reason } = await closed;
  expect(messages).toEqual(["text", [1, 2, 3]]);
  expect([code, reason]).toEqual([4001, "bye"]);
});
