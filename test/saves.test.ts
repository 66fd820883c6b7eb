/** From a save to its endpoint: nothing lost, nothing half, nobody disturbed. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { addUser, startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

const saying = (text: string) => `export default () => new Response(${JSON.stringify(text)});`;

let hamlet: TestHamlet;
beforeAll(async () => {
  hamlet = await startHamlet();
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

interface SavedFile {
  readonly version: number;
  readonly links: { readonly endpoint?: string };
  readonly diagnostics?: readonly { message: string; file?: string; line?: number; column?: number }[];
}

const urlOf = (val: TestVal, path: string) => `/v2/vals/${val.id}/files?${new URLSearchParams({ path })}`;

async function put(val: TestVal, path: string, json: Record<string, unknown>) {
  const answer = await hamlet.api(urlOf(val, path), { method: "PUT", json });
  const body = (await answer.json()) as SavedFile;
  return { ...body, status: answer.status, build: answer.headers.get("x-hamlet-build") };
}

const textOf = async (val: TestVal, path = "/") => (await hamlet.fetch(val, path)).text();

describe("a burst", () => {
  test("of 50 files made at once: each has its own version, 1 to 50, none is refused or lost", async () => {
    const val = await hamlet.val("burst", {});
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        const json = { type: "script", content: `export const n = ${n};` };
        const answer = await hamlet.api(urlOf(val, `lib/file${n}.ts`), { json });
        return { status: answer.status, version: ((await answer.json()) as SavedFile).version };
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from(answers, () => 201));
    const versions = answers.map(({ version }) => version).toSorted((a, b) => a - b);
    expect(versions).toEqual(Array.from(answers, (_, n) => n + 1));
    for (let n = 0; n < 50; n++) {
      const query = new URLSearchParams({ path: `lib/file${n}.ts` });
      const content = await hamlet.api(`/v2/vals/${val.id}/files/content?${query}`);
      expect(await content.text()).toBe(`export const n = ${n};`);
    }
  });

  test("of 50 changes of one endpoint at once: the last version is the one that is served", async () => {
    const val = await hamlet.val("contended", saying("at first"));
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, n) => ({
        n,
        ...(await put(val, "main.http.ts", { content: saying(`change ${n}`) })),
      })),
    );
    expect(answers.map(({ status, build }) => [status, build])).toEqual(
      Array.from(answers, () => [200, "ok"]),
    );
    const versions = answers.map(({ version }) => version).toSorted((a, b) => a - b);
    expect(versions).toEqual(Array.from(answers, (_, n) => n + 2));
    const last = answers.find(({ version }) => version === 51)!;
    const answer = await hamlet.fetch(val);
    expect([await answer.text(), answer.headers.get("x-hamlet-version")]).toEqual([`change ${last.n}`, "51"]);
  });
});

test("under traffic every answer is one version, whole, and no connection goes back to an older one", async () => {
  const body = (n: number) => `version ${n} `.repeat(5000);
  const val = await hamlet.val("busy", `export default () => new Response("version 1 ".repeat(5000));`);
  let saving = true;
  const visit = async () => {
    await using visitor = await hamlet.connect();
    const versions: number[] = [];
    while (saving) {
      await visitor.write(`GET / HTTP/1.1\r\nHost: ${val.host}\r\n\r\n`);
      const answer = await visitor.readResponse();
      const version = Number(answer.header("x-hamlet-version"));
      expect(answer.status).toBe(200);
      expect(answer.bodyText === body(version)).toBe(true);
      versions.push(version);
    }
    return versions;
  };
  const visits = Array.from({ length: 4 }, visit);
  for (let n = 2; n <= 21; n++) {
    await hamlet.save(val, `export default () => new Response("version ${n} ".repeat(5000));`);
    // Whoever asks after the save was answered gets what was saved.
    expect((await textOf(val)) === body(n)).toBe(true);
  }
  saving = false;
  const seen = await Promise.all(visits);
  for (const versions of seen) {
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    expect(new Set(versions).size).toBeGreaterThan(1);
  }
});

test("a running stream of the old version goes on to its end, while new visitors get the new one", async () => {
  const val = await hamlet.val(
    "streaming",
    `let end;
    export default (req) => {
      if (new URL(req.url).pathname === "/end") { end(); return new Response("ended"); }
      return new Response(new ReadableStream({ start(controller) {
        controller.enqueue(new TextEncoder().encode("old begins, "));
        let n = 0;
        const timer = setInterval(() => {
          if (++n < 30) return controller.enqueue(new TextEncoder().encode(n + " "));
          clearInterval(timer);
          controller.close();
        }, 30);
      } }));
    };`,
  );
  await using visitor = await hamlet.connect();
  await visitor.write(`GET / HTTP/1.1\r\nHost: ${val.host}\r\nConnection: close\r\n\r\n`);
  expect((await visitor.readHead()).header("x-hamlet-version")).toBe("1");
  expect(Buffer.from((await visitor.readChunk())!).toString()).toBe("old begins, ");
  await hamlet.save(val, saying("new"));
  expect(await textOf(val)).toBe("new");
  let rest = "";
  for (let chunk = await visitor.readChunk(); chunk !== undefined; chunk = await visitor.readChunk())
    rest += Buffer.from(chunk).toString();
  expect(rest).toEndWith("27 28 29 ");
});

describe("a version that cannot be built", () => {
  test("is kept as it is and told with file and line, while the last good one keeps serving", async () => {
    const val = await hamlet.val("broken", {
      "lib.ts": "export const word = 'good';",
      "main.http.ts": 'import { word } from "./lib.ts";\nexport default () => new Response(word);',
    });
    expect(await textOf(val)).toBe("good");
    const broken = "export const word = 'bad';\nconst = 1;\n";
    const saved = await put(val, "lib.ts", { content: broken });
    expect([saved.status, saved.build, saved.version]).toEqual([200, "failed", 3]);
    expect(saved.diagnostics).toEqual([expect.objectContaining({ file: "lib.ts", line: 2 })]);
    expect(saved.diagnostics![0]!.message).not.toBe("");
    const answer = await hamlet.fetch(val);
    expect([answer.status, await answer.text(), answer.headers.get("x-hamlet-version")]).toEqual([
      200,
      "good",
      "2",
    ]);
    const stored = await hamlet.api(`/v2/vals/${val.id}/files/content?path=lib.ts`);
    expect(await stored.text()).toBe(broken);

    const again = await put(val, "lib.ts", { content: broken });
    expect([again.status, again.build, again.diagnostics?.length]).toEqual([200, "failed", 1]);

    const mended = await put(val, "lib.ts", { content: "export const word = 'mended';" });
    expect([mended.build, mended.diagnostics]).toEqual(["ok", undefined]);
    expect(await textOf(val)).toBe("mended");
  });

  test("as the first one of a val is answered with our error, until one can be built", async () => {
    const val = await hamlet.val("stillborn", "export default (");
    const answer = await hamlet.fetch(val);
    expect([answer.status, answer.headers.get("x-hamlet-error")]).toEqual([500, "build_failed"]);
    await hamlet.save(val, saying("works"));
    expect(await textOf(val)).toBe("works");
  });

  test("is told where it is made with its files, too", async () => {
    const content = 'import "./nope.ts";\nexport default () => new Response();';
    const files = [{ path: "main.ts", type: "http", content }];
    const answer = await hamlet.api("/v2/vals", { json: { name: "atOnce", privacy: "public", files } });
    expect([answer.status, answer.headers.get("x-hamlet-build")]).toEqual([201, "failed"]);
    expect(((await answer.json()) as SavedFile).diagnostics).toMatchObject([
      { file: "main.ts", line: 1, column: 8, message: 'There is no file "nope.ts" in this val.' },
    ]);
  });

  test("tells an import that leads nowhere, with its place", async () => {
    const val = await hamlet.val("lost", saying("fine"));
    const content = 'import "./nowhere.ts";\nexport default () => new Response("lost");';
    const { build, diagnostics } = await put(val, "main.http.ts", { content });
    expect(build).toBe("failed");
    expect(diagnostics).toEqual([expect.objectContaining({ file: "main.http.ts", line: 1 })]);
    expect(diagnostics![0]!.message).toContain("nowhere.ts");
    expect(await textOf(val)).toBe("fine");
  });
});

describe("an endpoint", () => {
  const statusOf = async (val: TestVal) => {
    const answer = await hamlet.fetch(val);
    await answer.text();
    return [answer.status, answer.headers.get("x-hamlet-error")];
  };

  test("of a deleted val is 404 at once, on an open connection too", async () => {
    const val = await hamlet.val("deleted", saying("here"));
    await using visitor = await hamlet.connect();
    const ask = async () => {
      await visitor.write(`GET / HTTP/1.1\r\nHost: ${val.host}\r\n\r\n`);
      return (await visitor.readResponse()).status;
    };
    expect(await ask()).toBe(200);
    expect((await hamlet.api(`/v2/vals/${val.id}`, { method: "DELETE" })).status).toBe(204);
    expect(await ask()).toBe(404);
    expect(await statusOf(val)).toEqual([404, "unknown_host"]);
  });

  test("goes when its file becomes a script, and comes back as the same address when it is http again", async () => {
    const val = await hamlet.val("retyped", saying("served"));
    const { links } = await put(val, "main.http.ts", { type: "script" });
    expect(links.endpoint).toBeUndefined();
    expect(await statusOf(val)).toEqual([404, "not_an_http_val"]);
    const again = await put(val, "main.http.ts", { type: "http" });
    expect(again.links.endpoint).toBe(val.endpoint);
    expect(await textOf(val)).toBe("served");
  });

  test("goes with its deleted file", async () => {
    const val = await hamlet.val("emptied", saying("served"));
    expect(await textOf(val)).toBe("served");
    expect((await hamlet.api(urlOf(val, "main.http.ts"), { method: "DELETE" })).status).toBe(204);
    expect((await statusOf(val))[0]).toBe(404);
  });

  test("that could never be built goes with its file or its val, not before", async () => {
    const broken = "export default (";
    const removals = [
      [(val: TestVal) => urlOf(val, "main.http.ts"), "not_an_http_val"],
      [(val: TestVal) => `/v2/vals/${val.id}`, "unknown_host"],
    ] as const;
    for (const [target, code] of removals) {
      const val = await hamlet.val(`never-${code.slice(0, 3)}`, broken);
      expect(await statusOf(val)).toEqual([500, "build_failed"]);
      expect((await hamlet.api(target(val), { method: "DELETE" })).status).toBe(204);
      expect(await statusOf(val)).toEqual([404, code]);
    }
  });

  test("of a private val answers everyone, while its code is its owner's", async () => {
    const json = { name: "hidden", privacy: "private" };
    const made = (await (await hamlet.api("/v2/vals", { json })).json()) as { id: string };
    const path = `/v2/vals/${made.id}/files?path=main.http.ts`;
    const file = await hamlet.api(path, { json: { type: "http", content: saying("open") } });
    const { endpoint } = ((await file.json()) as SavedFile).links;
    const val = { id: made.id, name: "hidden", endpoint: endpoint!, host: new URL(endpoint!).host };
    expect(await textOf(val)).toBe("open");
    const { token } = await addUser(hamlet.data, "stranger");
    const headers = { authorization: `Bearer ${token}` };
    expect((await hamlet.api(`/v2/vals/${val.id}`, { headers })).status).toBe(404);
    expect((await hamlet.api(path, { headers })).status).toBe(404);
  });

  test("by name is the first val's whose names make it; the other has its own, by id", async () => {
    const mine = await hamlet.val("b-c", saying("tester + b-c"));
    const other = await addUser(hamlet.data, "tester-b");
    const headers = { authorization: `Bearer ${other.token}` };
    const files = [{ path: "main.ts", type: "http", content: saying("tester-b + c") }];
    const json = { name: "c", privacy: "public", files };
    const made = (await (await hamlet.api("/v2/vals", { json, headers })).json()) as { id: string };
    const list = await hamlet.api(`/v2/vals/${made.id}/files?path=&recursive=true`, { headers });
    const [file] = ((await list.json()) as { data: SavedFile[] }).data;
    const host = new URL(file!.links.endpoint!).host;
    expect(host).toStartWith("tester-b--");
    expect((await hamlet.request(host)).bodyText).toBe("tester-b + c");
    expect((await hamlet.request("Tester-B-C.Web.localhost")).bodyText).toBe("tester + b-c");
    expect(mine.host).toStartWith("tester-b-c.");
  });

  test("stays when its file is renamed or moved, with the new code", async () => {
    const val = await hamlet.val("renamed", {
      "word.ts": "export const word = 'one';",
      "main.http.ts": 'import { word } from "./word.ts";\nexport default () => new Response(word);',
    });
    expect(await textOf(val)).toBe("one");
    const renamed = await put(val, "main.http.ts", { name: "index.http.ts" });
    expect([renamed.status, renamed.links.endpoint]).toEqual([200, val.endpoint]);
    expect(await textOf(val)).toBe("one");
    const content = 'import { word } from "../word.ts";\nexport default () => new Response("moved " + word);';
    const moved = await put(val, "index.http.ts", { parent_path: "deep", content });
    expect([moved.status, moved.build, moved.links.endpoint]).toEqual([200, "ok", val.endpoint]);
    expect(await textOf(val)).toBe("moved one");
  });

  test("has the new code of whatever file it imports", async () => {
    const val = await hamlet.val("importing", {
      "word.ts": "export const word = 'one';",
      "main.http.ts": 'import { word } from "./word.ts";\nexport default () => new Response(word);',
    });
    expect(await textOf(val)).toBe("one");
    await hamlet.save(val, "export const word = 'two';", "word.ts");
    expect(await textOf(val)).toBe("two");
  });
});
