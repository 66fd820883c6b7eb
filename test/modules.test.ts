/** The module host: which version, in which form, for whom. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { SourceMap } from "node:module";
import { CLIENT, type ModuleTown, makeModuleTown } from "./support/modules.ts";

let host: ModuleTown;
const ids: Record<string, string> = {};
const TSX = `/** @jsxImportSource npm:react@18.2.0 */
import { type Friend, greet } from "./lib/greet.ts";
import { x } from "https://esm.town/v/bob/lib/x.ts?v=3";
const friend: Friend = "you";
export const page = (): unknown => <p>{greet(friend)}{x}</p>;
export default async () => (await import("npm:/left-pad@1")) as unknown;
`;

beforeAll(async () => {
  host = await makeModuleTown();
  for (const privacy of ["public", "unlisted", "private"])
    ids[privacy] = await host.town.val(privacy, { privacy });
  for (const id of Object.values(ids)) {
    await host.save(id, "main.tsx", TSX);
    await host.save(
      id,
      "lib/greet.ts",
      "export type Friend = string;\nexport const greet = (who: Friend) => who;",
    );
  }
  await host.save(ids.public!, "data.json", '{"a":1}', "file");
  await host.save(ids.public!, "index.html", "<script>alert(1)</script>", "file");
});
afterAll(() => host[Symbol.asyncDispose]());

describe("without a version", () => {
  const REDIRECTS: readonly [path: string, location: string][] = [
    ["/v/ann/public/lib/greet.ts", "/v/ann/public@4-main/lib/greet.ts"],
    ["/v/ann/public/lib/greet.ts?v=2", "/v/ann/public@2-main/lib/greet.ts"],
    ["/v/ann/public@main/lib/greet.ts", "/v/ann/public@4-main/lib/greet.ts"],
    ["/v/ann/public@main/lib/greet.ts?v=3", "/v/ann/public@3-main/lib/greet.ts"],
    ["/v/ann/public", "/v/ann/public@4-main/main.tsx"],
    ["/v/@Ann/public/", "/v/ann/public@4-main/main.tsx"],
    ["/v/ann/public?v=1", "/v/ann/public@1-main/main.tsx"],
    ["/v/ann/public@2-main", "/v/ann/public@2-main/main.tsx"],
    ["/v/ann/public/main.tsx?map", "/v/ann/public@4-main/main.tsx?map"],
  ];
  test.each(REDIRECTS)("%s leads to %s", async (path, location) => {
    const { status, headers } = await host.get(path);
    expect([status, headers.get("location")]).toEqual([302, location]);
    expect(headers.get("cache-control")).toBe("no-cache");
  });
});

describe("in which form", () => {
  const JS = "text/javascript; charset=utf-8";
  const FORMS: readonly [client: keyof typeof CLIENT, path: string, type: string][] = [
    ["deno", "main.tsx", "text/tsx; charset=utf-8"],
    ["deno", "lib/greet.ts", "application/typescript; charset=utf-8"],
    ["tsx", "main.tsx", "text/tsx; charset=utf-8"],
    ["page", "main.tsx", "text/plain; charset=utf-8"],
    ["script", "main.tsx", JS],
    ["script", "lib/greet.ts", JS],
    ["script", "data.json", "application/json; charset=utf-8"],
    ["deno", "data.json", "application/json; charset=utf-8"],
    // This host is the town's own: what a val wrote must not become a page of it.
    ["page", "index.html", "text/plain; charset=utf-8"],
  ];
  test.each(FORMS)("%s gets %s as %s", async (client, path, type) => {
    const { status, headers, text } = await host.get(`/v/ann/public@4-main/${path}`, CLIENT[client]);
    expect([status, headers.get("content-type")]).toEqual([200, type]);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("vary")).toBe("accept, authorization, user-agent");
    if (type !== JS)
      expect(text).toStartWith({ m: "/** @jsx", l: "export type", d: '{"a"', i: "<script>" }[path[0]!]!);
  });

  test("JavaScript says where it is from, and imports what a browser can fetch", async () => {
    const { text } = await host.get("/v/ann/public@4-main/main.tsx");
    expect(text.split("\n")[0]).toBe(
      "/* Open in Hamlet: http://localhost:3000/x/ann/public/code/main.tsx */",
    );
    expect(text).not.toContain("// ../");
    const imports = [...text.matchAll(/(?:from |import\()"([^"]+)"/g)].map((match) => match[1]!);
    expect(imports.sort()).toEqual([
      "./lib/greet.ts",
      "/v/bob/lib/x.ts?v=3",
      "https://esm.sh/left-pad@1",
      "https://esm.sh/react@18.2.0/jsx-runtime",
    ]);
    expect(text).toEndWith("\n//# sourceMappingURL=main.tsx?map\n");
  });

  test("its source map leads to the author's own lines", async () => {
    const { text } = await host.get("/v/ann/public@4-main/main.tsx");
    const map = await host.get("/v/ann/public@4-main/main.tsx?map");
    expect(map.headers.get("content-type")).toBe("application/json; charset=utf-8");
    const payload = JSON.parse(map.text);
    expect(payload.sources).toEqual(["https://esm.town/v/ann/public@4-main/main.tsx"]);
    expect(payload.sourcesContent).toEqual([TSX]);
    const line = text.split("\n").findIndex((one) => one.includes("left-pad"));
    const found = new SourceMap(payload).findEntry(line, text.split("\n")[line]!.indexOf("import("));
    expect(found).toMatchObject({ originalLine: 5, originalSource: payload.sources[0] });
  });

  test("what is asked for again is not transpiled again", async () => {
    await host.get("/v/ann/public@4-main/main.tsx");
    const before = host.transpiled();
    await Promise.all([1, 2, 3].map(() => host.get("/v/ann/public@4-main/main.tsx")));
    await host.get("/v/ann/public@4-main/main.tsx?map");
    expect(host.transpiled()).toBe(before);
  });

  test("what is no TypeScript is told with its place, and only to those who need it transpiled", async () => {
    const id = await host.town.val("broken");
    await host.save(id, "main.ts", "export const a = 1;\nexport const = 2;\n");
    const { status, text, headers } = await host.get("/v/ann/broken@1-main/main.ts");
    expect([status, headers.get("cache-control")]).toEqual([422, "no-store"]);
    expect(text).toMatch(/^This module is not valid:\nmain\.ts:2:14 /);
    expect((await host.get("/v/ann/broken@1-main/main.ts", CLIENT.deno)).status).toBe(200);
  });
});

describe("caching", () => {
  test("a version is kept for good, and what one has is not sent again", async () => {
    const url = "/v/ann/public@4-main/main.tsx";
    const seen = new Set<string>();
    for (const client of [CLIENT.deno, CLIENT.script]) {
      const first = await host.get(url, client);
      expect(first.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      const etag = first.headers.get("etag")!;
      seen.add(etag);
      const again = await host.get(url, { ...client, "if-none-match": etag });
      expect([again.status, again.text, again.headers.get("etag")]).toEqual([304, "", etag]);
      expect((await host.get(url, { ...client, "if-match": '"other"' })).status).toBe(412);
      const since = first.headers.get("last-modified")!;
      expect((await host.get(url, { ...client, "if-modified-since": since })).status).toBe(304);
    }
    expect(seen.size).toBe(2);
  });

  test("HEAD tells the same without the body, OPTIONS lets any page send a token, and nothing can be written", async () => {
    const url = "/v/ann/public@4-main/main.tsx";
    const head = await host.get(url, CLIENT.script, "HEAD");
    const get = await host.get(url);
    expect([head.status, head.text]).toEqual([200, ""]);
    for (const name of ["etag", "content-type", "cache-control", "access-control-allow-origin"])
      expect([name, head.headers.get(name)]).toEqual([name, get.headers.get(name)]);
    const asked = { "access-control-request-headers": "authorization" };
    const preflight = await host.get(url, { ...CLIENT.script, ...asked }, "OPTIONS");
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toBe("authorization");
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    const written = await host.get(url, CLIENT.script, "PUT");
    expect([written.status, written.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
  });

  test("each module has one address, however its name is written", async () => {
    const id = await host.town.val("odd");
    await host.save(id, "[id]$(x).ts", "export default 1;");
    for (const path of ["[id]$(x).ts", "%5Bid%5D%24(x).ts", "[id]%24(x).ts"])
      expect((await host.get(`/v/ann/odd@1-main/${path}`)).status).toBe(200);
    const other = await host.get("/v/ANN/odd@1-main/[id]$(x).ts");
    expect(other.headers.get("location")).toBe("/v/ann/odd@1-main/%5Bid%5D%24(x).ts");
  });

  test("a version stays as it was through saves, renames and deletions", async () => {
    const id = await host.town.val("lasting");
    await host.save(id, "a.ts", "export default 1;");
    await host.save(id, "a.ts", "export default 2;");
    await host.town.expect(200, "PUT", `/v2/vals/${id}/files?path=a.ts`, { json: { name: "b.ts" } });
    await host.save(id, "a.ts", "export default 4;");
    await host.town.expect(204, "DELETE", `/v2/vals/${id}/files?path=b.ts`);
    const read = async (path: string) => {
      const { status, text } = await host.get(`/v/ann/lasting@${path}`, CLIENT.deno);
      return status === 200 ? text : status;
    };
    expect(await Promise.all(["1-main/a.ts", "2-main/a.ts", "3-main/a.ts", "4-main/a.ts"].map(read))).toEqual(
      ["export default 1;", "export default 2;", 404, "export default 4;"],
    );
    expect(await Promise.all(["2-main/b.ts", "3-main/b.ts", "5-main/b.ts"].map(read))).toEqual([
      404,
      "export default 2;",
      404,
    ]);
  });
});

describe("what is not there", () => {
  const MISSING: readonly [path: string, says: RegExp][] = [
    ["/v/ann/none/main.ts", /There is no val ann\/none here, or it is private/],
    ["/v/nobody/none", /There is no val nobody\/none here/],
    ["/v/ann/public@draft/main.tsx", /ann\/public has no branch draft/],
    ["/v/ann/public@99-main/main.tsx", /ann\/public has no version 99; its newest is 4/],
    ["/v/ann/public/main.tsx?v=99", /has no version 99/],
    ["/v/ann/public@4-main/none.ts", /There is no file none\.ts in version 4 of ann\/public\.$/m],
    ["/v/ann/public@4-main/main", /There is no file main in version 4 .* needs its file extension/],
    ["/v/ann/public@4-main/lib", /There is no file lib/],
    ["/v/ann/public@0-main", /ann\/public has no module/],
    ["/v/ann/public?v=new", /No module has such an address/],
    ["/v/ann", /look like \/v\/USER\/VAL\/PATH/],
    ["/", /No module has such an address/],
    ["/v/ann/public@4-main/..%2f..%2fetc%2fpasswd", /There is no file/],
    ["/v/std/blob", /There is no val std\/blob/],
  ];
  test.each(MISSING)("%s: %p", async (path, says) => {
    const { status, text, headers } = await host.get(path);
    expect([status, headers.get("content-type")]).toEqual([404, "text/plain; charset=utf-8"]);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(text).toMatch(says);
  });
});
