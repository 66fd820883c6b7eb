import { afterAll, beforeAll, expect, test } from "bun:test";
import { startSandbox, type TestSandbox, TRACE } from "./support/guest.ts";

let town: TestSandbox;
beforeAll(async () => {
  town = await startSandbox();
});
afterAll(() => town[Symbol.asyncDispose]());

/** Replaces everything that a val can reach with versions that note every string they see, and keep working. */
const SPY = `
const seen = new Set();
const { apply, ownKeys, getOwnPropertyDescriptor, defineProperty } = Reflect;
const add = Set.prototype.add.bind(seen);
let busy = false;
const note = (value) => {
  if (busy) return;
  busy = true;
  try { walk(value, 0); } finally { busy = false; }
};
const walk = (value, depth) => {
  if (typeof value === "string") add(value);
  else if (typeof value === "object" && value !== null && depth < 2) {
    try { const keys = ownKeys(value); for (let i = 0; i < keys.length; i++) walk(value[keys[i]], depth + 1); } catch {}
  }
};
const spyOn = (object, name) => {
  const found = getOwnPropertyDescriptor(object, name);
  if (!found || !found.configurable) return;
  for (const slot of ["value", "get", "set"]) {
    const original = found[slot];
    if (typeof original !== "function") continue;
    found[slot] = function (...args) { note(this); for (let i = 0; i < args.length; i++) note(args[i]); const result = new.target ? new original(...args) : apply(original, this, args); note(result); return result; };
    found[slot].prototype = original.prototype;
  }
  defineProperty(object, name, found);
};
const names = ["String", "Promise", "TextEncoder", "TextDecoder", "Headers", "Map", "WeakMap", "Event", "ErrorEvent", "RegExp", "Number", "Error"];
export function spy() {
  const targets = [JSON, Deno, Deno.stdout, Deno.stdin, performance, Deno[Deno.internal], Deno[Deno.internal].core, ...names.flatMap((name) => [globalThis[name], globalThis[name].prototype])];
  for (const target of targets) for (const name of ownKeys(target)) {
    if (name !== "constructor" && name !== "prototype") spyOn(target, name);
  }
  for (const name of ["setTimeout", "queueMicrotask", "Response", "URL"]) spyOn(globalThis, name);
  Error.prepareStackTrace = (error, frames) => { for (const frame of frames) { note(frame.getFunction()); note(frame.getThis()); note(String(frame)); } return String(error); };
  for (const name of ["toJSON", "then", "kind", "id", "text"]) {
    defineProperty(Object.prototype, name, { configurable: true, get() { note(this); return undefined; }, set(value) { note(value); defineProperty(this, name, { value, writable: true, configurable: true, enumerable: true }); } });
  }
}
export { seen };
`;

test("a val that replaces every built-in never sees the nonce, and the protocol goes on", async () => {
  const guest = await town.startGuest();
  guest.claim({
    "spy.js": SPY,
    "main.ts": `import { seen, spy } from "./spy.js";
      const list = () => { let all = ""; for (const each of seen) all += each + "\\n"; return all; };
      spy();
      export default (request) => {
        if (request.url.endsWith("/seen")) return new Response(list());
        "witness".slice(0);
        console.log("logged", { a: 1 });
        if (request.url.endsWith("/throw")) throw new Error("thrown");
        return new Response("fine");
      };`,
  });
  await guest.report("loaded");
  for (let id = 1; id <= 3; id++) {
    guest.send({ kind: "ping", id });
    expect((await guest.report("pong")).id).toBe(id);
    expect((await guest.get()).bodyText).toBe("fine");
  }
  expect((await guest.get("/throw")).status).toBe(500);
  await guest.log("thrown");
  expect(guest.logs.filter(({ text }) => text.startsWith("logged")).map(({ trace }) => trace)).toEqual([
    TRACE,
    TRACE,
    TRACE,
    TRACE,
  ]);
  const { bodyText } = await guest.get("/seen");
  expect(bodyText).toContain("witness");
  expect(bodyText).not.toContain(guest.nonce);
});

