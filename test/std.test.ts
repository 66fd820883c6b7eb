/** The standard library, each example of it in a real worker. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import modules from "../src/std/modules.json";
import {
  compact,
  expectedLines,
  idOf,
  makeExampleVal,
  readDocumentedExports,
} from "./support/doc-examples.ts";
import { type Origin, startOrigin } from "./support/origin.ts";
import { startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

const STD = join(import.meta.dir, "../src/std");
const FILES = join(import.meta.dir, "std/vals/docs");
const PUBLIC = new Set(Object.values(modules).flatMap(publicNames));
const EXPORTS = readDocumentedExports().filter(({ file, name }) => PUBLIC.has(idOf(file, name)));
const FUNCTIONS = EXPORTS.filter(({ kind }) => kind !== "interface" && kind !== "type");

let hamlet: TestHamlet;
let models: Origin;
let val: TestVal;

beforeAll(async () => {
  models = startOrigin(answerAsModel);
  hamlet = await startHamlet({ args: ["--openai-url", `${models.url}/v1`, "--openai-rate", "0"] });
  const files = Object.fromEntries(
    readdirSync(FILES, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(FILES.length + 1), readFileSync(path, "utf8")]),
  );
  val = await publish("docs", { ...makeExampleVal(FUNCTIONS), ...files });
}, 120_000);

afterAll(async () => {
  await hamlet?.[Symbol.asyncDispose]();
  await models?.[Symbol.asyncDispose]();
});

describe("the example of", () => {
  for (const { file, name, examples } of FUNCTIONS) {
    test(`${name} (${file}) prints what it says`, async () => {
      const expected = expectedLines(examples[0]!);
      const answer = await hamlet.fetch(val, `/?run=${idOf(file, name)}`);
      const text = await answer.text();
      expect(answer.status, text).toBe(200);
      expect((JSON.parse(text) as string[]).map(compact)).toEqual(expected);
    }, 60_000);
  }
});

test("every export has a sentence and, but for types, one example that prints something", () => {
  expect([...PUBLIC].sort()).toEqual(EXPORTS.map(({ file, name }) => idOf(file, name)).sort());
  for (const { file, name, comment } of EXPORTS) {
    expect([file, name, /^\s*\S[^@]*[.:]/.test(comment)]).toEqual([file, name, true]);
  }
  for (const { file, name, examples } of FUNCTIONS) {
    expect([file, name, examples.length]).toEqual([file, name, 1]);
    expect([file, name, expectedLines(examples[0]!).length > 0]).toEqual([file, name, true]);
  }
});

test("the page for authors names every module and every export", () => {
  const page = readFileSync(join(import.meta.dir, "../docs/std.md"), "utf8");
  for (const { name, kind } of FUNCTIONS) {
    if (kind !== "function" || !name.startsWith("deno")) expect(page).toContain(name);
  }
  const legacy = /main\.tsx$|^std\/(utils|parseImportMeta)\/|^std\/email\/main/;
  for (const name of Object.keys(modules).filter((name) => !legacy.test(name)))
    expect(page).toContain(`${name}\``);
});

test("the import map that checks types and the table of modules say the same", () => {
  const { imports } = JSON.parse(readFileSync(join(STD, "import-map.json"), "utf8"));
  const wanted = Object.entries(modules).map(([name, file]) => [`https://esm.town/v/${name}`, `./${file}`]);
  expect(imports).toEqual(Object.fromEntries(wanted));
});

/** What a file exports to authors: its own functions, and what it passes on. */
function publicNames(file: string): string[] {
  const text = readFileSync(join(STD, file), "utf8");
  const own = [
    ...text.matchAll(/^export (?:default )?(?:async )?(?:function|class|const|interface) (\w+)/gm),
  ];
  const passedOn = [...text.matchAll(/^export (?:type )?\{([^}]+)\}(?: from "\.\/([^"]+)")?/gm)];
  const imported = /import \{([^}]+)\} from "\.\/([^"]+)"/.exec(text);
  return [
    ...own.map((match) => idOf(file, match[1]!)),
    ...passedOn.flatMap(([, names = "", from = imported?.[2] ?? file]) =>
      names.match(/\b(?!type\b)\w+/g)!.map((name) => idOf(from, name)),
    ),
  ];
}

async function publish(name: string, files: Record<string, string>): Promise<TestVal> {
  const typeOf = (path: string) => {
    if (path.includes("http.")) return "http";
    if (path.includes("email.")) return "email";
    return /\.tsx?$/.test(path) ? "script" : "file";
  };
  const list = Object.entries(files).map(([path, content]) => ({ path, type: typeOf(path), content }));
  const answer = await hamlet.api("/v2/vals", { json: { name, privacy: "public", files: list } });
  const created = (await answer.json()) as { id: string; message?: string };
  expect(answer.status, created.message).toBe(201);
  const { data } = (await (
    await hamlet.api(`/v2/vals/${created.id}/files?path=main.http.ts&limit=1&offset=0`)
  ).json()) as { data: { links: { endpoint: string } }[] };
  const endpoint = data[0]!.links.endpoint;
  return { id: created.id, name, endpoint, host: new URL(endpoint).host };
}

async function answerAsModel(request: Request): Promise<Response> {
  const { model, stream } = (await request.json()) as { model: string; stream?: boolean };
  if (!stream) {
    const choices = [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }];
    return Response.json({ id: "a", object: "chat.completion", created: 0, model, choices });
  }
  const delta = (content: string) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
  return new Response(`${delta("Hel")}${delta("lo")}data: [DONE]\n\n`, {
    headers: { "content-type": "text/event-stream" },
  });
}
