import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startSandbox, type TestSandbox, TRACE } from "./support/guest.ts";

let town: TestSandbox;
beforeAll(async () => {
  town = await startSandbox();
});
afterAll(() => town[Symbol.asyncDispose]());

describe("which export answers", () => {
  const cases: readonly [title: string, source: string, body: string][] = [
    ["the default export", "export default () => new Response('a'); export const b = 1;", "a"],
    ["the only export, whatever its name", "export function anything() { return new Response('b'); }", "b"],
    [
      "an object with fetch, called as its method",
      "export default { x: 'c', fetch() { return new Response(this.x); } }",
      "c",
    ],
    ["an async function", "export default async () => new Response(await 'd')", "d"],
  ];
  for (const [title, source, body] of cases) {
    test(title, async () => {
      const guest = await town.startVal(source);
      expect((await guest.get()).bodyText).toBe(body);
    });
  }

  const failures: readonly [title: string, source: string, message: string][] = [
    ["no export", "console.log(1)", "This file exports nothing"],
    [
      "several exports without a default",
      "export const a = 1; export const b = 2;",
      "none of them is the default",
    ],
    ["a string", "export default 'hi'", 'The export "default" is a string'],
    ["an object without fetch", "export const a = {}", 'The export "a" is an object without a fetch method'],
    ["an error at import", "\nthrow new Error('boom at import')", "main.ts:2:7"],
    ["a syntax error", "export default (", "main.ts:1:17"],
    ["a missing file", "import './nowhere.ts'; export default 1", "nowhere.ts"],
  ];
  for (const [title, source, message] of failures) {
    test(`${title} is told`, async () => {
      const guest = await town.startGuest();
      guest.claim(source);
      const failed = await guest.report("failed");
      expect(failed.message).toContain(message);
      expect(failed.message).not.toContain("/guest/");
    });
  }
});

test("requests that come before the import is done wait for it", async () => {
  const guest = await town.startGuest();
  const visitors = await Promise.all([guest.open("/1"), guest.open("/2")]);
  guest.claim(
    "await new Promise((go) => setTimeout(go, 50)); export default (r: Request) => new Response(new URL(r.url).pathname)",
  );
  const answers = await Promise.all(visitors.map((visitor) => visitor.readResponse()));
  expect(answers.map(({ bodyText }) => bodyText)).toEqual(["/1", "/2"]);
});

test("the url is the public one, of a clone and a copy as well", async () => {
  const guest = await town.startVal(`export default (r: Request) =>
    Response.json([r instanceof Request, r.url, r.clone().url, new Request(r).url])`);
  const url = "https://a.web.localhost:3000/a%20b/..%2F?q=%zz";
  expect(JSON.parse((await guest.get(url)).bodyText)).toEqual([true, url, url, url]);
});

describe("errors of the handler", () => {
  const source = `export default async (request: Request) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/sync") throw new Error("sync boom");
  if (pathname === "/async") await Promise.reject(new TypeError("async boom"));
  if (pathname === "/nothing") return undefined;
  if (pathname === "/string") throw "just text";
  if (pathname === "/stream") return new Response(new ReadableStream({
    async pull(controller) {
      controller.enqueue(new TextEncoder().encode("first"));
      await new Promise((go) => setTimeout(go, 20));
      throw new Error("stream boom");
    },
  }));
  if (pathname === "/later") setTimeout(() => { throw new Error("later boom") }, 0);
  if (pathname === "/rejected") Promise.reject(new Error("rejected boom"));
  return new Response("fine");
};`;
  const cases: readonly [path: string, ...parts: string[]][] = [
    ["/sync", "Error: sync boom", "main.ts:3:"],
    ["/async", "TypeError: async boom", "main.ts:4:"],
    ["/nothing", "must be a response"],
    ["/string", "just text"],
  ];
  for (const [path, ...parts] of cases) {
    test(`${path} is a logged 500 without a body`, async () => {
      const guest = await town.startVal(source);
      const { status, header, bodyText } = await guest.get(path);
      expect([status, header("x-hamlet-error"), bodyText]).toEqual([500, "val_threw", ""]);
      const log = await guest.log(parts[0]!);
      expect(log).toMatchObject({ level: "error", trace: TRACE });
      for (const part of parts) expect(log.text).toContain(part);
    });
  }

  test("a response stream that fails gives its bytes, then an unclean end, and is logged", async () => {
    const guest = await town.startVal(source);
    await using visitor = await guest.open("/stream");
    await visitor.readHead();
    const rest = Buffer.from(await visitor.readToEnd()).toString();
    expect(rest).toContain("first");
    expect(rest).not.toContain("\r\n0\r\n");
    const log = await guest.log("stream boom");
    expect(log.text).toContain("main.ts:11:");
    expect(log).toMatchObject({ level: "error", trace: TRACE });
  });

  for (const path of ["/later", "/rejected"]) {
    test(`${path}: an error outside of the answer is logged with its place, and the process serves on`, async () => {
      const guest = await town.startVal(source);
      await guest.get(path);
      const log = await guest.log(`${path.slice(1)} boom`);
      expect(log.level).toBe("error");
      expect(log.text).toContain("Uncaught");
      expect(log.text).toContain("main.ts:1");
      expect((await guest.get()).bodyText).toBe("fine");
    });
  }
});

