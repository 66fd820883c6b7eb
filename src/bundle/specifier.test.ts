import { expect, test } from "bun:test";
import { fromEsmSh, parseNpm, parseValUrl } from "./specifier.ts";

const ESM_SH: readonly [url: string, npm: string | undefined, ...deps: string[]][] = [
  ["https://esm.sh/react", "npm:react"],
  ["https://esm.sh/react@18.2.0", "npm:react@18.2.0"],
  ["https://esm.sh/react@18.2.0/jsx-runtime", "npm:react@18.2.0/jsx-runtime"],
  ["https://esm.sh/react@18.2.0?dev/jsx-runtime", "npm:react@18.2.0/jsx-runtime"],
  ["https://esm.sh/react@%5E18?target=es2022", "npm:react@^18"],
  [
    "https://esm.sh/react-dom@18.2.0/client?deps=react@18.2.0",
    "npm:react-dom@18.2.0/client",
    "npm:react@18.2.0",
  ],
  [
    "https://esm.sh/@emotion/react@11?deps=react@18.2.0,@emotion/css@11",
    "npm:@emotion/react@11",
    "npm:react@18.2.0",
    "npm:@emotion/css@11",
  ],
  ["https://esm.sh/v135/react@18/", "npm:react@18"],
  ["https://esm.sh/stable/react@18", "npm:react@18"],
  ["https://esm.sh/*preact-render-to-string@6.3.1", "npm:preact-render-to-string@6.3.1"],
  ["https://esm.sh/react@18.2.0/es2022/react.mjs", "npm:react@18.2.0"],
  ["https://esm.sh/@scope/pkg@1.0.0/es2022/pkg.mjs", "npm:@scope/pkg@1.0.0"],
  ["https://esm.sh/react-dom@18.2.0/es2022/client.development.js", "npm:react-dom@18.2.0/client"],
  ["https://esm.sh/react@18.2.0&dev", "npm:react@18.2.0"],
  ["https://cdn.esm.sh/lodash-es@4/add", "npm:lodash-es@4/add"],
  ["https://esm.sh/jsr/@std/encoding@1.0.0", "jsr:@std/encoding@1.0.0"],
  ["https://esm.sh/gh/user/repo@tag/mod.ts", undefined],
  ["https://esm.sh.example/react", undefined],
  ["https://example.com/react", undefined],
];
test.each(ESM_SH.map((row) => [row] as const))("%p", ([url, npm, ...deps]) => {
  expect(fromEsmSh(url)).toEqual(npm === undefined ? undefined : { specifier: npm, deps });
});

test("an npm specifier is split", () => {
  expect(parseNpm("npm:hono@4/jsx/dom")).toEqual({ name: "hono", range: "4", sub: "jsx/dom" });
  expect(parseNpm("npm:/@a/b")).toEqual({ name: "@a/b", sub: "" });
  expect(parseNpm("npm:@a")).toBeUndefined();
});

const HOSTS = new Set(["esm.town", "esm.localhost:3000"]);
const VALS: readonly [url: string, val: object | undefined][] = [
  ["https://esm.town/v/ann/tools", { username: "ann", valName: "tools" }],
  ["https://esm.town/v/ann/tools/lib/a.ts", { username: "ann", valName: "tools", path: "lib/a.ts" }],
  [
    "https://esm.town/v/ann/tools/a%20b.ts?v=12",
    { username: "ann", valName: "tools", version: 12, path: "a b.ts" },
  ],
  [
    "https://esm.town/v/ann/tools@7-main/a.ts",
    { username: "ann", valName: "tools", version: 7, branch: "main", path: "a.ts" },
  ],
  [
    "https://esm.town/v/ann/tools@7/a.ts?v=8",
    { username: "ann", valName: "tools", version: 7, path: "a.ts" },
  ],
  [
    "https://esm.town/v/ann/tools@try-it/a.ts",
    { username: "ann", valName: "tools", branch: "try-it", path: "a.ts" },
  ],
  [
    "http://esm.localhost:3000/v/ann/tools@x%2Fy/a.ts",
    { username: "ann", valName: "tools", branch: "x/y", path: "a.ts" },
  ],
  ["https://esm.town/v/ann", undefined],
  ["https://esm.town/x/ann/tools", undefined],
  ["https://esm.example/v/ann/tools", undefined],
];
test.each(VALS)("%s", (url, val) => expect(parseValUrl(url, HOSTS) as object | undefined).toEqual(val));
