/** Where an error came from is told by the addresses and lines that its author knows, at every level of walls and of build. */

import { describe, expect, test } from "bun:test";
import { startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";
import { logLine } from "./support/val-logs.ts";

const VAL = `interface Asked { readonly path: string }
function thrower(asked: Asked): never {
  throw new TypeError("boom at " + asked.path);
}
export default (request: Request): Response => {
  const path = new URL(request.url).pathname;
  if (path === "/log") console.log(new Error("logged " + path));
  if (path === "/throw") thrower({ path });
  if (path === "/later") setTimeout(() => thrower({ path }), 0);
  if (path === "/promise") Promise.resolve({ path }).then(thrower);
  return new Response("fine");
};`;
/** A computed import: module by module. */
const UNBUNDLED = `const name = ["./main", ".http.ts"].join(""); export const itself = () => import(name);\n`;
const LOADS =
  'interface A { readonly a: string }\nconst a: A = { a: "b" };\n  throw new Error("boom at load " + a.a);';

const HOST_PATH = /file:|\/tmp\/|\/hamlet\/|bundle\.js|[0-9a-f]{32}\.js/;

async function said(hamlet: TestHamlet, val: TestVal, pattern: RegExp): Promise<string> {
  const { text } = await logLine(hamlet, val, pattern);
  expect(text).not.toMatch(HOST_PATH);
  return text;
}

for (const sandbox of ["auto", "deno"]) {
  describe(`with walls of ${sandbox}`, () => {
    for (const [kind, before] of [
      ["bundled", ""],
      ["unbundled", UNBUNDLED],
    ] as const) {
      test(`of a ${kind} val, logged, thrown, and thrown when nobody listens`, async () => {
        await using hamlet = await startHamlet({ args: ["--sandbox", sandbox] });
        const val = await hamlet.val("frames", before + VAL);
        const line = before === "" ? 3 : 4;
        const where = (at: number, column: number) =>
          new RegExp(`https://esm\\.town/v/tester/frames@\\d+-main/main\\.http\\.ts:${at}:${column}`);
        for (const path of ["/log", "/throw", "/later", "/promise"]) await hamlet.fetch(val, path);
        expect(await said(hamlet, val, /logged \/log/)).toMatch(where(line + 4, 36));
        for (const path of ["throw", "later", "promise"]) {
          const text = await said(hamlet, val, new RegExp(`boom at /${path}`));
          expect(text).toMatch(where(line, 9));
          expect(text).toContain("thrower");
        }
      });

      test(`of a ${kind} val that fails while it loads`, async () => {
        await using hamlet = await startHamlet({ args: ["--sandbox", sandbox] });
        const val = await hamlet.val("loading", before + LOADS);
        expect((await hamlet.fetch(val)).headers.get("x-hamlet-error")).toBe("load_failed");
        const text = await said(hamlet, val, /boom at load b/);
        expect(text).toContain(`main.http.ts:${before === "" ? 3 : 4}:9`);
        expect(text).toMatch(/https:\/\/esm\.town\/v\/tester\/loading@\d+-main\//);
      });
    }
  });
}
