import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  bodyOf,
  type CompatVal,
  publish,
  readCompatVals,
  readText,
  type Step,
  targetOf,
} from "./support/compat.ts";
import { type Origin, startOrigin } from "./support/origin.ts";
import { addUser, startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

const VALS = readCompatVals();
const FEED = `<rss><channel><title>Feed</title>
<item><title>First &amp; best</title><link>https://example.com/1</link></item>
<item><title>Second</title><link>https://example.com/2</link></item></channel></rss>`;

let hamlet: TestHamlet;
let origin: Origin;
/** The tokens of those who publish vals. */
const tokens = new Map<string, string>();

beforeAll(async () => {
  origin = startOrigin(answerElsewhere);
  hamlet = await startHamlet({
    args: ["--egress-allow", origin.address, ...openaiArgs(origin)],
  });
  tokens.set("tester", hamlet.token);
  for (const { owner } of VALS) {
    if (owner && !tokens.has(owner)) tokens.set(owner, (await addUser(hamlet.data, owner)).token);
  }
  for (const val of VALS.filter(({ owner }) => owner)) await publish(hamlet, val, tokens.get(val.owner!)!);
}, 120_000);

afterAll(async () => {
  await hamlet?.[Symbol.asyncDispose]();
  await origin?.[Symbol.asyncDispose]();
});

test("there are more than twenty of them, and none has heard of us", () => {
  expect(VALS.length).toBeGreaterThan(22);
  for (const { name, versions } of VALS) {
    for (const text of versions.flatMap((files) => Object.values(files))) {
      expect([name, /hamlet/i.test(text)]).toEqual([name, false]);
    }
  }
});

describe("a val as people publish it runs unchanged:", () => {
  for (const val of VALS.filter(({ steps }) => steps.length > 0)) {
    test(`${val.name}: ${val.says}`, () => check(val), 120_000);
  }
});

async function check(val: CompatVal): Promise<void> {
  const fill = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll("{{origin}}", origin.url));
  const published = await publish(hamlet, fill(val), tokens.get(val.owner ?? "tester")!);
  const cookies = new Map<string, string>();
  for (const step of fill(val.steps)) {
    if (step.socket) await checkSocket(published, step);
    else await checkStep(published, step, cookies);
  }
}

async function checkStep(val: TestVal, step: Step, cookies: Map<string, string>): Promise<void> {
  const [method, path] = targetOf(step);
  const { body, type } = bodyOf(step);
  const headers = new Headers(step.headers);
  if (type) headers.set("content-type", type);
  if (cookies.size > 0) headers.set("cookie", [...cookies].map((pair) => pair.join("=")).join("; "));
  const response = await hamlet.fetch(val, path, { method, body, headers });
  for (const cookie of response.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
    if (name && value) cookies.set(name, value);
    else if (name) cookies.delete(name);
  }
  const text = await readText(response, step.until);
  const label = `${method} ${path}: ${response.status} ${text.slice(0, 500)}`;

  if (step.status === undefined) expect(response.status, label).toBeLessThan(400);
  else expect(response.status, label).toBe(step.status);
  if (step.is !== undefined) expect(text).toBe(step.is);
  if (step.json !== undefined) expect(JSON.parse(text)).toEqual(step.json);
  if (step.matches) expect(text).toMatch(new RegExp(step.matches));
  if (step.until) expect(text).toContain(step.until);
  for (const part of step.has ?? []) expect(text).toContain(part);
  for (const part of step.lacks ?? []) expect(text).not.toContain(part);
  for (const [name, pattern] of Object.entries(step.header ?? {})) {
    expect(`${name}: ${response.headers.get(name) ?? ""}`).toMatch(toHeaderPattern(name, pattern));
  }
}

function toHeaderPattern(name: string, pattern: string): RegExp {
  return pattern.startsWith("^")
    ? new RegExp(`^${name}: ${pattern.slice(1)}`)
    : new RegExp(`^${name}: .*${pattern}`);
}

async function checkSocket(val: TestVal, { socket: path, send, hears }: Step): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${hamlet.port}${path}`, { headers: { host: val.host } });
  const heard = new Promise<unknown>((resolve, reject) => {
    socket.onmessage = ({ data }) => resolve(data);
    socket.onerror = () => reject(new Error(`${val.name} opened no WebSocket.`));
  });
  socket.onopen = () => socket.send(send!);
  expect(await heard).toBe(hears);
  const closed = new Promise((resolve) => {
    socket.onclose = resolve;
  });
  socket.close();
  await closed;
}

/** A model, a feed and a file on somebody else's host. */
async function answerElsewhere(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/feed.xml") return new Response(FEED);
  if (pathname === "/hello.txt") return new Response("hello from elsewhere");
  if (pathname === "/v1/models") return Response.json({ object: "list", data: [{ id: "gpt-5-nano" }] });
  const { model, stream } = (await request.json()) as { model: string; stream?: boolean };
  const words = [request.headers.get("authorization"), " asked ", model];
  if (!stream) {
    const message = { role: "assistant", content: words.join("") };
    return Response.json({ id: "a", object: "chat.completion", model, choices: [{ index: 0, message }] });
  }
  const chunks = words.map(
    (content) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`,
  );
  return new Response([...chunks, "data: [DONE]\n\n"].join(""), {
    headers: { "content-type": "text/event-stream" },
  });
}

/** The town's own models are at `origin` too. */
function openaiArgs({ url }: Origin): string[] {
  return ["--openai-url", `${url}/v1`, "--openai-key", "sk-town"];
}
