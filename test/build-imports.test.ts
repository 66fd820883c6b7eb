/** What a val may import besides packages: other vals, the standard library, esm.sh, other hosts, JSR, WebAssembly. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { makeAuthority } from "./support/authority.ts";
import { ME, startBuilder, type TestBuilder } from "./support/builder.ts";
import { startJsrRegistry } from "./support/jsr-registry.ts";
import { type ModuleServer, startModuleServer } from "./support/module-server.ts";

const ANN = "https://esm.town/v/ann/tools";

describe("other vals", () => {
  let town: TestBuilder;
  beforeAll(async () => {
    town = await startBuilder();
    const url = "export const url = import.meta.url;";
    town.publish("ann", "tools", {
      "main.ts": url,
      "lib/deep.ts": `export { url } from "../main.ts"; export const n = 1;`,
    });
    town.publish(
      "ann",
      "tools",
      {
        "main.ts": `${url}\nexport const fail = () => { throw new Error("no"); };`,
        "lib/deep.ts": `export { url } from "../main.ts"; export const n = 2;`,
      },
      2,
    );
    town.publish("bob", "chain", { "index.ts": `export { url, n } from "${ANN}/lib/deep.ts?v=1";` }, 5);
    town.publish("eve", "loop", {
      "main.ts": `import { loop } from "https://esm.town/v/fay/loop/main.ts"; export const name = "eve"; export const both = () => name + loop();`,
    });
    town.publish("fay", "loop", {
      "main.ts": `import { name } from "https://esm.town/v/eve/loop/main.ts"; export const loop = () => "fay" + name;`,
    });
  });
  afterAll(() => town[Symbol.asyncDispose]());

  test.each([
    [`${ANN}/main.ts`, "tools@2-main/main.ts", true],
    [ANN, "tools@2-main/main.ts", true],
    [`${ANN}?v=1`, "tools@1-main/main.ts", false],
    [`${ANN}/lib/deep.ts?v=1`, "tools@1-main/main.ts", false],
    [`${ANN}@1-main/main.ts`, "tools@1-main/main.ts", false],
    [`${ANN}@main/main.ts`, "tools@2-main/main.ts", true],
    ["http://esm.localhost:3000/v/ann/tools/main.ts", "tools@2-main/main.ts", true],
  ])("%s is %s from then on", async (specifier, url, floating) => {
    const built = await town.good({
      "main.ts": `import { url } from "${specifier}"; export default () => new Response(url);`,
    });
    expect((await town.visit(built)).text).toBe(`https://esm.town/v/ann/${url}`);
    const version = url.includes("@1") ? 1 : 2;
    const val = { valId: "ann/tools", username: "ann", valName: "tools", branch: "main" };
    expect(built.pins).toEqual([{ ...val, version, floating }]);
  });

  test("their imports are pinned too, and their stacks lead into them", async () => {
    const built = await town.good({
      "main.ts": `import { url, n } from "https://esm.town/v/bob/chain"; import { fail } from "${ANN}";
        export default () => { try { fail(); } catch (e) { return Response.json([url, n, e.stack]); } };`,
    });
    const [url, n, stack] = JSON.parse((await town.visit(built)).text);
    expect([url, n]).toEqual(["https://esm.town/v/ann/tools@1-main/main.ts", 1]);
    expect(stack).toContain("https://esm.town/v/ann/tools@2-main/main.ts:2:35");
    expect(built.pins.map(({ valId, version, floating }) => [valId, version, floating]).toSorted()).toEqual([
      ["ann/tools", 1, false],
      ["ann/tools", 2, true],
      ["bob/chain", 5, true],
    ]);
  });

  test("two that import each other are built once each", async () => {
    const code = `import { both } from "https://esm.town/v/eve/loop/main.ts"; export default () => new Response(both());`;
    expect(await town.answer({ "main.ts": code })).toBe("evefayeve");
  });

  test("a new version of one is another artifact, and a new file that nothing imports is not", async () => {
    const code = { "main.ts": `import { n } from "https://esm.town/v/gus/n/n.ts"; export default () => n;` };
    town.publish("gus", "n", { "n.ts": "export const n = 1;" });
    const one = await town.good(code);
    expect((await town.good(code)).key).toBe(one.key);
    town.publish("gus", "n", { "n.ts": "export const n = 2;" }, 2);
    expect((await town.good(code)).key).not.toBe(one.key);
  });

  test("a mistake in one is told by its address", async () => {
    town.publish("hal", "bad", { "main.ts": "\nexport const = 1;" });
    const found = await town.wrong({ "main.ts": `import "https://esm.town/v/hal/bad/main.ts";` });
    expect(found).toMatchObject([{ file: "https://esm.town/v/hal/bad@1-main/main.ts", line: 2, column: 14 }]);
  });

  test("whose they are is asked of the host, for the val's owner", async () => {
    const asked: object[] = [];
    await using other = await startBuilder({
      findVal: async (want, { userId }) => {
        asked.push([want, userId]);
        return undefined;
      },
    });
    await other.wrong(
      { "main.ts": `import "${ANN}@dev/a.ts"; import "${ANN}@dev/b.ts";` },
      { userId: "owner" },
    );
    const want = { username: "ann", valName: "tools", branch: "dev" };
    expect(asked).toEqual([[{ ...want, path: "a.ts" }, "owner"]]);
  });
});

describe("the standard library", () => {
  let town: TestBuilder;
  beforeAll(async () => {
    town = await startBuilder();
  });
  afterAll(() => town[Symbol.asyncDispose]());

  test("its modules are there by all of their names, and know their own", async () => {
    const found = await town.answer({
      "main.ts": `import { blob } from "https://esm.town/v/std/blob";
        import { blob as scoped } from "https://esm.town/v/std/blob/main.ts";
        import { isMain, parseVal } from "https://esm.town/v/std/utils/index.ts";
        export default () => Response.json([typeof blob.get, blob === scoped, isMain(import.meta.url), parseVal(import.meta.url)]);`,
    });
    expect(JSON.parse(found)).toEqual([
      "function",
      false,
      true,
      expect.objectContaining({ handle: "me", name: "mine", version: 7, branch: "main" }),
    ]);
  }, 60_000);

  test("what it imports from npm is locked with the val's own", async () => {
    const found = await town.answer({
      "main.ts": `import { OpenAI } from "https://esm.town/v/std/openai"; import { sqlite } from "https://esm.town/v/std/sqlite/main.ts";
        export default () => Response.json([typeof new OpenAI().chat.completions.create, typeof sqlite.execute]);`,
    });
    expect(JSON.parse(found)).toEqual(["function", "function"]);
  }, 120_000);
});

describe("esm.sh", () => {
  let town: TestBuilder;
  beforeAll(async () => {
    town = await startBuilder();
  });
  afterAll(() => town[Symbol.asyncDispose]());

  test("its addresses mean packages of npm, the same ones however they are written", async () => {
    const found = await town.answer({
      "main.tsx": `/** @jsxImportSource https://esm.sh/react@18.3.1?dev */
        import React from "https://esm.sh/react@18.3.1/es2022/react.mjs";
        import { useState } from "npm:react@18.3.1";
        import { renderToString } from "https://esm.sh/react-dom@18.3.1/server?deps=react@18.3.1&target=es2022";
        function App() { const [n] = React.useState(1); const [m] = useState(2); return <b>{n + m}</b>; }
        export default () => new Response(renderToString(<App />));`,
    });
    expect(found).toBe("<b>3</b>");
  }, 60_000);
});

describe("other hosts", () => {
  const authority = makeAuthority();
  const jsr = startJsrRegistry(authority, {
    name: "@town/greet",
    version: "1.0.0",
    exports: { ".": "./mod.ts" },
    files: {
      "/mod.ts": 'export const greet = (name: string): string => "hi " + name + " " + import.meta.url;',
    },
  });
  let server: ModuleServer;
  let town: TestBuilder;
  beforeAll(async () => {
    server = startModuleServer(authority, {
      "/mod.ts": `import { b } from "./b.ts?x=1"; import { z } from "npm:zod@3.24.1"; export const a: string = import.meta.url + b + typeof z.string;
