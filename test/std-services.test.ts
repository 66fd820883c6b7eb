/** What the standard library promises beyond its examples, from inside vals. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { startBrowser } from "./support/browser.ts";
import { type Origin, startOrigin } from "./support/origin.ts";
import { addUser, startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

let hamlet: TestHamlet;
let models: Origin;
/** The test at work says how the model answers. */
let answerAsModel: (model: string, request: Request) => Response;

beforeAll(async () => {
  models = startOrigin(async (request) => {
    const { model } = (await request.json()) as { model: string };
    return answerAsModel(model, request);
  });
  hamlet = await startHamlet({ args: ["--openai-url", `${models.url}/v1`, "--openai-rate", "0"] });
}, 120_000);
afterAll(async () => {
  await hamlet?.[Symbol.asyncDispose]();
  await models?.[Symbol.asyncDispose]();
});

const source = (name: string) => readFileSync(join(import.meta.dir, "std/vals", `${name}.ts`), "utf8");

describe("std/sqlite", () => {
  let told: Record<"scoped" | "global", Record<string, unknown>>;
  beforeAll(async () => {
    const val = await hamlet.val("sql", source("sqlite"));
    const ask = async (path: string) =>
      (await (await hamlet.fetch(val, path)).json()) as Record<string, unknown>;
    told = { scoped: await ask("/scoped"), global: await ask("/global") };
  }, 60_000);

  test("gives rows as objects from the val's own database, as arrays from the owner's, and each both ways", () => {
    expect(told.scoped.rows).toEqual([{ id: 1, name: "ann", two: 2 }]);
    expect(told.global.rows).toEqual([[1, "ann", 2]]);
    for (const { both } of Object.values(told)) expect(both).toEqual(["ann", "ann", [1, "ann", 2]]);
  });

  test("tells columns, their declared types and the last row's id", () => {
    for (const { columns } of Object.values(told)) {
      expect(columns).toEqual([
        ["id", "name", "two"],
        ["INTEGER", "TEXT", ""],
      ]);
    }
    expect(told.scoped.inserted).toEqual([1, 1, "bigint"]);
    expect(told.global.inserted).toEqual([1, 1, "number"]);
    const made = { columns: [], columnTypes: [], rows: [], rowsAffected: 1 };
    const read = { columns: ["name"], columnTypes: ["TEXT"], rows: [["ann"]], rowsAffected: 0 };
    expect(told.scoped.asJson).toEqual([
      { ...made, lastInsertRowid: "1" },
      { ...read, lastInsertRowid: null },
    ]);
    expect(told.global.asJson).toEqual([
      { ...made, lastInsertRowid: 1 },
      { ...read, lastInsertRowid: null },
    ]);
  });

  test("takes a failed batch and a transaction back, with SQLite's own words", () => {
    for (const { rolledBack, afterRollback, afterTransaction } of Object.values(told)) {
      expect(rolledBack).toEqual([
        "LibsqlBatchError",
        expect.stringContaining("SQLite error: no such table: nowhere"),
      ]);
      expect([afterRollback, afterTransaction]).toEqual([1, 1]);
    }
    expect(told.scoped.inTransaction).toEqual([{ name: "cid" }]);
    expect(told.global.inTransaction).toEqual([["cid"]]);
  });

  test("keeps bytes and big numbers, and the two databases apart", () => {
    for (const { bytes } of Object.values(told)) expect(bytes).toEqual([[0, 255], 2 ** 40]);
    expect(told.scoped.olderIsGlobal).toEqual([{ n: 0 }]);
    expect(told.global.olderIsGlobal).toEqual([{ n: 1 }]);
  });
});

describe("std/blob", () => {
  let told: Record<string, unknown>;
  beforeAll(async () => {
    const val = await hamlet.val("blobs", source("blob"));
    told = (await (await hamlet.fetch(val)).json()) as Record<string, unknown>;
  }, 60_000);

  test("keeps values under keys of any kind, and the two stores apart", () => {
    const keys = told.keys as string[];
    expect(told.values).toEqual(keys.map((key) => `value of ${key}`));
    const sizes = keys.map((key) => [key, Buffer.byteLength(`value of ${key}`)]);
    expect(new Map(told.listed as [string, number][])).toEqual(new Map(sizes as [string, number][]));
    expect(told.prefixed).toEqual(["a/../b"]);
    expect(told.apart).toEqual([]);
  });

  test("copies, moves and deletes", () => {
    expect(told.moved).toEqual(["value of .", null]);
    expect(told.left).toEqual([]);
  });

  test("says in a sentence what is wrong", () => {
    expect(told.errors).toEqual([
      ["ValTownBlobNotFoundError", "Blob not found"],
      ["ValTownBlobNotFoundError", "Blob not found"],
      ["ValTownBlobError", expect.stringContaining("1 to 512 characters")],
      ["ValTownBlobError", expect.stringContaining("1 to 512 characters")],
      ["ValTownBlobError", expect.stringContaining("half of a character")],
    ]);
  });
});

