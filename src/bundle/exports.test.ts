import { expect, test } from "bun:test";
import { resolveField } from "./exports.ts";

const IMPORT = new Set(["deno", "node", "import"]);
const REQUIRE = new Set(["deno", "node", "require"]);

test("a string, or conditions alone, are about the package itself", () => {
  expect(resolveField("./a.js", ".", IMPORT)).toBe("./a.js");
  expect(resolveField("./a.js", "./a.js", IMPORT)).toBeUndefined();
  const dual = { import: "./a.mjs", require: { types: "./a.d.ts", default: "./a.cjs" } };
  expect(resolveField(dual, ".", IMPORT)).toBe("./a.mjs");
  expect(resolveField(dual, ".", REQUIRE)).toBe("./a.cjs");
});

test("the first condition that holds and leads somewhere is taken", () => {
  const field = { ".": { browser: "./b.js", node: { require: "./r.cjs" }, default: "./d.js" } };
  expect(resolveField(field, ".", IMPORT)).toBe("./d.js");
  expect(resolveField(field, ".", REQUIRE)).toBe("./r.cjs");
  expect(resolveField({ ".": { node: null, default: "./d.js" } }, ".", IMPORT)).toBeUndefined();
  expect(resolveField({ ".": [{ browser: "./b.js" }, "./d.js"] }, ".", IMPORT)).toBe("./d.js");
});

test("of several patterns the most specific one is taken, and a closed one closes", () => {
  const field = {
    "./*": "./src/*.js",
    "./lib/*": "./lib/*/main.js",
    "./lib/*.json": "./data/*.json",
    "./private/*": null,
    "./old/": "./older/",
  };
  expect(resolveField(field, "./a", IMPORT)).toBe("./src/a.js");
  expect(resolveField(field, "./lib/a/b", IMPORT)).toBe("./lib/a/b/main.js");
  expect(resolveField(field, "./lib/a.json", IMPORT)).toBe("./data/a.json");
  expect(resolveField(field, "./private/a", IMPORT)).toBeUndefined();
  expect(resolveField(field, "./old/a.js", IMPORT)).toBe("./older/a.js");
});

test("names of its own lead to files or to other packages", () => {
  const field = { "#a": { node: "./a.js" }, "#b": "other/b", "#c/*": "./c/*.js" };
  expect(resolveField(field, "#a", IMPORT)).toBe("./a.js");
  expect(resolveField(field, "#b", IMPORT)).toBe("other/b");
  expect(resolveField(field, "#c/x", IMPORT)).toBe("./c/x.js");
  expect(resolveField(field, "#d", IMPORT)).toBeUndefined();
});

test("what is no such field leads nowhere, however deep", () => {
  for (const field of [null, undefined, 1, true]) expect(resolveField(field, ".", IMPORT)).toBeUndefined();
  let deep: unknown = "./a.js";
  for (let i = 0; i < 1000; i++) deep = { default: deep };
  expect(resolveField(deep, ".", IMPORT)).toBeUndefined();
  expect(resolveField({ ".": "./$&.js", "./*": "./*.js" }, "./$&", IMPORT)).toBe("./$&.js");
});