export const fail = () => { throw new Error("far"); };`,
      "/b.ts?x=1": "export const b = import.meta.url;",
      "/moved": () => new Response(null, { status: 302, headers: { location: "/mod.ts" } }),
      "/add.wasm": () => new Response(ADD, { headers: { "content-type": "application/wasm" } }),
      "/log.wasm": () => new Response(LOG, { headers: { "content-type": "application/wasm" } }),
      "/env.ts": "export const n = () => 41;",
    });
    const options = { jsrUrl: jsr.origin, caFile: authority.caFile, egressAllow: [server.address] };
    town = await startBuilder({}, "auto", options);
  });
  afterAll(async () => {
    await town[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await jsr[Symbol.asyncDispose]();
    authority[Symbol.dispose]();
  });

  test("their modules are fetched once, and know where they come from", async () => {
    const code = `import { a, fail } from "${server.origin}/moved";
      export default () => { try { fail(); } catch (e) { return Response.json([a, e.stack]); } };`;
    const [a, stack] = JSON.parse(await town.answer({ "main.ts": code }));
    expect(a).toBe(`${server.origin}/mod.ts${server.origin}/b.ts?x=1function`);
    expect(stack).toContain(`${server.origin}/mod.ts:2:`);
    const before = server.requests.length;
    await town.good({ "main.ts": `${code}// again` });
    expect(server.requests.length).toBe(before);
  }, 60_000);

  test("packages of JSR", async () => {
    const code = `import { greet } from "jsr:@town/greet@1"; export default () => new Response(greet("ann"));`;
    expect(await town.answer({ "main.ts": code })).toBe(`hi ann ${jsr.origin}/@town/greet/1.0.0/mod.ts`);
  }, 60_000);

  test("WebAssembly is a module like others, with imports and exports", async () => {
    const code = `import { add } from "${server.origin}/add.wasm"; import { run } from "${server.origin}/log.wasm";
      export default () => Response.json([add(2, 3), run()]);`;
    expect(await town.answer({ "main.ts": code })).toBe("[5,42]");
  }, 60_000);

  test("a val of a user who is not here is such a module, when the operator allows it", async () => {
    const { origin } = server;
    server.put("/v/far/away/main.ts", "export const far = import.meta.url;");
    const code = {
      "main.ts": `import { far } from "${origin}/v/far/away/main.ts"; export default () => new Response(far);`,
    };
    const esmHosts = () => [new URL(origin).host];
    const options = { jsrUrl: jsr.origin, caFile: authority.caFile, egressAllow: [server.address] };
    await using open = await startBuilder({ esmHosts, foreignVals: true }, "auto", options);
    expect(await open.answer(code)).toBe(`${origin}/v/far/away/main.ts`);
    await using closed = await startBuilder({ esmHosts }, "auto", options);
    expect(await closed.wrong(code)).toMatchObject([{ message: 'There is no user "far" in this town.' }]);
  }, 60_000);
});

/** (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add) */
const ADD = Uint8Array.fromBase64("AGFzbQEAAAABBwFgAn9/AX8DAgEABwcBA2FkZAAACgkBBwAgACABags=");
/** (import "./env.ts" "n" (func (result i32))) (func (export "run") (result i32) call 0 i32.const 1 i32.add) */
const LOG = Uint8Array.fromBase64(
  "AGFzbQEAAAABBQFgAAF/Ag4BCC4vZW52LnRzAW4AAAMCAQAHBwEDcnVuAAEKCQEHABAAQQFqCw==",
);

test("what an own file imports by the val's own address is that version, not itself", async () => {
  await using town = await startBuilder();
  town.publish(ME.username, ME.valName, { "a.ts": "export const a = import.meta.url;" }, ME.version);
  const built = await town.good({
    "main.ts": `import { a } from "https://esm.town/v/me/mine/a.ts"; import { a as own } from "./a.ts"; export default () => Response.json([a, own]);`,
    "a.ts": "export const a = import.meta.url;",
  });
  const url = "https://esm.town/v/me/mine@7-main/a.ts";
  expect(JSON.parse((await town.visit(built)).text)).toEqual([url, url]);
});