describe("a visitor who leaves", () => {
  const source = `const since = () => Math.round(performance.now() - left);
let left = 0;
export default (request: Request) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/leave") { left = performance.now(); return new Response(); }
  request.signal.addEventListener("abort", () => console.log("aborted", pathname, since()));
  if (pathname === "/wait") return new Promise(() => {});
  if (pathname === "/answer") return new Response("done");
  return new Response(new ReadableStream({
    start(controller) { controller.enqueue(new TextEncoder().encode("first")); },
    cancel() { console.log("cancelled", pathname, since()); },
  }));
};`;

  test("a handler that waits sees its signal abort within 100 ms", async () => {
    const guest = await town.startVal(source);
    const visitor = await guest.open("/wait");
    await guest.get("/leave");
    visitor.destroy();
    const { text } = await guest.log("aborted /wait");
    expect(Number(text.split(" ")[2])).toBeLessThan(100);
  });

  test("a handler that streams sees cancel and its signal within 100 ms", async () => {
    const guest = await town.startVal(source);
    const visitor = await guest.open("/stream");
    await visitor.readHead();
    await guest.get("/leave");
    visitor.destroy();
    for (const part of ["cancelled /stream", "aborted /stream"]) {
      const { text } = await guest.log(part);
      expect(Number(text.split(" ")[2])).toBeLessThan(100);
    }
  });

  test("a call that was answered does not look like one that was left", async () => {
    const guest = await town.startVal(source);
    expect((await guest.get("/answer")).bodyText).toBe("done");
    guest.send({ kind: "ping", id: 1 });
    await guest.report("pong");
    expect(guest.logs).toEqual([]);
  });
});

test("a WebSocket is upgraded through the unix socket", async () => {
  const guest = await town.startVal(`export default (request: Request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => { socket.send("echo " + data); socket.close(4001, "enough"); };
    return response;
  }`);
  await using visitor = await guest.open(
    "/",
    "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
  );
  expect((await visitor.readHead()).status).toBe(101);
  // A masked text frame "hi" with a mask of zeros (RFC 6455 §5.2).
  await visitor.write(Uint8Array.of(0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69));
  expect(Buffer.from(await visitor.readExactly(9)).toString("latin1")).toBe("\x81\x07echo hi");
  expect([...(await visitor.readExactly(4)).subarray(2)]).toEqual([4001 >> 8, 4001 & 255]);
});

test("an upgrade whose response is not returned ends the worker, not its callers' patience", async () => {
  const guest = await town.startVal(
    "export default (request: Request) => { Deno.upgradeWebSocket(request); return new Response('no'); }",
  );
  await guest.open(
    "/",
    "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
  );
  expect(await guest.confined.exited).toEqual({ code: 1, signal: null });
  await guest.until(() => guest.lines.find((line) => line.includes("HTTP server has stopped")), "sentence");
});

test("an answer is neither compressed nor varied", async () => {
  const guest = await town.startVal(
    "export default () => new Response('x'.repeat(100_000), { headers: { 'content-type': 'text/html' } })",
  );
  const answer = await guest.get("/", "accept-encoding: gzip, br, deflate, zstd\r\n");
  expect([answer.header("content-encoding"), answer.header("vary"), answer.body.length]).toEqual([
    undefined,
    undefined,
    100_000,
  ]);
});

test("a val reads its variables both ways, and cannot change them, which stops no code that tries", async () => {
  const guest = await town.startVal(
    `import process from "node:process";
     Deno.env.set("NEW", "1"); Deno.env.delete("OWN");
     process.env.OTHER = "2"; process.env.OWN = "3"; delete process.env.OWN;
     export default () => Response.json([Deno.env.get("OWN"), process.env.OWN, Deno.env.has("NEW"), "OTHER" in process.env])`,
    { OWN: "0" },
  );
  expect(JSON.parse((await guest.get()).bodyText)).toEqual(["0", "0", false, false]);
});
