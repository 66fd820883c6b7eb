import { expect, test } from "bun:test";
import { sayConflict } from "./branches-words.ts";
import { byDay, type Change, sayChanges, sayVersion, type Version } from "./history-words.ts";

const change = (kind: Change["kind"], path: string, more: Partial<Change> = {}): Change => ({
  kind,
  path,
  type: "script",
  modified: true,
  ...more,
});

test("what a save changed is said in one sentence", () => {
  expect(sayChanges([])).toBe("Changed nothing");
  expect(sayChanges([change("modified", "a.ts")])).toBe("Changed a.ts");
  expect(sayChanges([change("renamed", "b.ts", { oldPath: "a.ts" })])).toBe("Renamed a.ts to b.ts");
  expect(sayChanges([change("retyped", "a.ts", { type: "http" })])).toBe("Made a.ts a file of type http");
  const several = [change("added", "a.ts"), change("modified", "b.ts"), change("modified", "c.ts")];
  expect(sayChanges(several)).toBe("Added 1 file, changed 2 files");
  expect(sayChanges(several, 70)).toBe("Changed 70 files");
  const directory = change("added", "lib", { type: "directory" });
  expect(sayChanges([directory, change("added", "lib/a.ts")], 2)).toBe("Added lib/a.ts");
  expect(sayChanges([directory])).toBe("Added lib");
});

test("what made a version is said with the branch and version that it came from", () => {
  const version = (kind: Version["kind"], source: Version["source"] = null): Version => ({
    branchId: "1",
    version: 5,
    kind,
    author: { id: "1", username: "ann" },
    createdAt: "2026-01-01T00:00:00Z",
    source,
    changeCount: 0,
    changes: [],
  });
  const branches = [{ id: "2", name: "dev" }];
  expect(sayVersion(version("create"), branches)).toBe("Created the val");
  expect(sayVersion(version("revert", { branchId: "1", version: 3 }), branches)).toBe(
    "Reverted to version 3",
  );
  expect(sayVersion(version("merge", { branchId: "2", version: 4 }), branches)).toBe("Merged dev, version 4");
  expect(sayVersion(version("merge", { branchId: "9", version: 4 }), branches)).toBe(
    "Merged another branch, version 4",
  );
  expect(sayVersion(version("merge"), branches)).toBe("Merged");
});

test("versions stand under their days, in the order that they came in", () => {
  const today = new Date(2026, 4, 2, 12);
  const at = (...time: [number, number, number, number]) => ({ createdAt: new Date(...time).toISOString() });
  const all = [at(2026, 4, 2, 9), at(2026, 4, 2, 8), at(2026, 4, 1, 23), at(2025, 11, 31, 1)];
  expect(byDay(all, today).map(([day, versions]) => [day, versions.length])).toEqual([
    ["Today", 2],
    ["Yesterday", 1],
    ["Wed, December 31, 2025", 1],
  ]);
});

test("each kind of conflict says what becomes of it", () => {
  const conflict = { path: "c.ts", ours: "a.ts", theirs: "b.ts" };
  expect(sayConflict({ kind: "moved", ...conflict })).toContain("b.ts, the other to a.ts; it stays at a.ts");
  expect(sayConflict({ kind: "path", ...conflict })).toContain("put at c.ts");
});
