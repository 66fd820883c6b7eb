/** The module host: who may read what, and the standard library's place in it. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { CLIENT, type ModuleTown, makeModuleTown } from "./support/modules.ts";

const SECRET = "export const secret: string = 's3cret';";
let host: ModuleTown;
let workerOf: (valId: string) => string;

beforeAll(async () => {
  host = await makeModuleTown();
  for (const privacy of ["public", "unlisted", "private"]) {
    const id = await host.town.val(privacy, { privacy });
    await host.save(id, "main.ts", SECRET);
  }
  const { ann, auth } = host.town;
  workerOf = (valId) => auth.mint({ userId: ann.id, username: "ann", valId, valName: "x" }).token;
});
afterAll(() => host[Symbol.asyncDispose]());

describe("who may read", () => {
  const addresses = (val: string) => [
    `/v/ann/${val}`,
    `/v/ann/${val}@1-main/main.ts`,
    `/v/ann/${val}@1-main/main.ts?map`,
  ];
  const TOKENS: readonly [who: string, token: () => string | Promise<string>, reads: boolean][] = [
    ["nobody", () => "", false],
    ["its owner", () => host.town.ann.token, true],
    ["someone else", () => host.town.bob.token, false],
    ["its owner with a token for something else", () => host.town.token("blob:write"), false],
    ["another val of its owner", () => workerOf("b037fb4a-791b-11f0-b97e-0224a6c84d84"), true],
  ];
  for (const [who, token, reads] of TOKENS) {
    test(`a private val is ${reads ? "open" : "not there"} for ${who}`, async () => {
      const given = await token();
      const headers = { ...CLIENT.script, ...(given === "" ? {} : { authorization: `Bearer ${given}` }) };
      for (const address of addresses("private")) {
        const answer = await host.get(address, headers);
        expect([address, answer.status < 400]).toEqual([address, reads]);
        if (!reads) expect(answer.text).not.toMatch(/s3cret/);
        if (reads) expect(answer.headers.get("cache-control")).toBe("private, no-store");
      }
      for (const val of ["public", "unlisted"])
        for (const address of addresses(val)) {
          const answer = await host.get(address, headers);
          expect([address, answer.status < 400]).toEqual([address, true]);
          expect(answer.headers.get("cache-control")).not.toContain("private");
        }
    });
  }

  test("a wrong token is told so where it would have been needed, whether or not there is such a val", async () => {
    const headers = { ...CLIENT.deno, authorization: "Bearer wrong" };
    const [one, two] = await Promise.all([
      host.get("/v/ann/private", headers),
      host.get("/v/ann/none", headers),
    ]);
    expect([one.status, two.status]).toEqual([401, 401]);
    expect(one.text).toBe(two.text);
    expect(one.headers.get("www-authenticate")).toBe("Bearer");
    expect((await host.get("/v/ann/public@1-main/main.ts", headers)).status).toBe(200);
  });

  test("what nobody may read and what is not there look alike", async () => {
    const [one, two] = await Promise.all([host.get("/v/ann/private"), host.get("/v/ann/absent0")]);
    expect(one.text.replace("private", "absent0")).toBe(two.text);
  });
});

describe("users of elsewhere", () => {
  test("are looked for there when the operator allows it; those who are here never", async () => {
    await using far = await makeModuleTown({ elsewhere: "https://esm.town" });
    const { status, headers } = await far.get("/v/nobody/none/main.ts?v=3");
    expect([status, headers.get("location")]).toEqual([302, "https://esm.town/v/nobody/none/main.ts?v=3"]);
    expect((await far.get("/v/ann/none/main.ts")).status).toBe(404);
  });
});

describe("the standard library", () => {
  const std = {
    names: { "std/blob": "blob.ts", "std/blob/main.ts": "scoped.ts", "std/utils/index.ts": "blob.ts" },
    files: {
      "blob.ts": "import { call } from './call.ts';\nexport const blob: unknown = call;",
      "scoped.ts": "export const scoped: number = 1;",
      "call.ts": "export const call: number = 1;",
    },
  };

  test("is found by the names that vals import; versions in them mean nothing", async () => {
    await using library = await makeModuleTown({ std });
    const home = /^\/v\/std\/hamlet@0-[0-9a-f]{12}\//;
    for (const [name, file] of [
      ["/v/std/blob", "blob.ts"],
      ["/v/STD/blob?v=12", "blob.ts"],
      ["/v/std/blob/main.ts", "scoped.ts"],
      ["/v/std/utils@85-main/index.ts", "blob.ts"],
      ["/v/std/hamlet@0-000000000000/call.ts", "call.ts"],
    ] as const) {
      const { status, headers } = await library.get(name);
      expect([name, status, headers.get("cache-control")]).toEqual([name, 302, "no-cache"]);
      expect(headers.get("location")).toMatch(home);
      expect(headers.get("location")).toEndWith(`/${file}`);
    }
    expect((await library.get("/v/std/none")).text).toBe("The standard library has no std/none.\n");
    expect((await library.get("/v/std/toString")).status).toBe(404);
    expect((await library.get("/v/std/hamlet/toString")).status).toBe(404);
  });

  test("is served like any module, and its files find each other", async () => {
    await using library = await makeModuleTown({ std });
    const location = (await library.get("/v/std/blob")).headers.get("location")!;
    const source = await library.get(location, CLIENT.deno);
    expect([source.status, source.text]).toEqual([200, std.files["blob.ts"]]);
    expect(source.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    const script = await library.get(location);
    expect(script.text).toStartWith("/* Part of the standard library of Hamlet. */\n");
    expect(script.text).toContain('from "./call.ts"');
    expect((await library.get(location.replace("blob.ts", "call.ts"))).status).toBe(200);
    const etag = script.headers.get("etag")!;
    expect((await library.get(location, { ...CLIENT.script, "if-none-match": etag })).status).toBe(304);
  });
});
