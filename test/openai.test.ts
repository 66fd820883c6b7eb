/** The model proxy between a caller and a model server of the test's own. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createOpenAi } from "../src/services/openai.ts";
import { callProxy, KEY, type ProxyCall } from "./support/proxy.ts";
import { startUpstream, type TestUpstream } from "./support/upstream.ts";

let upstream: TestUpstream;

beforeAll(() => {
  upstream = startUpstream();
});
afterAll(() => upstream[Symbol.asyncDispose]());

/** Calls the proxy before this upstream. */
const call = (options: ProxyCall = {}) => callProxy(upstream, options);

async function problemOf(response: Response) {
  const { error } = (await response.json()) as {
    error: { message: string; type: string; code: string; param: null };
  };
  expect(error.message.length).toBeGreaterThan(10);
  expect(error.type).toBeString();
  return { status: response.status, ...error };
}

describe("what is passed on", () => {
  test("a call goes on with the operator's key, and nothing of the caller's but what it asks", async () => {
    const answer = await call({
      json: { model: "small", messages: [{ role: "user", content: "räksmörgås" }], temperature: 0.5 },
      headers: {
        authorization: "Bearer vtwn_mine",
        cookie: "a=b",
        "openai-organization": "mine",
        "openai-beta": "assistants=v2",
        "x-forwarded-for": "10.0.0.1",
      },
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ choices: [{ message: { content: "I am small." } }] });
    const { headers, path, text } = upstream.last;
    expect(path).toBe("/v1/chat/completions");
    expect(JSON.parse(text)).toMatchObject({ messages: [{ content: "räksmörgås" }], temperature: 0.5 });
    expect(headers.get("authorization")).toBe(`Bearer ${KEY}`);
    expect(headers.get("openai-beta")).toBe("assistants=v2");
    expect(headers.get("accept-encoding")).toBe("identity");
    for (const name of ["cookie", "openai-organization", "x-forwarded-for"])
      expect(headers.get(name)).toBeNull();
  });

  test("the answer says nothing of the operator's account", async () => {
    const answer = await call({ json: { model: "small" } });
    expect(answer.headers.get("x-request-id")).toBe("req_1");
    expect(answer.headers.get("x-hamlet-model")).toBeNull();
    for (const name of ["openai-organization", "set-cookie", "authorization"])
      expect(answer.headers.get(name)).toBeNull();
  });

  test.each(["embeddings", "responses", "completions", "moderations", "images/generations", "audio/speech"])(
    "POST %s is known",
    async (path) => {
      expect((await call({ path, json: { model: "small" } })).status).toBe(200);
      expect(upstream.last.path).toBe(`/v1/${path}`);
    },
  );

  test.each([
    ["GET", "files"],
    ["GET", "chat/completions"],
    ["DELETE", "models/small"],
    ["POST", "models"],
    ["POST", "files"],
    ["POST", "fine_tuning/jobs"],
    ["GET", "responses/resp_123"],
    ["GET", "models/%2e%2e%2ffiles"],
    ["GET", "models/..%2Ffiles"],
    ["GET", "models/a%0d%0ab"],
    ["GET", "models/a?b"],
    ["POST", ""],
    ["POST", "chat/completions/"],
  ])("%s %s is not passed on", async (method, path) => {
    const before = upstream.asked.length;
    const { status, code, message } = await problemOf(await call({ method, path, json: { model: "small" } }));
    expect([status, code]).toEqual([404, "unknown_endpoint"]);
    expect(message).toContain("chat/completions");
    expect(upstream.asked.length).toBe(before);
  });

  test.each([
    ["no JSON", "{", "invalid_json"],
    ["no object", "[1]", "invalid_json"],
    ["nothing", "", "invalid_json"],
  ])("a body that is %s is refused", async (_, body, code) => {
    expect(await problemOf(await call({ body }))).toMatchObject({ status: 400, code });
  });

  test("a body beyond the limit is refused, whether it says its length or not", async () => {
    const options = { maxBodyBytes: 1000 };
    const large = JSON.stringify({ model: "small", input: "x".repeat(1000) });
    const said = { body: large, headers: { "content-length": String(large.length) } };
    for (const one of [said, { body: new Blob([large]).stream() }]) {
      expect(await problemOf(await call({ ...one, options }))).toMatchObject({
        status: 413,
        code: "body_too_large",
      });
    }
  });

  test("images of 15 MB go through", async () => {
    const image = `data:image/png;base64,${"A".repeat(15 * 1024 * 1024)}`;
    const content = [{ type: "image_url", image_url: { url: image } }];
    const answer = await call({ json: { model: "small", messages: [{ role: "user", content }] } });
    expect(answer.status).toBe(200);
    expect(JSON.parse(upstream.last.text).messages[0].content[0].image_url.url.length).toBe(image.length);
  });
});

