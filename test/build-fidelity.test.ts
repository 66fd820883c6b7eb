/** A bundled val behaves as its modules would on their own. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { startBuilder, type TestBuilder } from "./support/builder.ts";

const BASE = "https://esm.town/v/me/mine@7-main/";

let town: TestBuilder;
beforeAll(async () => {
  town = await startBuilder();
});
afterAll(() => town[Symbol.asyncDispose]());

const answer = async (files: Record<string, string>, path = "/") =>
  JSON.parse(await town.answer(files, path));

test("each module has an import.meta of its own", async () => {
  const meta = `[import.meta.url, import.meta.main, typeof import.meta.dirname, typeof import.meta.filename,
    import.meta.resolve("./x.ts"), import.meta.resolve("npm:hono"), Object.getPrototypeOf(import.meta)]`;
  const found = await answer({
    "main.ts": `import { meta } from "./lib/a(1).ts"; export default () => Response.json([${meta}, meta]);`,
    "lib/a(1).ts": `export const meta: unknown = ${meta};`,
  });
  const of = (path: string, folder: string) => [
    `${BASE}${path}`,
    false,
    "undefined",
    "undefined",
    `${BASE}${folder}x.ts`,
    "npm:hono",
    null,
  ];
  expect(found).toEqual([of("main.ts", ""), of("lib/a(1).ts", "lib/")]);
});

test("stacks name the author's own lines and columns", async () => {
  const stack = await town.answer({
    "main.tsx": [
      "/** @jsxImportSource npm:react@18.3.1 */",
      "interface Wide { a: number }",
      'import { fail } from "./lib/fail.ts";',
      "const view = <p>{1}</p>;",
      "export default async (): Promise<Response> => {",
      "  const wide: Wide = { a: 1 };",
      "  try { await fail(wide.a); return new Response(String(view)); }",
      "  catch (error) { return new Response((error as Error).stack + import.meta.url); }",
      "};",
    ].join("\n"),
    "lib/fail.ts": [
      "type Unused = string;",
      "/* é😀 */ export async function fail(n: number): Promise<never> {",
      "  await Promise.resolve();",
      '  if (n) { /* 😀 */ throw new MyError("n is " + n); }',
      "  throw 0;",
      "}",
      "class MyError extends Error {}",
    ].join("\n"),
  });
  expect(stack).toContain(`at fail (${BASE}lib/fail.ts:4:27)`);
  expect(stack).toContain(`${BASE}main.tsx:7:9`);
  expect(stack).not.toContain("bundle.js");
}, 60_000);

test("an error inside a package names the package's file", async () => {
  const stack = await town.answer({
    "main.ts": `import { z } from "npm:zod@3.24.1";
      export default () => { try { z.string().parse(1); } catch (e) { return new Response(e.stack); } };`,
  });
  expect(stack).toMatch(/npm:zod@3\.24\.1\/lib\/index\.mjs:\d+:\d+/);
  expect(stack).toContain(`${BASE}main.ts:2:`);
}, 60_000);

test("what TypeScript and newer JavaScript have works", async () => {
  const found = await answer({
    "main.ts": `
      import { Color, Space, log, Logged, late } from "./more.ts";
      import data from "./data.json" with { type: "json" };
      import text from "./text.html" with { type: "text" };
      import bytes from "./text.html" with { type: "bytes" };
      class Box<T> { #inner: T; static count = 0; constructor(readonly value: T) { this.#inner = value; Box.count++; } get inner() { return this.#inner; } }
      { using box = { [Symbol.dispose]() { log.push("disposed"); } }; }
      const lazy = await import("./lazy.ts");
      export default () => Response.json([Color.Green, Space.inner, new Box(3).inner, Box.count, log, new Logged().run(2),
        data, text, [...bytes].length, bytes instanceof Uint8Array, lazy.default, late, typeof require, typeof Buffer, Box.name]);`,
    "more.ts": `
      export enum Color { Red, Green = "g" }
      export namespace Space { export const inner = 1; }
      export const log: string[] = [];
      const logged = (method: any, context: any) => function (this: unknown, ...args: any[]) { log.push(context.name); return method.apply(this, args); };
      export class Logged { accessor x = 1; @logged run(n: number) { return this.x + n; } }
      export const late = await new Promise((done) => setTimeout(done, 1, "later"));`,
    "lazy.ts": "export default import.meta.url;",
    "data.json": '{"a":[1]}',
    "text.html": "<p>é</p>",
  });
  expect(found).toEqual([
    "g",
    1,
    3,
    1,
    ["disposed", "run"],
    3,
    { a: [1] },
    "<p>é</p>",
    9,
    true,
    `${BASE}lazy.ts`,
    "later",
    "undefined",
    "function",
    "Box",
  ]);
});