test("nor does one that the clock starts, not even of the report of its end", async () => {
  const guest = await town.startRun(
    {
      "spy.js": SPY,
      "main.ts": `import { seen, spy } from "./spy.js";
        const later = setTimeout;
        spy();
        export default ({ lastRunAt }) => {
          "witness".slice(0);
          later(() => { let all = ""; for (const each of seen) all += each + "\\n"; console.log("seen " + all); }, 50);
          if (lastRunAt.getTime() !== 7) return;
          throw new Error("thrown");
        };`,
    },
    { trigger: "interval", body: '{"lastRunAt":7}' },
  );
  const { trace, outcome } = await guest.report("ended");
  expect([trace, outcome.ok]).toEqual([TRACE, false]);
  const { text } = await guest.log("seen ");
  expect(text).toContain("witness");
  expect(text).not.toContain(guest.nonce);
});

const BREAKERS: readonly [title: string, code: string][] = [
  [
    "String.prototype",
    "for (const k of ['slice','indexOf','toString','at']) String.prototype[k] = () => { throw 1; };",
  ],
  ["Promise.prototype.then", "Promise.prototype.then = function () { throw 1; };"],
  ["JSON", "JSON.parse = JSON.stringify = () => { throw 1; };"],
  [
    "Array iteration",
    "Array.prototype[Symbol.iterator] = () => { throw 1; }; Array.prototype.push = () => { throw 1; };",
  ],
  ["Deno.stdin", "Deno.stdin.read = () => { throw 1; };"],
  ["Object.prototype.kind", "Object.prototype.kind = 'drain';"],
];
for (const [title, code] of BREAKERS) {
  test(`breaking ${title} hurts only the val's own code`, async () => {
    const guest = await town.startVal(`${code}
      export default () => { console.log("still"); return new Response("fine"); };`);
    guest.send({ kind: "ping", id: 5 });
    expect((await guest.report("pong")).id).toBe(5);
    expect((await guest.get()).bodyText).toBe("fine");
    await guest.log("still");
    for (let i = 0; i < 5; i++) guest.send({ nonsense: true });
    guest.send({ kind: "ping", id: 6 });
    expect((await guest.report("pong")).id).toBe(6);
  });
}

test("a val sees its own environment, where it may write, and nothing else", async () => {
  const guest = await town.startVal(
    `import process from "node:process";
     export default () => Response.json([Deno.env.toObject(), { ...process.env }]);`,
    { MINE: "1", EMPTY: "" },
  );
  const mine = { MINE: "1", EMPTY: "", TMPDIR: expect.any(String) };
  expect(JSON.parse((await guest.get()).bodyText)).toEqual([mine, mine]);
});

test("a val cannot reach the socket that it is served through", async () => {
  const guest = await town.startVal(`export default async (request: Request, info: Deno.ServeHandlerInfo) => {
    const { path } = info.remoteAddr as Deno.UnixAddr;
    const tries = [
      () => Deno.connect({ transport: "unix", path }),
      () => Deno.remove(path),
      () => Deno.readDir(path + "/..")[Symbol.asyncIterator]().next(),
      () => fetch("http://a/", { client: Deno.createHttpClient({ proxy: { transport: "unix", path } }) }),
    ];
    const results = await Promise.allSettled(tries.map(async (attempt) => await attempt()));
    return Response.json(results.map((result) => result.status === "rejected" && result.reason.name));
  }`);
  expect(JSON.parse((await guest.get()).bodyText)).toEqual(Array(4).fill("NotCapable"));
});

test("drain lets an open request end, then exits 0", async () => {
  const guest = await town.startVal(`let go: () => void;
    export default (request: Request) => {
      if (request.url.endsWith("/go")) { setTimeout(go, 50); return new Response(); }
      return new Promise((resolve) => { go = () => resolve(new Response("done")); });
    }`);
  await using visitor = await guest.open("/wait");
  await guest.get("/go");
  guest.send({ kind: "drain" });
  expect((await visitor.readResponse()).bodyText).toBe("done");
  expect(await guest.confined.exited).toEqual({ code: 0, signal: null });
});

test("lines that are too long, not JSON or unknown are ignored", async () => {
  const guest = await town.startVal("export default () => new Response('fine')");
  guest.confined.write("nonsense\n{}\n[1]\nnull\n\n");
  guest.confined.write(`${"x".repeat(400_000)}\n`);
  guest.send({ kind: "dance", id: 1 });
  guest.send({ kind: "ping", id: -1 });
  guest.send({ kind: "ping", id: 9 });
  expect((await guest.report("pong")).id).toBe(9);
});
