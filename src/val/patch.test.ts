import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyPatch } from "diff";
import { makeRandom } from "../../test/support/store.ts";
import { hunksOf, unified } from "./patch.ts";

test("a difference shows three lines around each change, and says when the last line has no end", () => {
  const before = `${Array.from({ length: 20 }, (_, i) => `line ${i + 1}`).join("\n")}`;
  const after = before.replace("line 5\n", "").replace("line 20", "line twenty\n");
  expect(unified("a.ts", "b.ts", hunksOf(before, after))).toBe(
    [
      "--- a/a.ts",
      "+++ b/b.ts",
      "@@ -2,7 +2,6 @@",
      " line 2",
      " line 3",
      " line 4",
      "-line 5",
      " line 6",
      " line 7",
      " line 8",
      "@@ -17,4 +16,4 @@",
      " line 17",
      " line 18",
      " line 19",
      "-line 20",
      "\\ No newline at end of file",
      "+line twenty",
      "",
    ].join("\n"),
  );
  expect(unified(null, "a", hunksOf("", "one\n"))).toBe("--- /dev/null\n+++ b/a\n@@ -0,0 +1 @@\n+one\n");
  expect(unified("a", null, hunksOf("one\n", ""))).toBe("--- a/a\n+++ /dev/null\n@@ -1 +0,0 @@\n-one\n");
});

test("whatever changed: who applies the difference to the old text gets the new one", () => {
  const random = makeRandom(5);
  for (let round = 0; round < 1000; round++) {
    const make = () =>
      Array.from({ length: random(30) }, () => `${"ab"[random(2)]}\n`).join("") + (random(2) ? "end" : "");
    const [before, after] = [make(), make()];
    const hunks = hunksOf(before, after);
    if (before === after) expect(hunks).toEqual([]);
    else expect(applyPatch(before, unified("f", "f", hunks), { fuzzFactor: 0 })).toBe(after);
  }
});

test("patch(1) agrees, where there is one", () => {
  if (Bun.which("patch") === null) return;
  const folder = mkdtempSync(join(tmpdir(), "patch-"));
  try {
    writeFileSync(join(folder, "f"), "1\n2\n3\n");
    writeFileSync(join(folder, "p"), unified("f", "f", hunksOf("1\n2\n3\n", "0\n1\n3\nend")));
    expect(Bun.spawnSync(["patch", "-p1", "-i", "p"], { cwd: folder }).exitCode).toBe(0);
    expect(readFileSync(join(folder, "f"), "utf8")).toBe("0\n1\n3\nend");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
