/** The module host of a whole town: what it serves goes through the builder and the gateway. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { startHamlet, type TestHamlet } from "./support/server.ts";

let hamlet: TestHamlet;
beforeAll(async () => {
  hamlet = await startHamlet();
  await hamlet.val("widgets", {
    "main.http.ts": "export default () => new Response('served');",
    "lib/button.tsx": `/** @jsxImportSource https://esm.sh/preact@10.25.4 */
import { z } from "npm:zod@3.24.1";
export const Button = ({ label }: { label: string }) => <button title={typeof z}>{label}</button>;
`,
  });
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

async function get(path: string, headers: Record<string, string> = {}) {
  const host = `esm.localhost:${hamlet.port}`;
  const url = `http://127.0.0.1:${hamlet.port}${path}`;
  const answer = await fetch(url, { headers: { host, ...headers }, redirect: "manual" });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

test("a module leads to its version, and is JavaScript for those who read nothing else", async () => {
  const moved = await get("/v/tester/widgets/lib/button.tsx");
  expect([moved.status, moved.headers.get("location")]).toEqual([
    302,
    expect.stringMatching(/\/v\/tester\/widgets@\d+-main\/lib\/button\.tsx$/),
  ]);
  const path = new URL(moved.headers.get("location")!, "http://esm.localhost").pathname;
  const script = await get(path, { accept: "*/*", "user-agent": "Mozilla/5.0" });
  expect(script.headers.get("content-type")).toStartWith("text/javascript");
  expect(script.text).toStartWith("/* Open in Hamlet: ");
  expect(script.text).toContain('from "https://esm.sh/zod@3.24.1"');
  expect(script.text).toContain('from "https://esm.sh/preact@10.25.4/jsx-runtime"');
  expect(script.text).not.toContain("<button");
  const source = await get(path, { "user-agent": "Deno/2.9.6" });
  expect(source.headers.get("content-type")).toStartWith("text/tsx");
  expect(source.text).toContain("<button title={typeof z}>");
});

test("the standard library is there under its names", async () => {
  const moved = await get("/v/std/utils/index.ts");
  expect(moved.status).toBe(302);
  const script = await get(new URL(moved.headers.get("location")!, "http://esm.localhost").pathname);
  expect(script.status).toBe(200);
  expect(script.text).toContain("export {");
});

test("a val that asks the host of its own modules finds this town", async () => {
  const source = `export default async () => {
    const answer = await fetch(import.meta.url);
    return new Response(answer.headers.get("content-type") + " " + (await answer.text()).includes("includes"));
  };`;
  const val = await hamlet.val("selfish", source);
  expect(await (await hamlet.fetch(val)).text()).toMatch(/script; charset=utf-8 true$/);
});
