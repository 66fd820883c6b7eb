/** Variables of vals, from the API to the running val, and where their values never are. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { makeTempFolder, startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

const TELLING = `import process from "node:process";
  const atLoad = Deno.env.get("WORD");
  export default () => Response.json([atLoad ?? null, Deno.env.get("WORD") ?? null, process.env.WORD ?? null]);`;

let hamlet: TestHamlet;
beforeAll(async () => {
  hamlet = await startHamlet();
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

/** Sets, changes or deletes the variable WORD. */
async function change(at: TestHamlet, val: TestVal, method: "POST" | "PUT" | "DELETE", value?: string) {
  const key = method === "POST" ? "" : "/WORD";
  const json = method === "POST" ? { key: "WORD", value } : value === undefined ? undefined : { value };
  const path = `/v2/vals/${val.id}/environment_variables${key}`;
  const answer = await at.api(path, { method, json });
  expect([method, answer.ok, answer.ok || (await answer.text())]).toEqual([method, true, true]);
}

const told = async (val: TestVal, at = hamlet) => (await at.fetch(val)).json() as Promise<(string | null)[]>;
const same = (word: string | null) => [word, word, word];

describe("a variable", () => {
  test("reaches the val with its next request, by Deno and by node, in every version", async () => {
    const val = await hamlet.val("telling", TELLING);
    expect(await told(val)).toEqual(same(null));
    await change(hamlet, val, "POST", "first");
    expect(await told(val)).toEqual(same("first"));
    await change(hamlet, val, "PUT", "second, ünicode 🏘\nand lines");
    expect(await told(val)).toEqual(same("second, ünicode 🏘\nand lines"));
    await hamlet.save(val, `${TELLING}\n`);
    const answer = await hamlet.fetch(val);
    expect([await answer.json(), answer.headers.get("x-hamlet-version")]).toEqual([
      same("second, ünicode 🏘\nand lines"),
      "2",
    ]);
    await change(hamlet, val, "DELETE");
    expect(await told(val)).toEqual(same(null));
  });

  test("changes for every file of its val, and for no other val of its owner", async () => {
    const both = await hamlet.val("both", { "a.http.ts": TELLING, "b.http.ts": TELLING });
    const list = await hamlet.api(`/v2/vals/${both.id}/files?path=&recursive=true`);
    const { data } = (await list.json()) as { data: { links: { endpoint: string } }[] };
    const hosts = data.map(({ links }) => new URL(links.endpoint).host);
    expect(hosts.length).toBe(2);
    const neighbour = await hamlet.val("neighbour", TELLING);
    await change(hamlet, both, "POST", "ours");
    for (const host of hosts) expect(JSON.parse((await hamlet.request(host)).bodyText)).toEqual(same("ours"));
    expect(await told(neighbour)).toEqual(same(null));
  });

  test("lets running streams end with what they began with", async () => {
    const val = await hamlet.val(
      "flowing",
      `let go;
       export default (req) => {
         if (new URL(req.url).pathname === "/now") return new Response(Deno.env.get("WORD"));
         const utf8 = new TextEncoder();
         let n = 0;
         return new Response(new ReadableStream({ async pull(controller) {
           if (++n === 40) return controller.close();
           await new Promise((go) => setTimeout(go, 25));
           controller.enqueue(utf8.encode(Deno.env.get("WORD") + " "));
         } }));
       };`,
    );
    await change(hamlet, val, "POST", "old");
    await using visitor = await hamlet.connect();
    await visitor.write(`GET / HTTP/1.1\r\nHost: ${val.host}\r\nConnection: close\r\n\r\n`);
    expect((await visitor.readHead()).status).toBe(200);
    let text = Buffer.from((await visitor.readChunk())!).toString();
    await change(hamlet, val, "PUT", "new");
    expect(await (await hamlet.fetch(val, "/now")).text()).toBe("new");
    for (let chunk = await visitor.readChunk(); chunk !== undefined; chunk = await visitor.readChunk())
      text += Buffer.from(chunk).toString();
    expect(text).toBe("old ".repeat(39));
  });

  test("reaches vals that are not one file too", async () => {
    const val = await hamlet.val("apart", {
      "lib/w.ts": "export const word = () => Deno.env.get('WORD') ?? null;",
      "main.http.ts": `export default async (req: Request) => {
        const { word } = await import("./lib/" + new URL(req.url).search.slice(1) + ".ts");
        return Response.json(word());
      };`,
    });
    const word = async () => (await hamlet.fetch(val, "/?w")).json();
    expect(await word()).toBeNull();
    await change(hamlet, val, "POST", "apart");
    expect(await word()).toBe("apart");
  }, 30_000);
});

