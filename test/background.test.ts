/** Work that outlives its request, in a real town: until when its process is kept, and what its author sees of it. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { type Origin, startOrigin } from "./support/origin.ts";
import { makeTempFolder, startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";
import { eventually, logs, traces } from "./support/telemetry.ts";

/** What vals ask of the test: to wait at a gate, and to note that they are beyond it. */
class Gates {
  readonly #waiting = new Map<string, PromiseWithResolvers<void>>();
  readonly origin: Origin = startOrigin(async (request) => {
    const [, kind, name = ""] = new URL(request.url).pathname.split("/");
    if (kind === "at") this.#of(`at ${name}`).resolve();
    request.signal.addEventListener("abort", () => this.#of(`left ${name}`).resolve());
    if (kind === "at") await this.#of(`open ${name}`).promise;
    else this.#of(`done ${name}`).resolve();
    return new Response("on");
  });

  /** Somebody waits at this gate. */
  reached = (name: string) => this.#of(`at ${name}`).promise;
  open = (name: string) => this.#of(`open ${name}`).resolve();
  /** Whoever was there has ended the work. */
  done = (name: string) => this.#of(`done ${name}`).promise;

  /** Whoever waited there is gone. */
  left = (name: string) => this.#of(`left ${name}`).promise;

  get flags(): string[] {
    return ["--egress-allow", this.origin.address];
  }

  #of(key: string): PromiseWithResolvers<void> {
    const known = this.#waiting.get(key) ?? Promise.withResolvers<void>();
    this.#waiting.set(key, known);
    return known;
  }
}

let gates: Gates;
let hamlet: TestHamlet;
beforeAll(async () => {
  gates = new Gates();
  hamlet = await startHamlet({ args: gates.flags });
});
afterAll(async () => {
  await hamlet?.[Symbol.asyncDispose]();
  await gates?.origin[Symbol.asyncDispose]();
});
afterEach(() => expect(hamlet.log).not.toContain("error"));

const worker = (answer = `new Response(name, { status: 202 })`) => `
  import { waitUntil } from "https://esm.town/v/std/utils/index.ts";
  import { blob } from "https://esm.town/v/std/blob/main.ts";
  const TEST = "${gates.origin.url}";
  async function work(name) {
    console.log("begun " + name);
    await fetch(TEST + "/at/" + name);
    if (name.endsWith("fails")) throw new RangeError("no use");
    await blob.set(name, "kept");
    console.log("ended " + name);
    await fetch(TEST + "/done/" + name);
  }
  export default async (request) => {
    const name = new URL(request.url).pathname.slice(1);
    if (name === "") return new Response("");
    if (name.endsWith("plain")) work(name);
    else waitUntil(work(name));
    return ${answer};
  };`;

/** The line of any val's log that has this in it. */
const line = (part: string, at = hamlet) =>
  eventually(async () => (await logs(at, { limit: "100" })).rows.find(({ text }) => text.includes(part)));

const traceOf = (path: string, at = hamlet) =>
  eventually(async () =>
    (await traces(at, { limit: "100" })).rows.find(({ name }) => name === `GET ${path}`),
  );

const LATE = "waitUntil: still under way after 1 s, not waited for any longer";

describe("what was given to waitUntil", () => {
  let val: TestVal;
  beforeAll(async () => {
    val = await hamlet.val("later", worker());
  });

  test("holds up no answer, and belongs to the request in its trace, which ended with the answer", async () => {
    const answer = await hamlet.fetch(val, "/one");
    expect([answer.status, await answer.text()]).toEqual([202, "one"]);
    await gates.reached("one");
    const trace = await traceOf("/one");
    expect(Number(trace.endTimeUnixNano)).toBeGreaterThan(0);
    gates.open("one");
    await gates.done("one");
    for (const part of ["begun one", "ended one"]) expect((await line(part)).traceId).toBe(trace.traceId);
  });

  test("is logged there too when it fails, and the val goes on", async () => {
    await hamlet.fetch(val, "/it-fails");
    gates.open("it-fails");
    const trace = await traceOf("/it-fails");
    const failed = await line("Uncaught (in waitUntil) RangeError: no use");
    expect([failed.traceId, failed.text.includes("main.http.ts:8")]).toEqual([trace.traceId, true]);
    expect(trace.status.code).toBe(1);
    expect((await hamlet.fetch(val, "/")).status).toBe(200);
  });

  test("is ended by the old version when a new one is saved meanwhile, which serves at once", async () => {
    await hamlet.fetch(val, "/across");
    await gates.reached("across");
    await hamlet.save(val, `${worker()}\n// newer`);
    const answer = await hamlet.fetch(val, "/");
    expect(answer.headers.get("x-hamlet-version")).toBe("2");
    gates.open("across");
    await gates.done("across");
    await line("ended across");
  });

  test("goes on when the visitor has left before the answer", async () => {
    const slow = await hamlet.val("slow", worker("new Promise((answer) => request.signal.onabort = answer)"));
    const visitor = await hamlet.connect();
    await visitor.write(`GET /leaver HTTP/1.1\r\nHost: ${slow.host}\r\n\r\n`);
    await gates.reached("leaver");
    visitor.destroy();
    const trace = await traceOf("/leaver");
    expect(trace.attributes["hamlet.aborted"]).toBe(true);
    gates.open("leaver");
    await gates.done("leaver");
    expect((await line("ended leaver")).traceId).toBe(trace.traceId);
  });

  test("makes no stream stutter that the same process sends", async () => {
    const both = await hamlet.val(
      "both",
      worker(`new Response(new ReadableStream({
        async start(stream) {
          for (let i = 0; i < 20; i++) {
            stream.enqueue(new TextEncoder().encode("tick "));
            await new Promise((go) => setTimeout(go, 5));
          }
          stream.close();
        } }))`),
    );
    const text = await (await hamlet.fetch(both, "/streaming")).text();
    expect(text).toBe("tick ".repeat(20));
    gates.open("streaming");
    await gates.done("streaming");
  });
});

