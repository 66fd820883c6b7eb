import { expect, test } from "bun:test";
import { type DraftStorage, Drafts, digest } from "./drafts.ts";

function storageOf(map = new Map<string, string>(), limit = Number.POSITIVE_INFINITY): DraftStorage {
  return {
    get length() {
      return map.size;
    },
    key: (at) => [...map.keys()][at] ?? null,
    getItem: (key) => map.get(key) ?? null,
    removeItem: (key) => void map.delete(key),
    setItem(key, value) {
      if (value.length > limit) throw new DOMException("full", "QuotaExceededError");
      map.set(key, value);
    },
  };
}

test("a draft is found again, by another page too, until it is dropped", () => {
  const map = new Map<string, string>();
  expect(new Drafts(storageOf(map), { now: () => 7 }).put("f", "typed", "b")).toBe(true);
  const other = new Drafts(storageOf(map));
  expect(other.get("f")).toEqual({ text: "typed", base: "b", at: 7 });
  other.drop("f");
  expect(other.get("f")).toBeUndefined();
});

test("the oldest drafts make room for a new one, and what is not a draft stays as it is", () => {
  let now = 0;
  const map = new Map([
    ["hamlet-pane-files", "200"],
    ["hamlet-draft:broken", "{"],
  ]);
  const drafts = new Drafts(storageOf(map), { now: () => ++now, maxChars: 25 });
  for (const id of ["a", "b", "c"]) drafts.put(id, "x".repeat(10), "b");
  expect(["a", "b", "c"].filter((id) => drafts.get(id))).toEqual(["b", "c"]);
  now += 100 * 86_400_000;
  drafts.put("d", "x", "b");
  expect(["b", "c", "d"].filter((id) => drafts.get(id))).toEqual(["d"]);
  expect(map.get("hamlet-pane-files")).toBe("200");
});

test("a browser that keeps nothing, or no more, is no failure", () => {
  expect(new Drafts(storageOf(new Map(), 5)).put("f", "long text", "b")).toBe(false);
  const closed = new Proxy({} as DraftStorage, {
    get() {
      throw new DOMException("no", "SecurityError");
    },
  });
  const drafts = new Drafts(closed);
  expect(drafts.put("f", "text", "b")).toBe(false);
  expect(drafts.get("f")).toBeUndefined();
  drafts.drop("f");
});

test("digests tell texts apart", () => {
  expect(digest("a")).toBe(digest("a"));
  expect(new Set(["", "a", "b", "ab", "ba", "a".repeat(80_000)].map(digest)).size).toBe(6);
});