describe("the platform's own variables", () => {
  test("say who the val is and where its town is, with a token that works there", async () => {
    const val = await hamlet.val(
      "platform",
      `const names = ["VALTOWN_ENTRYPOINT", "VALTOWN_API_URL", "VAL_TOWN_BASE_URL"];
       export default async () => {
         const tokens = [Deno.env.get("valtown"), Deno.env.get("VAL_TOWN_API_KEY")];
         const headers = { authorization: "Bearer " + tokens[0] };
         const me = await (await fetch(Deno.env.get("VALTOWN_API_URL") + "/v1/me", { headers })).json();
         const auth = Deno.env.get("DENO_AUTH_TOKENS");
         return Response.json([...names.map((name) => Deno.env.get(name)), import.meta.url, me.username,
           tokens[0] === tokens[1], tokens[0].length, auth === tokens[0] + "@esm.town"]);
       };`,
    );
    const module = "https://esm.town/v/tester/platform@1-main/main.http.ts";
    const api = `http://api.localhost:${hamlet.port}`;
    expect(await (await hamlet.fetch(val)).json()).toEqual([
      ...[module, api, api, module],
      ...["tester", true, 33, true],
    ]);
  });

  test("cannot be replaced by the author's", async () => {
    const val = await hamlet.val(
      "forger",
      `export default () => Response.json(Deno.env.get("valtown").length);`,
    );
    const json = { key: "valtown", value: "mine" };
    await hamlet.api(`/v2/vals/${val.id}/environment_variables`, { json });
    expect(await (await hamlet.fetch(val)).json()).toBe(33);
  });

  test("are all that npm's own SDK needs", async () => {
    const val = await hamlet.val(
      "sdk",
      `import ValTown from "npm:@valtown/sdk@2.1.0";
       const vt = new ValTown();
       export default async () => {
         const me = await vt.me.profile.retrieve();
         const val = await vt.alias.username.valName.retrieve(me.username, "sdk");
         const text = await (await vt.vals.files.getContent(val.id, { path: "main.http.ts" })).text();
         return Response.json([me.username, val.name, text.includes("new ValTown()")]);
       };`,
    );
    expect(await (await hamlet.fetch(val)).json()).toEqual(["tester", "sdk", true]);
  }, 60_000);
});

/** Every file below a folder that can be read. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test("values outlive a stop and a kill of the server, and are in no file of the data folder", async () => {
  using folder = makeTempFolder();
  const { path: data } = folder;
  const values = ["hush-hush-one-7c1d", "hush-hush-two-91ab"];
  await using first = await startHamlet({ data });
  const val = await first.val("keeper", TELLING);
  await change(first, val, "POST", values[0]);
  expect(await told(val, first)).toEqual(same(values[0]!));
  expect(await first.stop()).toBe(0);

  await using second = await startHamlet({ data });
  expect(await told(val, second)).toEqual(same(values[0]!));
  await change(second, val, "PUT", values[1]);
  await second.stop("SIGKILL");

  await using third = await startHamlet({ data });
  expect(await told(val, third)).toEqual(same(values[1]!));
  // While it runs, with its write-ahead logs, and after it.
  const found = () => {
    const files = filesBelow(data);
    expect(files.length).toBeGreaterThan(5);
    return files.filter((file) => readFileSync(file).includes("hush-hush"));
  };
  expect(found()).toEqual([]);
  await third.stop();
  expect(found()).toEqual([]);
  for (const { log } of [first, second, third]) expect(log).not.toContain("hush-hush");
}, 60_000);