test("modules that import each other see each other, in the order of the specification", async () => {
  const found = await answer({
    "main.ts":
      'import { order } from "./order.ts"; import "./a.ts"; import "./b.ts"; export default () => Response.json(order);',
    "order.ts": "export const order: string[] = [];",
    "a.ts":
      'import { order } from "./order.ts"; import { b } from "./b.ts"; export function a() { return "a" + b(); } order.push("a " + b());',
    "b.ts":
      'import { order } from "./order.ts"; import { a } from "./a.ts"; export function b() { return "b"; } order.push("b " + a());',
  });
  expect(found).toEqual(["b ab", "a b"]);
});

test("a function that is sent to a browser as text needs nothing of the bundle", async () => {
  const text = await town.answer({
    "main.ts": `import "npm:zod@3.24.1";
      function page() { const inner = () => { function deep() { return 1; } return deep(); }; class A {} return [inner(), A.name, inner.name]; }
      export default () => new Response(page.toString());`,
  });
  expect(new Function(`return (${text})()`)()).toEqual([1, "A", "inner"]);
}, 60_000);

test("functions and classes keep their names, also where there are namesakes", async () => {
  const declared = (n: number) =>
    `export class Box { static make() { return new Box(); } }
    export function act() { return ${n}; }
    export const arrow = async (x: number) => x;
    export default class extends Box {}
    const page = \`
class NotThere {}\`;
    export const names = [Box, act, arrow].map((one) => () => one.name);`.replaceAll("\n    ", "\n");
  const found = await answer({
    "main.ts": `import * as a from "./a.ts"; import * as b from "./b.ts"; import { APIError } from "npm:openai@4.77.0";
export default () => Response.json([a, b].map(({ names }) => names.map((name) => name())).concat([[APIError.name]]));`,
    "a.ts": declared(1),
    "b.ts": declared(2),
  });
  expect(found).toEqual([["Box", "act", "arrow"], ["Box", "act", "arrow"], ["APIError"]]);
}, 60_000);

test("the val sees its own environment, and packages are those for production", async () => {
  const found = await answer({
    "main.ts": `import React from "npm:react@18.3.1"; import process from "node:process";
      export default () => Response.json([process.env.NODE_ENV ?? null, process.env.VALTOWN_ENTRYPOINT, "_owner" in (React.createElement("p") as any), React.createElement("p")["_store"] === undefined]);`,
  });
  expect(found).toEqual([null, `${BASE}main.ts`, true, true]);
}, 60_000);

test("a package finds its own files, and asks for those that may be missing", async () => {
  const found = await answer({
    "main.ts": `import figlet from "npm:figlet@1.8.0"; import pg from "npm:pg@8.13.1";
      export default () => Response.json([figlet.textSync("a", "Small").split("\\n").length, typeof pg.Client, pg.native]);`,
  });
  expect(found).toEqual([5, "function", null]);
}, 60_000);

test("what a package requires by a computed name is looked for when it is reached", async () => {
  const found = await answer({
    "main.ts": `import express from "npm:express@4.21.2"; 
      export default () => Response.json([typeof express()]);`,
  });
  expect(found).toEqual(["function"]);
}, 60_000);

test("JSX takes its functions from where the file says, or from the React that is in scope", async () => {
  const found = await answer({
    "main.tsx": `/** @jsxImportSource https://esm.sh/react@18.3.1 */
      import { renderToString } from "https://esm.sh/react-dom@18.3.1/server";
      import { Old } from "./old.tsx"; import { Hono } from "./hono.tsx";
      export default () => Response.json([renderToString(<b>{1}<Old /></b>), String(Hono())]);`,
    "old.tsx": `import React from "npm:react@18.3.1"; export const Old = () => <><i>old</i></>;`,
    "hono.tsx": `/** @jsxImportSource npm:hono@4.13.19/jsx */\nexport const Hono = () => <u>{"<"}</u>;`,
  });
  expect(found).toEqual(["<b>1<i>old</i></b>", "<u>&lt;</u>"]);
}, 60_000);

test("node's modules come with and without their prefix", async () => {
  const found = await answer({
    "main.ts": `import { join } from "node:path"; import * as fs from "fs"; import { setTimeout as wait } from "timers/promises";
      export default () => Response.json([join("a", "b"), typeof fs.readFileSync, typeof wait]);`,
  });
  expect(found).toEqual(["a/b", "function", "function"]);
});
