import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readExamples } from "./examples.ts";

const FOLDER = join(import.meta.dir, "../examples");

test("what an example says of itself is told to its end", async () => {
  for (const { name, description, files } of await readExamples(FOLDER)) {
    const entry = files.find(({ type }) => type === "http")!;
    const [first] = readFileSync(join(FOLDER, name, entry.path), "utf8").split("\n");
    expect(first).toBe(`// ${description}`);
  }
});
