/** Vals and visitors as they should be, each a loop that knows every byte it must get. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestHamlet, TestVal } from "../support/server.ts";

export type Random = (below: number) => number;

/** What one kind of good visitor has seen. */
export class Tally {
  readonly name: string;
  calls = 0;
  readonly problems: string[] = [];
  /** Of each call, ms, with the time at which it ended. */
  readonly latencies: { readonly at: number; readonly ms: number }[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** One call: timed, and whatever is wrong with it noted. */
  async time(call: () => Promise<string | undefined>): Promise<void> {
    const start = performance.now();
    const problem = await call().catch((error) => String(error));
    const at = performance.now();
    this.calls++;
    this.latencies.push({ at, ms: at - start });
    if (problem !== undefined) this.problems.push(`${this.name}: ${problem.slice(0, 300)}`);
  }
}

const HELLO = "export default () => new Response('hello');";
const TICKS = `
  export default (req) => {
    const url = new URL(req.url);
    const [ticks, pause] = [Number(url.searchParams.get("ticks")), Number(url.searchParams.get("pause"))];
    let n = 0;
    return new Response(new ReadableStream({
      async pull(controller) {
        if (n >= ticks) return controller.close();
        if (n > 0) await new Promise((go) => setTimeout(go, pause));
        controller.enqueue(new TextEncoder().encode(n++ + "\\n"));
      },
    }));
  };`;
const ECHO = `
  export default (req) => {
    const { socket, response } = Deno.upgradeWebSocket(req);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  };`;
const COUNTER = readFileSync(join(import.meta.dir, "../../examples/reportBodySize/main.ts"), "utf8");
const MAX_UPLOAD = 8 << 20;
const MAX_FRAME = 64 << 10;

/** Every kind of good visitor, as loops that end soon after `stopped` says so. */
export async function startGood(hamlet: TestHamlet, random: Random, stopped: () => boolean) {
  const [hello, ticks, counter, echo] = [
    await hamlet.val("hello", HELLO),
    await hamlet.val("ticks", TICKS),
    await hamlet.val("counter", COUNTER),
    await hamlet.val("echo", ECHO),
  ];
  const kinds: [name: string, loops: number, pauseMs: number, call: () => Promise<string | undefined>][] = [
    ["hello", 4, 30, () => callHello(hamlet, hello)],
    ["short streams", 4, 100, () => readTicks(hamlet, ticks, 20, 20 + random(40))],
    ["long streams", 20, 10, () => readTicks(hamlet, ticks, 60, 1000)],
    ["leavers", 2, 50, () => leaveEarly(hamlet, ticks, random(200))],
    ["uploads", 2, 200, () => upload(hamlet, counter, random(MAX_UPLOAD))],
    ["websockets", 3, 100, () => exchangeFrames(hamlet, echo, random)],
  ];
  const tallies: Tally[] = [];
  const loops: Promise<void>[] = [];
  for (const [name, count, pauseMs, call] of kinds) {
    const tally = new Tally(name);
    tallies.push(tally);
    for (let n = 0; n < count; n++) loops.push(loop(tally, call, pauseMs, random, stopped));
  }
  const saves = new Tally("saves");
  tallies.push(saves);
  for (let n = 0; n < 2; n++) loops.push(saveAndLook(hamlet, `saved${n}`, saves, random, stopped));
  return { tallies, done: Promise.all(loops) };
}

async function loop(
  tally: Tally,
  call: () => Promise<string | undefined>,
  pauseMs: number,
  random: Random,
  stopped: () => boolean,
): Promise<void> {
  while (!stopped()) {
    await tally.time(call);
    await Bun.sleep(random(2 * pauseMs));
  }
}

async function callHello(hamlet: TestHamlet, val: TestVal): Promise<string | undefined> {
  const response = await hamlet.fetch(val);
  return expectText(response, "hello");
}

async function readTicks(hamlet: TestHamlet, val: TestVal, ticks: number, pauseMs: number) {
  const response = await hamlet.fetch(val, `/?ticks=${ticks}&pause=${pauseMs}`);
  return expectText(response, Array.from({ length: ticks }, (_, n) => `${n}\n`).join(""));
}

async function leaveEarly(hamlet: TestHamlet, val: TestVal, afterMs: number): Promise<string | undefined> {
  await using visitor = await hamlet.connect();
  await visitor.write(`GET /?ticks=1000000&pause=5 HTTP/1.1\r\nHost: ${val.host}\r\n\r\n`);
  const { status } = await visitor.readHead();
  await Bun.sleep(afterMs);
  return status === 200 ? undefined : `a stream began with ${status}`;
}

async function upload(hamlet: TestHamlet, val: TestVal, size: number): Promise<string | undefined> {
  const response = await hamlet.fetch(val, "/", { method: "POST", body: new Uint8Array(size) });
  return expectText(response, String(size));
}

async function exchangeFrames(hamlet: TestHamlet, val: TestVal, random: Random): Promise<string | undefined> {
  const socket = new WebSocket(`ws://127.0.0.1:${hamlet.port}/`, { headers: { host: val.host } } as never);
  socket.binaryType = "arraybuffer";
  const broken = new Promise<never>((_, reject) => {
    socket.onclose = ({ code }) => reject(new Error(`the WebSocket was closed with ${code}`));
  });
  broken.catch(() => {});
  await Promise.race([broken, new Promise((opened) => (socket.onopen = opened))]);
  try {
    for (let n = 0; n < 20; n++) {
      const sent = new Uint8Array(random(MAX_FRAME)).fill(n);
      const heard = new Promise<ArrayBuffer>((hear) => (socket.onmessage = ({ data }) => hear(data)));
      socket.send(sent);
      const echo = new Uint8Array(await Promise.race([broken, heard]));
      if (!Buffer.from(echo).equals(sent)) return `frame ${n} came back changed`;
    }
    return undefined;
  } finally {
    socket.close();
  }
}

/** Each save must be served to the next request, on whichever connection. */
async function saveAndLook(
  hamlet: TestHamlet,
  name: string,
  tally: Tally,
  random: Random,
  stopped: () => boolean,
): Promise<void> {
  const saying = (text: string) => `export default () => new Response("${text}");`;
  const val = await hamlet.val(name, saying("first"));
  for (let n = 0; !stopped(); n++) {
    const text = `${name} version ${n}`;
    await tally.time(async () => {
      await hamlet.save(val, saying(text));
      return expectText(await hamlet.fetch(val), text);
    });
    await Bun.sleep(1000 + random(2000));
  }
}

async function expectText(response: Response, wanted: string): Promise<string | undefined> {
  const text = await response.text();
  if (response.status === 200 && text === wanted) return undefined;
  return `${response.status} ${JSON.stringify(text.slice(0, 200))} instead of ${JSON.stringify(wanted.slice(0, 50))}`;
}
