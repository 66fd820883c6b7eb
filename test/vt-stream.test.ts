/** What `vt` does for as long as it runs: tail and watch. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startHamlet, type TestHamlet } from "./support/server.ts";
import { edit, Vt } from "./support/vt.ts";
import { type Tailed, tail, watch } from "./support/vt-stream.ts";

let hamlet: TestHamlet;
let vt: Vt;
let home: string;

beforeAll(async () => {
  // Behind a proxy that speaks TLS: vt's own test wants to see that.
  hamlet = await startHamlet({ args: ["--trusted-proxy", "127.0.0.0/8"] });
  vt = new Vt(`http://127.0.0.1:${hamlet.port}`, hamlet.token);
  home = mkdtempSync(join(tmpdir(), "vt-"));
}, 60_000);
afterAll(async () => {
  rmSync(home, { recursive: true, force: true });
  await hamlet?.[Symbol.asyncDispose]();
});

const HANDLER = `export default async (req: Request) => {
  const { pathname } = new URL(req.url);
  console.log("first", pathname);
  console.error("second");
  console.log("third");
  return new Response(pathname, { status: pathname === "/teapot" ? 418 : 200 });
};`;

test("tail tells each call once, in order, with its log, and does not ask again and again when nothing happens", async () => {
  edit(join(home, "tailed"), { "main.http.ts": HANDLER });
  const { folder, val } = await vt.create(join(home, "tailed"), "tailed", { editorFiles: false });
  const [file] = await vt.items(val.id, folder.state.branch.id, 99);
  const { host } = new URL(file!.links.endpoint!);
  const call = async (path: string) => {
    const headers = { host, "x-forwarded-proto": "https" };
    await (await fetch(`http://127.0.0.1:${hamlet.port}${path}`, { headers })).text();
  };
  const asked: string[] = [];
  const calls = tail(vt, [folder.state.branch.id], { frequencyMs: 50, asked: (start) => asked.push(start) });
  const seen: Tailed[] = [];
  const collect = async (count: number) => {
    while (seen.length < count) seen.push((await calls.next()).value!);
  };
  const first = collect(3);
  for (const path of ["/a", "/teapot", "/b?q=1"]) await call(path);
  await first;
  // More at once than fit onto a page.
  const many = collect(3 + 60);
  await Promise.all(Array.from({ length: 60 }, (_, n) => call(`/many/${n}`)));
  await many;
  const quiet = collect(64);
  const before = asked.length;
  await Bun.sleep(300);
  expect(asked.length - before).toBeLessThan(10);
  await call("/last");
  await quiet;
  await calls.return(undefined);

  expect(seen.slice(0, 3).map(({ method, url, status }) => [method, url, status])).toEqual([
    ["GET", expect.stringMatching(/^https:\/\/.*\/a$/), 200],
    ["GET", expect.stringMatching(/\/teapot$/), 418],
    ["GET", expect.stringMatching(/\/b\?q=1$/), 200],
  ]);
  expect(seen[0]).toMatchObject({ path: "main.http.ts", type: "http" });
  expect(seen[0]!.lines).toEqual(["stdout: first /a", "stderr: second", "stdout: third"]);
  expect(new Set(seen.map(({ traceId }) => traceId)).size).toBe(64);
  expect(seen.at(-1)!.url).toEndWith("/last");
  for (let n = 0; n < 60; n++) expect(seen.filter(({ url }) => url.endsWith(`/many/${n}`)).length).toBe(1);
}, 60_000);

test("watch pushes what is there, and then each change", async () => {
  edit(join(home, "watched"), { "main.http.ts": 'export default () => new Response("one");' });
  const { folder, val } = await vt.create(join(home, "watched"), "watched", { editorFiles: false });
  edit(folder.path, { "before.ts": "export {};" });
  const stop = new AbortController();
  const pushes = watch(vt, folder, stop.signal);
  expect((await pushes.next()).value!.created).toEqual(["before.ts"]);
  edit(folder.path, { "main.http.ts": 'export default () => new Response("two");' });
  const changed: string[] = [];
  while (!changed.includes("main.http.ts")) changed.push(...(await pushes.next()).value!.modified);
  const endpoints = (await vt.items(val.id, folder.state.branch.id, 99)).flatMap(
    ({ links }) => links.endpoint ?? [],
  );
  expect(endpoints.length).toBe(1);
  const { host } = new URL(endpoints[0]!);
  const answer = await fetch(`http://127.0.0.1:${hamlet.port}/`, { headers: { host } });
  expect(await answer.text()).toBe("two");
  stop.abort();
  await pushes.return(undefined);
}, 60_000);
