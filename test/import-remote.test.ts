/** Vals of another server: fetched by the API that everybody knows, and only from where vals may go too. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { createServer } from "node:net";
import { createEgressCheck, parseEgress } from "../src/sandbox/sandbox.ts";
import { makeTown, type Town } from "./support/town.ts";

interface Served extends Disposable {
  readonly url: string;
  readonly asked: Request[];
  /** Answers before the town does. */
  first: (request: Request) => Response | undefined;
}

/** The API of a town at an address of its own. */
function serveTown(town: Town): Served {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      served.asked.push(request);
      return served.first(request) ?? town.api.fetch(request);
    },
  });
  const served: Served = {
    url: `http://127.0.0.1:${server.port}`,
    asked: [],
    first: () => undefined,
    [Symbol.dispose]: () => void server.stop(true),
  };
  return served;
}

async function makeSource() {
  const town = await makeTown();
  for (let n = 0; n < 3; n++) {
    const id = await town.val(`val${n}`, { privacy: n === 0 ? "private" : "public" });
    await town.file(id, "main.ts", `export default () => new Response("${n}")`, "http");
    await town.file(id, "a/b/c.txt", "漢字", "file");
    const dev = (await town.expect(201, "POST", `/v2/vals/${id}/branches`, { json: { name: "dev" } })).json;
    const where = `/v2/vals/${id}/files?path=cron.ts&branch_id=${dev.id}`;
    await town.expect(201, "POST", where, { json: { type: "interval", content: "1" } });
    const variable = { key: `KEY${n}`, value: "never told", description: "what for" };
    await town.expect(201, "POST", `/v2/vals/${id}/environment_variables`, { json: variable });
  }
  return town;
}

const anywhere = () => true;
/** What refuses, or fails, makes nothing: such tests share these two. */
let shared: { readonly open: Town; readonly guarded: Town };
beforeAll(async () => {
  shared = {
    open: await makeTown({ allows: anywhere }),
    guarded: await makeTown({ allows: createEgressCheck(parseEgress([], [])) }),
  };
});
afterAll(async () => {
  for (const town of Object.values(shared)) await town[Symbol.asyncDispose]();
});

const ask = (town: Town, json: object) => town.call("POST", "/v3/import/remote", { json });

test("all vals of an account are made again, with branches, types and the names of variables", async () => {
  await using source = await makeSource();
  using served = serveTown(source);
  await using town = await makeTown({ allows: anywhere });
  const { status, json } = await ask(town, { url: `${served.url}/api/`, token: source.ann.token });
  expect(status).toBe(200);
  expect(
    json.vals.map((one: Record<string, unknown>) => [one.name, one.status, one.missingVariables]),
  ).toEqual([
    ["val0", "made", ["KEY0"]],
    ["val1", "made", ["KEY1"]],
    ["val2", "made", ["KEY2"]],
  ]);
  const { val } = json.vals[0];
  expect(val).toMatchObject({ privacy: "private", author: { username: "ann" } });
  const branches = (await town.expect(200, "GET", `/v2/vals/${val.id}/branches`)).json.data;
  expect(branches.map((one: { name: string }) => one.name)).toEqual(["main", "dev"]);
  const where = `/v2/vals/${val.id}/files?path=&recursive=true&branch_id=${branches[1].id}`;
  const files = (await town.expect(200, "GET", where)).json.data;
  expect(files.map((one: { path: string; type: string }) => [one.path, one.type])).toEqual([
    ["a", "directory"],
    ["a/b", "directory"],
    ["a/b/c.txt", "file"],
    ["cron.ts", "interval"],
    ["main.ts", "http"],
  ]);
  expect((await town.expect(200, "GET", `/v2/vals/${val.id}/files/content?path=a/b/c.txt`)).text).toBe(
    "漢字",
  );
  expect(town.told.filter((one) => one === `saved ${val.id}`)).toHaveLength(2);
});

test("of another user come the vals that can be seen; names choose some", async () => {
  await using source = await makeSource();
  using served = serveTown(source);
  await using town = await makeTown({ allows: anywhere });
  const { url } = served;
  const token = source.bob.token;
  const all = await ask(town, { url, token, username: "ann" });
  expect(all.json.vals.map((one: { name: string }) => one.name)).toEqual(["val1", "val2"]);
  const one = await ask(town, { url, token, username: "ann", vals: ["val1"], onConflict: "rename" });
  expect(one.json.vals).toMatchObject([
    { name: "val1", status: "made", val: { name: "val1-2" }, missingVariables: [] },
  ]);
  const hidden = await ask(town, { url, token, username: "ann", vals: ["val0"] });
  expect([hidden.status, hidden.json.message]).toEqual([502, expect.stringContaining("404")]);
});

