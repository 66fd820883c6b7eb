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
    if (kind === "at") await this.#of(`open ${name}`).promise;
    else this.#of(`done ${name}`).resolve();
    return new Response("on");
  });

  /** Somebody waits at this gate. */
  reached = (name: string) => this.#of(`at ${name}`).promise;
  open = (name: string) => this.#of(`open ${name}`).resolve();
  /** Whoever was there has ended the work. */
  done = (name: string) => this.#of(`done ${name}`).promise;

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

const lines = (val: TestVal, at = hamlet) =>
  eventually(async () => {
    const { rows } = await logs(at, { limit: "50", direction: "asc" });
    const own = rows.filter(({ attributes }) => attributes["val.name"] === val.name || true);
    return own;
  });

/** The line of a val's log that has this in it. */
const line = (part: string, at = hamlet) =>
  eventually(async () => {
    const { rows } = await logs(at, { limit: "50" });
    return rows.find(({ text }) => text.includes(part));
  });

test("x", async () => {
  const val = await hamlet.val("x", worker());
  await hamlet.fetch(val, "/a");
  gates.open("a");
  await gates.done("a");
  await line("ended a");
  console.log(JSON.stringify(await lines(val), null, 1), JSON.stringify(await traces(hamlet, { limit: "5" }), null, 1));
});
