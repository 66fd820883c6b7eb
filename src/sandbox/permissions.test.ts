import { expect, test } from "bun:test";
import { parseEgress } from "./egress.ts";
import { denoEnv, importMap, workerFlags } from "./permissions.ts";

const layout = {
  val: "/a,b/val",
  socketFolder: "/s",
  door: "/door/s",
  scratch: "/t",
  cache: "/c",
  guestFolders: ["/g/guest"],
  guestEntry: "/g/guest/main.ts",
  libraries: { parser: "/lib/parser/main.js" },
};
const flags = workerFlags(layout, parseEgress([], []), 256 * 2 ** 20);
const flag = (name: string) => flags.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3);

test("a worker may read its files and packages, and read and write its scratch, its socket's folder and the town's door", () => {
  expect(flag("allow-read")).toBe("/a,,b/val,/t,/s,/c/npm,/door/s,/lib/parser");
  expect(flag("allow-write")).toBe("/t,/s,/door/s");
});

test("nothing lets a worker start programs, load libraries, be asked or read a val's settings files", () => {
  expect(flags.filter((one) => /allow-(run|ffi|all|scripts)|unsafely|prompt=|inspect/.test(one))).toEqual([]);
  expect(flags).toEqual(expect.arrayContaining(["--no-prompt", "--no-config", "--no-lock", "--cached-only"]));
});

test("every list is bounded but the network's, whose refusals are listed, and the environment's, which is clean", () => {
  const open = flags.filter((one) => /^--allow-[a-z]+$/.test(one));
  expect(open).toEqual(["--allow-env", "--allow-net", "--allow-import"]);
  expect(flag("deny-net")).toContain("127.0.0.0/8");
  const env = denoEnv("/c", "/t");
  expect(env).toMatchObject({ HOME: "/t", TMPDIR: "/t", DENO_DIR: "/c" });
  expect(Object.keys(env).filter((name) => /^(PATH|USER|HAMLET|NPM_CONFIG|.*PROXY)/.test(name))).toEqual([]);
});

test("V8's heap ends below the process's limit", () => {
  const heap = Number(/max-old-space-size=(\d+)/.exec(flags.join(" "))?.[1]);
  expect(heap).toBeGreaterThan(128);
  expect(heap).toBeLessThan(256);
});

test("the import map leads every file outside of the val to nowhere, and only what is ours to what is ours", () => {
  const map = importMap({ ...layout, val: "/a b" });
  const { imports, scopes } = JSON.parse(decodeURIComponent(map.slice("data:application/json,".length)));
  expect(imports).toEqual({
    "file:///": "file:///outside-of-this-val/",
    "file:///a%20b/": "file:///a%20b/",
    "file:///t/": "file:///t/",
    "file:///g/guest/main.ts": "file:///g/guest/main.ts",
  });
  const ours = {
    "file:///g/guest/": "file:///g/guest/",
    "file:///lib/parser/": "file:///lib/parser/",
    parser: "file:///lib/parser/main.js",
  };
  expect(scopes).toEqual({ "file:///g/guest/": ours, "file:///lib/parser/": ours });
});
