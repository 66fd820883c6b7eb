/** SIGTERM: no new requests, open ones get the grace, then everything ends. */

import { beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { startOrigin } from "./support/origin.ts";
import {
  adoptOrphans,
  awaitGone,
  isAlive,
  orphans,
  processesBelow,
  runFolderOf,
} from "./support/processes.ts";
import { connectRaw, type RawConnection } from "./support/raw.ts";
import { makeTempFolder, startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

const STREAMS = `
  export default (req) => {
    const url = new URL(req.url);
    if (req.headers.get("upgrade") === "websocket") {
      const { socket, response } = Deno.upgradeWebSocket(req);
      socket.onmessage = ({ data }) => socket.send(data);
      return response;
    }
    const ticks = Number(url.searchParams.get("ticks") ?? Infinity);
    let n = 0;
    return new Response(new ReadableStream({
      async pull(controller) {
        if (n >= ticks) return controller.close();
        if (n > 0) await new Promise((go) => setTimeout(go, 20));
        controller.enqueue(new TextEncoder().encode("tick " + n++));
      },
    }));
  };`;

beforeAll(adoptOrphans);

async function openStream(hamlet: TestHamlet, val: TestVal, path = "/"): Promise<RawConnection> {
  const visitor = await hamlet.connect();
  await visitor.write(`GET ${path} HTTP/1.1\r\nHost: ${val.host}\r\n\r\n`);
  expect((await visitor.readHead()).status).toBe(200);
  expect(Buffer.from((await visitor.readChunk())!).toString()).toBe("tick 0");
  return visitor;
}

const refused = (port: number) =>
  connectRaw(port).then(
    () => "accepted",
    (error) => error.code as string,
  );

test("open requests get the grace and no more, new ones are refused, every process ends, the exit code is 0", async () => {
  await using hamlet = await startHamlet({ args: ["--grace", "2s"] });
  const val = await hamlet.val("streams", STREAMS);
  const below = processesBelow(hamlet.pid);
  const runFolder = runFolderOf(hamlet.pid)!;
  expect(existsSync(runFolder)).toBe(true);
  await using idle = await hamlet.connect();
  await idle.write(`GET /?ticks=1 HTTP/1.1\r\nHost: ${val.host}\r\n\r\n`);
  expect((await idle.readResponse()).bodyText).toBe("tick 0");
  await using endless = await openStream(hamlet, val);
  await using short = await openStream(hamlet, val, "/?ticks=20");
  const socket = new WebSocket(`ws://127.0.0.1:${hamlet.port}/`, { headers: { host: val.host } } as never);
  await new Promise((opened) => (socket.onopen = opened));
  const socketClosed = new Promise<CloseEvent>((closed) => (socket.onclose = closed));

  const asked = performance.now();
  process.kill(hamlet.pid, "SIGTERM");
  // A connection that is between two requests is closed at once, which also tells that the signal was heard.
  expect(await idle.closed).toBe("end");
  expect(performance.now() - asked).toBeLessThan(1500);
  expect(await refused(hamlet.port)).toBe("ECONNREFUSED");
  const echo = new Promise((heard) => (socket.onmessage = ({ data }) => heard(data)));
  socket.send("still there?");
  expect(await echo).toBe("still there?");

  // This one ends by itself within the grace, whole; its connection takes no further request.
  let ticks = 1;
  for (let chunk = await short.readChunk(); chunk !== undefined; chunk = await short.readChunk()) ticks++;
  expect(ticks).toBe(20);
  await short.write(`GET /?ticks=1 HTTP/1.1\r\nHost: ${val.host}\r\n\r\n`).catch(() => {});
  expect(Buffer.from(await short.readToEnd()).toString()).toBe("");

  const rest = Buffer.from(await endless.readToEnd()).toString("latin1");
  expect([rest.length > 0, rest.includes("\r\n0\r\n")]).toEqual([true, false]);
  expect((await socketClosed).code).toBe(1006);
  expect(await hamlet.exited).toBe(0);
  const took = performance.now() - asked;
  expect(took).toBeGreaterThan(1900);
  expect(took).toBeLessThan(10_000);
  expect(below.filter(isAlive)).toEqual([]);
  expect(await awaitGone(() => orphans([]))).toEqual([]);
  expect(existsSync(runFolder)).toBe(false);
});

test("without open requests it ends at once, whatever the grace", async () => {
  await using hamlet = await startHamlet({ args: ["--grace", "10m"] });
  const val = await hamlet.val("streams", STREAMS);
  expect(await (await hamlet.fetch(val, "/?ticks=2")).text()).toBe("tick 0tick 1");
  expect(await hamlet.stop("SIGTERM")).toBe(0);
});

test("a second signal ends it at once, and its workers with it", async () => {
  await using hamlet = await startHamlet({ args: ["--grace", "10m"] });
  const val = await hamlet.val("streams", STREAMS);
  const runFolder = runFolderOf(hamlet.pid)!;
  await using idle = await hamlet.connect();
  await using stream = await openStream(hamlet, val);
  process.kill(hamlet.pid, "SIGINT");
  expect(await idle.closed).toBe("end");
  expect(await stream.readChunk()).toBeDefined();
  process.kill(hamlet.pid, "SIGTERM");
  expect(await hamlet.exited).toBe(1);
  expect(await awaitGone(() => orphans([]))).toEqual([]);
  expect(existsSync(runFolder)).toBe(false);
});

test("saves in flight are answered or refused, and each that was answered is there at the next start", async () => {
  using folder = makeTempFolder();
  await using hamlet = await startHamlet({ data: folder.path });
  const val = await hamlet.val("burst", { "main.http.ts": "export default () => new Response('burst')" });
  const outcomes = new Map<string, number | string>();
  const save = async (path: string) => {
    const query = new URLSearchParams({ path });
    const headers = { connection: "close" };
    const json = { type: "script", content: `// ${path}` };
    const url = `/v2/vals/${val.id}/files?${query}`;
    const answer = await hamlet.api(url, { json, headers }).catch(() => undefined);
    outcomes.set(path, answer?.status ?? "refused");
    return answer?.status;
  };
  const saves = Array.from({ length: 40 }, (_, n) => save(`file${n}.ts`));
  await Promise.any(saves.map(async (saved) => (await saved) === 201 || Promise.reject()));
  const stopped = hamlet.stop("SIGTERM");
  const late = Array.from({ length: 10 }, (_, n) => save(`late${n}.ts`));
  await Promise.all([...saves, ...late]);
  expect(await stopped).toBe(0);
  const answered = [...outcomes].filter(([, outcome]) => outcome === 201).map(([path]) => path);
  expect(answered.length).toBeGreaterThan(0);
  for (const outcome of outcomes.values()) expect([201, 503, "refused"]).toContain(outcome);

  await using next = await startHamlet({ data: folder.path });
  for (const path of answered) {
    const query = new URLSearchParams({ path });
    const content = await next.api(`/v2/vals/${val.id}/files/content?${query}`);
    expect(await content.text()).toBe(`// ${path}`);
  }
  expect(await (await next.fetch(val)).text()).toBe("burst");
});

test("a build that is cut off is not a failed one: the version is built and served at the next start", async () => {
  using folder = makeTempFolder();
  const asked = Promise.withResolvers<void>();
  await using registry = startOrigin(() => {
    asked.resolve();
    return new Promise<Response>(() => {});
  });
  const val = await (async () => {
    await using hamlet = await startHamlet({
      data: folder.path,
      args: ["--grace", "100ms", "--registry", registry.url],
    });
    const made = await hamlet.val("cut", "export default () => new Response('old');");
    const source =
      'import { Hono } from "npm:hono@4.13.19";\nexport default () => new Response(typeof Hono);';
    const cut = hamlet.save(made, source).catch(() => {});
    await asked.promise;
    expect(await hamlet.stop("SIGTERM")).toBe(0);
    await cut;
    return made;
  })();

  await using next = await startHamlet({ data: folder.path });
  for (let text = ""; text !== "function"; await Bun.sleep(20)) {
    text = await (await next.fetch(val)).text();
    expect(["old", "function"]).toContain(text);
  }
});
