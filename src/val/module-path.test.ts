import { expect, test } from "bun:test";
import { versionedModuleUrl } from "./address.ts";
import { type ModulePath, parseModulePath, pickMain } from "./module-path.ts";

const ann = { username: "ann", valName: "hello" };
const ADDRESSES: readonly [address: string, expected: ModulePath | undefined][] = [
  ["/v/ann/hello", ann],
  ["/v/ann/hello/", ann],
  ["/v/@ann/hello", ann],
  ["/v/ann/hello/main.ts", { ...ann, path: "main.ts" }],
  ["/v/ann/hello/a/b%20c.tsx", { ...ann, path: "a/b c.tsx" }],
  ["/v/ann/hello?v=15", { ...ann, version: 15 }],
  ["/v/ann/hello/main.ts?v=0", { ...ann, version: 0, path: "main.ts" }],
  ["/v/ann/hello@3-main/main.ts", { ...ann, version: 3, branch: "main", path: "main.ts" }],
  ["/v/ann/hello%403-main/main.ts", { ...ann, version: 3, branch: "main", path: "main.ts" }],
  ["/v/ann/hello@3-main/main.ts?v=9", { ...ann, version: 3, branch: "main", path: "main.ts" }],
  ["/v/ann/hello@draft/main.ts", { ...ann, branch: "draft", path: "main.ts" }],
  ["/v/ann/hello@draft/main.ts?v=2", { ...ann, version: 2, branch: "draft", path: "main.ts" }],
  ["/v/ann/hello@4-3-draft", { ...ann, version: 4, branch: "3-draft" }],
  ["/v/ann/hello@7", { ...ann, branch: "7" }],
  ["/v/ann/hello@/main.ts", undefined],
  ["/v/ann/hello?v=", undefined],
  ["/v/ann/hello?v=latest", undefined],
  ["/v/ann/hello?v=-1", undefined],
  ["/v/ann/@3-main/main.ts", undefined],
  ["/v/ann", undefined],
  ["/v//hello/main.ts", undefined],
  ["/x/ann/hello", undefined],
  ["/v/ann/hello/%E0%A4%A", undefined],
  ["/", undefined],
  ["", undefined],
];

test.each(ADDRESSES)("%p names %p", (address, expected) => {
  const [pathname = "", query] = address.split("?");
  expect(parseModulePath(pathname, query === undefined ? "" : `?${query}`)).toEqual(expected);
});

test("what a module calls itself is read as what it is", () => {
  const file = { ...ann, version: 12, branch: "a.b$(c)", path: "d/[id].tsx" };
  expect(parseModulePath(new URL(versionedModuleUrl("https://esm.town", file)).pathname)).toEqual(file);
});

const MAINS: readonly [
  files: [path: string, type?: "http" | "script" | "file" | "directory"][],
  main: string | undefined,
][] = [
  [[["main.ts"], ["main.tsx"], ["a.ts"]], "main.tsx"],
  [[["main.js"], ["main.ts"]], "main.ts"],
  [
    [
      ["x/main.ts", "script"],
      ["z.ts", "http"],
      ["a.ts", "script"],
    ],
    "z.ts",
  ],
  [
    [
      ["b.ts", "script"],
      ["a.ts", "script"],
    ],
    "a.ts",
  ],
  [[["README.md"], ["b.tsx"]], "b.tsx"],
  [
    [
      ["notes.ts", "file"],
      ["lib.ts", "directory"],
    ],
    undefined,
  ],
  [[], undefined],
];

test.each(MAINS)("the main file of %p is %p", (files, main) => {
  expect(pickMain(files.map(([path, type]) => (type === undefined ? { path } : { path, type })))).toBe(main);
});