describe("std/openai", () => {
  let val: TestVal;
  beforeAll(async () => {
    val = await hamlet.val("ask", source("openai"));
  }, 60_000);
  const delta = (content: string) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
  const utf8 = new TextEncoder();

  test("passes the first word on before the model has the second, and tells the model when the reader leaves", async () => {
    const left = Promise.withResolvers<void>();
    answerAsModel = () => {
      const words = new ReadableStream({
        start: (controller) => controller.enqueue(utf8.encode(delta("one"))),
        cancel: () => left.resolve(),
      });
      return new Response(words, { headers: { "content-type": "text/event-stream" } });
    };
    const leave = new AbortController();
    const answer = await hamlet.fetch(val, "/", { signal: leave.signal });
    const { value } = await answer.body!.getReader().read();
    expect(new TextDecoder().decode(value)).toBe("one\n");
    leave.abort();
    await left.promise;
  }, 30_000);

  test("throws the errors that npm's client has", async () => {
    answerAsModel = (model) =>
      Response.json({ error: { message: `No ${model} here`, code: "x" } }, { status: 404 });
    const answer = await hamlet.fetch(val, "/?model=gpt-9");
    expect(await answer.json()).toEqual({ kind: "NotFoundError", status: 404, message: "404 No gpt-9 here" });
  });

  test("speaks the newer protocol too", async () => {
    answerAsModel = (model) => {
      const content = [{ type: "output_text", text: `hello from ${model}`, annotations: [] }];
      const output = [{ type: "message", id: "m", role: "assistant", status: "completed", content }];
      return Response.json({ id: "r", object: "response", status: "completed", model, output });
    };
    expect(await (await hamlet.fetch(val, "/responses?model=new")).text()).toBe("hello from new");
  });
});

describe("std/utils", () => {
  test("a module reads the files of the version that it was pinned to", async () => {
    const nina = { authorization: `Bearer ${(await addUser(hamlet.data, "nina")).token}` };
    const about = `import { readFile } from "https://esm.town/v/std/utils/index.ts";
      export const about = () => readFile("about.txt", import.meta.url);`;
    const files = [
      { path: "main.ts", type: "script", content: about },
      { path: "about.txt", type: "file", content: "first" },
    ];
    const json = { name: "lib", privacy: "public", files };
    const { id } = (await (await hamlet.api("/v2/vals", { headers: nina, json })).json()) as { id: string };
    const put = { method: "PUT", headers: nina, json: { content: "second" } };
    expect((await hamlet.api(`/v2/vals/${id}/files?path=about.txt`, put)).status).toBe(200);

    const val = await hamlet.val(
      "reader",
      `import { about as pinned } from "https://esm.town/v/nina/lib/main.ts?v=1";
       import { about as newest } from "https://esm.town/v/nina/lib/main.ts";
       export default async () => Response.json([await pinned(), await newest()]);`,
    );
    expect(await (await hamlet.fetch(val)).json()).toEqual(["first", "second"]);
  }, 60_000);

  test("serves nothing from outside of the val, whatever a visitor asks for", async () => {
    await hamlet.val("secret", { "main.ts": "export const secret: string = 'do not tell';" });
    const val = await hamlet.val(
      "server",
      `import { serveFile } from "https://esm.town/v/std/utils/index.ts";
       export default (req: Request) => serveFile(decodeURIComponent(new URL(req.url).search.slice(1)));`,
    );
    for (const path of [
      "../secret/main.ts",
      "a/../../secret/main.ts",
      "%2e%2e/secret/main.ts",
      "..%2fsecret/main.ts",
    ]) {
      const answer = await hamlet.fetch(val, `/?${encodeURIComponent(path)}`);
      expect([path, answer.status, (await answer.text()).includes("do not tell")]).toEqual([
        path,
        500,
        false,
      ]);
    }
  }, 60_000);
});

describe("std/catch, in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  }, 60_000);
  afterAll(() => browser?.close());

  test("tells the window around a page what went wrong in it", async () => {
    const script = `http://esm.localhost:${hamlet.port}/v/std/catch`;
    const val = await hamlet.val(
      "framed",
      `const page = \`<!doctype html><script src="${script}"></script><script>
         setTimeout(() => { throw new TypeError("oh no") });
         Promise.reject(new Error("broken promise"));
       </script>\`;
       const frame = '<!doctype html><script>heard = []; onmessage = (e) => heard.push(e.data.message)</script><iframe src="/page"></iframe>';
       export default (req: Request) => new Response(req.url.endsWith("/page") ? page : frame, { headers: { "content-type": "text/html" } });`,
    );
    const page = await browser.newPage();
    await page.goto(val.endpoint);
    await page.waitForFunction("heard.length === 2");
    expect(((await page.evaluate("heard")) as string[]).sort()).toEqual(["broken promise", "oh no"]);
    await page.close();
  }, 60_000);
});
