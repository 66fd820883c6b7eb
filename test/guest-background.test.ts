/** What the guest says of work that outlives its requests, and when it ends. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Guest, startSandbox, type TestSandbox, TRACE } from "./support/guest.ts";

let town: TestSandbox;
beforeAll(async () => {
  town = await startSandbox();
});
afterAll(() => town[Symbol.asyncDispose]());

const KEEP = `const keep = globalThis[Symbol.for("hamlet.waitUntil")];`;
const GATES = `${KEEP}
  const gates = new Map();
  export default (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/open")) gates.get(pathname.slice(5))?.();
    else keep(new Promise((open) => gates.set(pathname, open)));
    return new Response(pathname);
  };`;

/** The words on background work so far. */
const told = (guest: Guest) =>
  guest.reports.flatMap((report) => (report.kind === "background" ? [report.busy] : []));

const toldQuiet = (guest: Guest) => guest.until(() => told(guest).includes(false) || undefined, "quiet");

test("the host hears when work begins and when none is left, not of what comes between", async () => {
  const guest = await town.startVal(GATES);
  for (const path of ["/1", "/2", "/3", "/open/1", "/open/2"]) await guest.get(path);
  expect(told(guest)).toEqual([true]);
  await guest.get("/open/3");
  await toldQuiet(guest);
  expect(told(guest)).toEqual([true, false]);
});

test("a hundred thousand pieces of work, at once or one after the other, are a few words", async () => {
  const guest = await town.startVal(`${KEEP}
    export default async (request) => {
      const atOnce = request.url.endsWith("once");
      for (let i = 0; i < 100_000; i++) {
        keep(atOnce ? Promise.resolve(i) : i);
        if (!atOnce && i % 10 === 0) await null;
      }
      return new Response("done");
    };`);
  for (const path of ["/once", "/row"]) expect((await guest.get(path)).bodyText).toBe("done");
  await toldQuiet(guest);
  expect(told(guest).length).toBeLessThan(20);
});

test("what fails is logged under the trace of its request, and ends", async () => {
  const guest = await town.startVal(`${KEEP}
    export default () => {
      keep((async () => { await null; console.log("meanwhile"); throw new RangeError("too far"); })());
      keep({ then() { throw new TypeError("an odd one"); } });
      keep(undefined);
      return new Response("ok");
    };`);
  await guest.get();
  for (const part of ["meanwhile", "Uncaught (in waitUntil) RangeError: too far", "TypeError: an odd one"])
    expect((await guest.log(part)).trace).toBe(TRACE);
  await toldQuiet(guest);
});

test("what lasts too long is not waited for, its request's log says so, and what came later still is", async () => {
  const guest = await town.startGuest();
  const entry = guest.confined.place(town.writeVal(GATES), "main.ts");
  guest.send({ kind: "claim", entry, env: {}, backgroundMs: 500 });
  await guest.report("loaded");
  await guest.get("/1");
  await Bun.sleep(250);
  await guest.get("/2");
  const line = await guest.log("waitUntil: still under way after 0.5 s, not waited for any longer");
  expect([line.trace, line.level, told(guest)]).toEqual([TRACE, "warn", [true]]);
  await toldQuiet(guest);
  expect(guest.logs.length).toBe(2);
});

test("a guest that is drained ends its background work first", async () => {
  const guest = await town.startVal(`${KEEP}
    export default () => {
      keep(new Promise((go) => setTimeout(go, 300)).then(() => console.log("worked on")));
      return new Response("ok");
    };`);
  await guest.get();
  guest.send({ kind: "drain" });
  expect((await guest.confined.exited).code).toBe(0);
  expect((await guest.log("worked on")).trace).toBe(TRACE);
});

test("a val that replaces what the language has still gets its work counted, and learns nothing", async () => {
  const guest = await town.startVal(`${KEEP}
    const seen = [];
    const { then } = Promise.prototype;
    let open;
    export default (request) => {
      if (request.url.endsWith("open")) {
        open();
        return new Response(seen.flat().map(String).join());
      }
      const gate = new Promise((go) => (open = go));
      Set.prototype.add = Map.prototype.set = Array.prototype.push = function (...all) { seen[seen.length] = all; };
      Promise.prototype.then = function (...all) { seen[seen.length] = all; return then.apply(this, all); };
      Object.defineProperty(Object.prototype, "ended", { set(value) { seen[seen.length] = value; }, configurable: true });
      globalThis.setTimeout = () => { seen[seen.length] = "timer"; };
      try { Object.defineProperty(globalThis, Symbol.for("hamlet.waitUntil"), { value: 1 }); } catch { /* Good. */ }
      globalThis[Symbol.for("hamlet.waitUntil")](gate);
      return new Response("closed");
    };`);
  expect((await guest.get()).bodyText).toBe("closed");
  await guest.until(() => told(guest).includes(true) || undefined, "busy");
  expect((await guest.get("/open")).bodyText).not.toContain(guest.nonce);
  await toldQuiet(guest);
});

test("work begun while the module is loaded belongs to no request, and is kept likewise", async () => {
  const guest = await town.startVal(`${KEEP}
    keep(new Promise((go) => setTimeout(go, 100)).then(() => console.log("warm now")));
    export default () => new Response("ok");`);
  expect((await guest.log("warm now")).trace).toBe("");
  await toldQuiet(guest);
  expect(told(guest)).toEqual([true, false]);
});
