import { expect, test } from "bun:test";
import { rank } from "./rank.ts";

const PATHS = ["lib/main-helper.ts", "main.tsx", "domain.ts", "lib/a/mailing.ts", "README.md"];
const find = (asked: string) => rank(asked, PATHS, (path) => path);

test("what begins with the letters comes first, then what has them, then what has them in their order", () => {
  expect(find("main")).toEqual(["main.tsx", "lib/main-helper.ts", "domain.ts", "lib/a/mailing.ts"]);
  expect(find("lmai")).toEqual(["lib/a/mailing.ts", "lib/main-helper.ts"]);
  expect(find("rdme")).toEqual(["README.md"]);
  expect(find("zz")).toEqual([]);
});

test("without letters all are there as they were, as many as are wanted", () => {
  expect(find("")).toEqual(PATHS);
  expect(rank("", PATHS, (path) => path, 2)).toHaveLength(2);
});
