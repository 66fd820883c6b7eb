import { expect, test } from "bun:test";
import { deploymentOf } from "../../test/support/pool.ts";
import { asAuthorsKnowIt } from "./frames.ts";

const places = {
  val: "file:///tmp/run/w1/val/",
  packages: "file:///data/deno/npm/",
  guest: ["file:///opt/hamlet/src/guest/", "file:///opt/hamlet/src/wire/"],
};
const known = (text: string) => asAuthorsKnowIt(text, places, deploymentOf("a"));

const CASES: readonly [title: string, text: string, known: string][] = [
  ["a text without places", "file: hello\n at all", "file: hello\n at all"],
  [
    "the val's own files",
    "Error: a\n    at f (file:///tmp/run/w1/val/lib/b.ts:1:2)",
    "Error: a\n    at f (https://esm.town/v/me/a@1-main/lib/b.ts:1:2)",
  ],
  [
    "packages, scoped ones too",
    "    at file:///data/deno/npm/registry.local/sharp/0.33.5/lib/a.js:1:2\n    at file:///data/deno/npm/registry.local/@img/x/1.0.0/b.js:3:4",
    "    at npm:sharp@0.33.5/lib/a.js:1:2\n    at npm:@img/x@1.0.0/b.js:3:4",
  ],
  [
    "our own frames",
    "Error: a\n    at file:///opt/hamlet/src/guest/serve.ts:1:2\n    at async https://esm.town/v/me/a@1-main/a.ts:1:1",
    "Error: a\n    at async https://esm.town/v/me/a@1-main/a.ts:1:1",
  ],
];
for (const [title, text, told] of CASES) test(`${title} are told so`, () => expect(known(text)).toBe(told));