describe("models", () => {
  const options = { models: ["small", "large"] };

  test("the list shows those that are allowed", async () => {
    const all = await call({ method: "GET", path: "models" });
    expect(((await all.json()) as { data: unknown[] }).data).toHaveLength(3);
    const some = await call({ method: "GET", path: "models", options });
    const { data } = (await some.json()) as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toEqual(["small", "large"]);
  });

  test.each([
    ["another one", '{"model":"secret"}'],
    ["none", "{}"],
    ["one that is no text", '{"model":["small"]}'],
    ["one to fall back to", '{"model":"small","models":["small","secret"]}'],
  ])("%s is refused, and the error names those that may be used", async (_, body) => {
    const { status, code, message } = await problemOf(await call({ body, options }));
    expect([status, code]).toEqual([404, "model_not_found"]);
    expect(message).toContain("small, large");
  });

  test("a model that is named twice is the one that was checked", async () => {
    await call({ body: '{"model":"secret","model":"small"}', options });
    expect(JSON.parse(upstream.last.text)).toEqual({ model: "small" });
    expect(upstream.last.text).not.toContain("secret");
  });

  test("one model can be asked for, slashes included", async () => {
    const one = await call({ method: "GET", path: "models/maker%2Fmodel-1.5:free" });
    expect(one.status).toBe(200);
    expect(upstream.last.path).toBe("/v1/models/maker%2Fmodel-1.5%3Afree");
    const refused = await problemOf(await call({ method: "GET", path: "models/secret", options }));
    expect(refused.code).toBe("model_not_found");
  });
});

describe("what goes wrong", () => {
  test("an error of the model server passes with its status, body and retry-after, without names and keys", async () => {
    const answer = await call({ json: { model: "limited" } });
    expect(answer.headers.get("retry-after")).toBe("7");
    expect(answer.headers.get("x-ratelimit-remaining-tokens")).toBeNull();
    const { status, code, message } = await problemOf(answer);
    expect([status, code]).toEqual([429, "rate_limit_exceeded"]);
    expect(message).toBe("Rate limit reached in organization [hidden] for [key].");
  });

  test("a key that the model server refuses is the operator's matter, not the caller's", async () => {
    const answer = await call({ json: { model: "no-key" } });
    expect(answer.headers.get("x-should-retry")).toBe("false");
    const { status, code, message } = await problemOf(answer);
    expect([status, code]).toEqual([502, "upstream_refused_key"]);
    expect(message).not.toContain("sk-");
  });

  test("a page in place of JSON is no page for a browser", async () => {
    const answer = await call({ json: { model: "page" } });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("content-type")).toStartWith("text/plain");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  });

  test.each(["gzip", "gzip-error"])("what a server compresses unasked can be read: %s", async (model) => {
    const answer = await call({ json: { model } });
    expect(answer.headers.get("content-encoding")).toBeNull();
    expect(await answer.json()).toMatchObject({ model, error: { message: "zipped" } });
  });

  test("nothing is asked elsewhere", async () => {
    const before = upstream.asked.length;
    const answer = await problemOf(await call({ json: { model: "elsewhere" } }));
    expect(answer).toMatchObject({ status: 502, code: "upstream_redirected" });
    expect(upstream.asked.length).toBe(before + 1);
  });

  test.each(["hang", "hang-in-error"])("a model server that does %s is given up in time", async (model) => {
    const answer = await call({ json: { model }, options: { firstByteMs: 50 } });
    expect(answer.headers.get("x-should-retry")).toBe("false");
    expect(await problemOf(answer)).toMatchObject({ status: 504, code: "upstream_timeout" });
    await upstream.last.left;
  });

  test("a model server that is not there is told of, to the operator too", async () => {
    const lines: string[] = [];
    const log = { info() {}, error() {}, warn: (line: string) => void lines.push(line) };
    const options = { log };
    const answer = await call({ json: { model: "small" }, server: { url: "http://127.0.0.1:9" }, options });
    expect(await problemOf(answer)).toMatchObject({ status: 502, code: "upstream_unreachable" });
    expect(lines).toEqual(["The model server could not be reached. Try again."]);
  });

  test("beyond the rate one is told when to come again; the demo model has none", async () => {
    const openai = createOpenAi({
      upstream: () => ({ url: upstream.url }),
      models: [],
      ratePerMinute: 10,
    });
    const ask = (userId: string) =>
      openai.proxy({ userId }, "models", new Request("http://api.localhost/v1/openai/models"));
    for (let i = 0; i < 10; i++) expect((await ask("ann")).status).toBe(200);
    const refused = await ask("ann");
    expect(Number(refused.headers.get("retry-after"))).toBeWithin(1, 7);
    expect(await problemOf(refused)).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
    expect((await ask("bob")).status).toBe(200);
    const demo = { options: { ratePerMinute: 1, models: ["other"] }, server: { demo: true } };
    expect((await call({ json: { model: "small" }, ...demo })).headers.get("x-hamlet-model")).toBe("demo");
  });
});