test("pages are followed to their end, by position, whatever a link says", async () => {
  await using source = await makeTown();
  for (let n = 0; n < 101; n++)
    await source.store.vals.create({ userId: source.ann.id, name: `v${n}`, privacy: "public" });
  using served = serveTown(source);
  await using town = await makeTown({ allows: anywhere });
  const { json } = await ask(town, { url: served.url, token: source.ann.token });
  expect(json.vals.filter((one: { status: string }) => one.status === "made")).toHaveLength(101);
  expect(new Set(served.asked.map((request) => new URL(request.url).host)).size).toBe(1);
}, 60_000);

test("a server that asks for patience is asked again, one that fails ends it", async () => {
  await using source = await makeSource();
  using served = serveTown(source);
  await using town = await makeTown({ allows: anywhere });
  let refusals = 2;
  served.first = () =>
    refusals-- > 0 ? new Response("slow down", { status: 429, headers: { "retry-after": "0" } }) : undefined;
  const request = { url: served.url, token: source.ann.token, vals: ["val1"] };
  expect((await ask(town, request)).json.vals).toMatchObject([{ status: "made" }]);
  served.first = () => new Response("no", { status: 429, headers: { "retry-after": "86400" } });
  expect((await ask(town, request)).status).toBe(502);
});

const NONSENSE: readonly [title: string, answer: () => Response][] = [
  ["HTML", () => new Response("<html>")],
  ["other JSON", () => Response.json({ id: 1 })],
  ["a body without an end", () => new Response("x".repeat(5 * 1024 * 1024))],
  ["a redirect", () => Response.redirect("http://169.254.169.254/latest/meta-data", 302)],
  ["a failure", () => new Response("", { status: 500 })],
];

test.each(NONSENSE)("%s is no such server", async (_, answer) => {
  using served = serveTown(shared.open);
  served.first = answer;
  const { status, json } = await ask(shared.open, { url: served.url, token: "secret-token" });
  expect(status).toBe(502);
  expect(JSON.stringify(json)).not.toContain("secret-token");
  expect(served.asked).toHaveLength(1);
});

test("a val that is not in order does not keep the others from being made", async () => {
  await using source = await makeSource();
  using served = serveTown(source);
  await using town = await makeTown({ allows: anywhere });
  let isFirst = true;
  served.first = ({ url }) => {
    if (!isFirst || !url.includes("files/content")) return undefined;
    isFirst = false;
    return new Response("x".repeat(300_000));
  };
  const { json } = await ask(town, { url: served.url, token: source.ann.token });
  expect(json.vals.map((one: { status: string }) => one.status)).toEqual(["failed", "made", "made"]);
});

/** Hosts that lead to this machine, a private network, or where a cloud keeps its secrets. */
const FORBIDDEN = [
  "http://127.0.0.1:9",
  "http://localhost:9",
  "http://[::1]:9",
  "http://0.0.0.0:9",
  "http://10.0.0.1",
  "http://192.168.1.1",
  "http://169.254.169.254",
  "http://100.100.100.200",
  "http://[fd00::1]",
  "http://[fe80::1]",
  "http://[::ffff:127.0.0.1]",
  "http://2130706433",
  "http://0x7f.1",
  "http://127.1",
];

test.each(FORBIDDEN)("%s is refused, and nothing is asked of it", async (url) => {
  const connections: unknown[] = [];
  const listener = createServer((socket) => void connections.push(socket.destroy()));
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as { port: number };
  const { status, json } = await ask(shared.guarded, { url: url.replace(/:9$/, `:${port}`), token: "t" });
  expect([status, json.message]).toEqual([403, expect.stringContaining("may not be reached")]);
  expect(connections).toEqual([]);
  await new Promise((resolve) => listener.close(resolve));
});

const NO_URLS = [
  "ftp://a.example",
  "file:///etc/passwd",
  "http://user:pw@a.example",
  "http://a.example/?x=1",
  "nonsense",
];

test.each(NO_URLS)("%s is no address of an API", async (url) => {
  expect((await ask(shared.open, { url, token: "t" })).status).toBe(400);
});

test("what the operator opens is open, at that port only; what he closes is closed", () => {
  const allows = createEgressCheck(
    parseEgress(["127.0.0.1:8080", "10.1.0.0/16"], ["203.0.113.7", "10.1.2.3"]),
  );
  expect([allows("127.0.0.1", 8080), allows("127.0.0.1", 8081), allows("127.0.0.2", 8080)]).toEqual([
    true,
    false,
    false,
  ]);
  expect([allows("10.1.0.1", 1), allows("10.1.2.3", 1), allows("10.2.0.1", 1)]).toEqual([true, false, false]);
  expect([allows("8.8.8.8", 443), allows("203.0.113.7", 443), allows("nonsense", 1)]).toEqual([
    true,
    false,
    false,
  ]);
});