test("work begun while the module is loaded is ended too before the process is", async () => {
  const source = `
    import { waitUntil } from "https://esm.town/v/std/utils";
    waitUntil(fetch("${gates.origin.url}/at/top").then(() => fetch("${gates.origin.url}/done/top")));
    export default () => new Response("hi");`;
  const val = await hamlet.val("top", source);
  await gates.reached("top");
  await hamlet.save(val, "export default () => new Response('newer')");
  gates.open("top");
  await gates.done("top");
});

test("work that nobody waits for goes on as long as the process is warm", async () => {
  const val = await hamlet.val("unwaited", worker());
  await hamlet.fetch(val, "/it-is-plain");
  await gates.reached("it-is-plain");
  expect((await hamlet.fetch(val, "/")).status).toBe(200);
  gates.open("it-is-plain");
  await gates.done("it-is-plain");
  const trace = await traceOf("/it-is-plain");
  expect((await line("ended it-is-plain")).traceId).toBe(trace.traceId);
});

test("modules that cannot be one file keep their process in the same way", async () => {
  const val = await hamlet.val("computed", {
    "main.http.ts": `
      const name = "./later.ts".slice(0);
      const { later } = await import(name);
      export default (request) => new Response(later(new URL(request.url).pathname.slice(1)));`,
    "later.ts": `
      import { waitUntil } from "https://esm.town/v/std/utils/index.ts";
      export function later(name) {
        waitUntil(fetch("${gates.origin.url}/at/" + name).then(() => fetch("${gates.origin.url}/done/" + name)));
        return "later";
      }`,
  });
  expect(await (await hamlet.fetch(val, "/level-2")).text()).toBe("later");
  await gates.reached("level-2");
  await hamlet.save(val, "export default () => new Response('newer')");
  gates.open("level-2");
  await gates.done("level-2");
});

test("after its limit the process is kept no longer, and the log of the request says so", async () => {
  await using short = await startHamlet({ args: [...gates.flags, "--background-timeout", "1s"] });
  const val = await short.val("stuck", worker());
  await short.fetch(val, "/for-ever");
  await gates.reached("for-ever");
  const trace = await traceOf("/for-ever", short);
  expect((await line(LATE, short)).traceId).toBe(trace.traceId);
  // It is a process like any other now: a newer version ends it.
  await short.save(val, `${worker()}\n`);
  await gates.left("for-ever");
});

const DUE = () => `
  import { blob } from "https://esm.town/v/std/blob/main.ts";
  export default async () => {
    await fetch("${gates.origin.url}/at/due");
    await blob.set("due", "kept");
    console.log("ended due");
    await fetch("${gates.origin.url}/done/due");
  };`;

test("at the end of the town what is under way gets the grace, and the town to work with, and no more", async () => {
  using folder = makeTempFolder();
  const data = folder.path;
  {
    const town = await startHamlet({ data, args: [...gates.flags, "--grace", "60s"] });
    const val = await town.val("last", worker());
    await town.fetch(val, "/last");
    await gates.reached("last");
    await town.val("clock", { "due.interval.ts": DUE() });
    await gates.reached("due");
    const code = town.stop();
    await eventually(() =>
      town.connect().then(
        (open) => void open.destroy(),
        () => true,
      ),
    );
    for (const name of ["last", "due"]) {
      gates.open(name);
      await gates.done(name);
    }
    const asked = performance.now();
    expect(await code).toBe(0);
    expect(performance.now() - asked).toBeLessThan(30_000);
  }
  {
    const town = await startHamlet({ data, args: [...gates.flags, "--grace", "200ms"] });
    for (const text of ["ended last", "ended due"]) expect((await line(text, town)).text).toBe(text);
    await town.fetch(await town.val("cut", worker()), "/cut");
    await gates.reached("cut");
    expect(await town.stop()).toBe(0);
  }
  await using next = await startHamlet({ data });
  await line("waitUntil: still under way when the town was shut down", next);
});
