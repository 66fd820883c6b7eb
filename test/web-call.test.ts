/** The app's own calls of endpoints, without a browser: who may make them, and what they cannot do. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { ANSWER, CALL } from "../src/wire/headers.ts";
import { startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

const RATE = 30;
const SOURCE = `
let left = 0;
export default async (req) => {
  const { pathname } = new URL(req.url);
  if (pathname === "/endless") return new Response(new ReadableStream({
    start(controller) { controller.enqueue(new TextEncoder().encode("begun")); },
    cancel() { left++; },
  }));
  if (pathname === "/left") return new Response("left " + left);
  const headers = [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-evil", "<script>"], ["content-type", "text/html"]];
  const seen = { method: req.method, url: req.url, headers: Object.fromEntries(req.headers), body: await req.text() };
  return new Response(JSON.stringify(seen), { headers });
};`;

let hamlet: TestHamlet;
let val: TestVal;
let fileId: string;

beforeAll(async () => {
  hamlet = await startHamlet({ args: ["--api-rate", String(RATE)] });
  val = await hamlet.val("callee", { "main.http.ts": SOURCE, "job.ts": "" });
  fileId = await idOf("main.http.ts");
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

async function idOf(path: string): Promise<string> {
  const answer = await hamlet.api(`/v2/vals/${val.id}/files?path=${path}`);
  return ((await answer.json()) as { data: { id: string }[] }).data[0]!.id;
}

const OWN = "Sec-Fetch-Site: same-origin";
const encode = (asked: object) => Buffer.from(JSON.stringify(asked)).toString("base64");
const ask = (path: string, headers: object = {}, method = "GET") =>
  `${CALL}: ${encode({ method, path, headers })}`;
const raw = (headers: readonly string[], { id = fileId, method = "GET", body = "" } = {}) =>
  hamlet.request(new URL(String(hamlet.firstLine.url)).host, `/_call/${id}`, { method, headers, body });

test("other sites' pages cannot call endpoints through the app, nor can what does not say what to ask", async () => {
  for (const line of [
    "Sec-Fetch-Site: cross-site",
    "Sec-Fetch-Site: same-site",
    "Origin: http://evil.example",
    "Cookie: a=b",
  ])
    expect((await raw([line, ask("/")])).status).toBe(403);
  expect((await raw([OWN])).status).toBe(400);
  for (const [path, headers, method] of [
    ["echo", {}, "GET"],
    ["/a b", {}, "GET"],
    ["/echo", { "a b": "1" }, "GET"],
    ["/echo", {}, "CONNECT"],
    [`/${"x".repeat(16_000)}`, {}, "GET"],
  ] as const)
    expect((await raw([OWN, ask(path, headers, method)])).status).toBe(400);
  const preflight = ["Origin: http://evil.example", "Access-Control-Request-Method: GET"];
  const answer = await raw([...preflight, `Access-Control-Request-Headers: ${CALL}`], { method: "OPTIONS" });
  expect([answer.status, answer.header("access-control-allow-origin")]).toEqual([403, undefined]);
});

test("only HTTP files are called, by their id", async () => {
  const ids = ["0198a3b4-1111-7222-8333-444455556666", "..%2f..%2fauth", "", await idOf("job.ts")];
  for (const id of ids) expect((await raw([OWN, ask("/")], { id })).status).toBe(404);
});

test("nothing of an answer means anything on the app's own host, and no cookie passes, neither way", async () => {
  const headers = { cookie: "typed=1", host: "evil.example", "x-forwarded-for": "6.6.6.6", "x-a": "ü" };
  const lines = [OWN, "Cookie: hamlet=secret", "Authorization: Bearer secret", "Content-Length: 2"];
  const answer = await raw([...lines, ask("/echo?q=1", headers, "PUT")], { method: "POST", body: "hi" });
  const names = ["content-type", "x-content-type-options", "content-disposition", "set-cookie", "x-evil"];
  expect([answer.status, ...names.map((name) => answer.header(name))]).toEqual([
    ...[200, "application/octet-stream", "nosniff", "attachment", undefined, undefined],
  ]);
  expect(answer.header("content-security-policy")).toStartWith("sandbox");
  const told = JSON.parse(Buffer.from(answer.header(ANSWER)!, "base64").toString());
  expect(told.status).toBe(200);
  expect(told.headers.filter(([name]: string[]) => name === "set-cookie")).toHaveLength(2);
  expect(Object.fromEntries(told.headers)["x-hamlet-trace"]).toMatch(/^[0-9a-f]{32}$/);
  const seen = JSON.parse(answer.bodyText);
  expect([seen.method, seen.url, seen.body]).toEqual(["PUT", `${val.endpoint}/echo?q=1`, "hi"]);
  expect(seen.headers).toMatchObject({
    cookie: "typed=1",
    host: val.host,
    "x-a": "ü",
    "content-length": "2",
  });
  expect(JSON.stringify(seen.headers)).not.toMatch(/secret|evil|6\.6\.6\.6/);
});

test("who leaves ends the val's answer, too", async () => {
  const host = new URL(String(hamlet.firstLine.url)).host;
  {
    await using connection = await hamlet.connect();
    await connection.write(
      `GET /_call/${fileId} HTTP/1.1\r\nHost: ${host}\r\n${OWN}\r\n${ask("/endless")}\r\n\r\n`,
    );
    const head = await connection.readHead();
    expect(head.status).toBe(200);
  }
  let left = "";
  while (left !== "left 1") left = await (await hamlet.fetch(val, "/left")).text();
});

test("one address calls only so often a minute, and is told when to come again", async () => {
  let answer = await raw([OWN, ask("/left")]);
  for (let at = 0; at < RATE && answer.status === 200; at++) answer = await raw([OWN, ask("/left")]);
  expect(answer.status).toBe(429);
  expect(Number(answer.header("retry-after"))).toBeGreaterThan(0);
});
