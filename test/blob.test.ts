/** What the blob service promises, wherever it keeps the bytes. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { BlobError } from "../src/services/blob.ts";
import { inPieces, makeBytes, makeStand, SHELVES, type Shelf } from "./support/blobs.ts";

const MB = 1024 * 1024;

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "none",
    (error: BlobError) => error.failure,
  );

describe.each(SHELVES.map(({ title, start }) => [title, start] as const))("blobs %s", (_, start) => {
  const check = test.skipIf(start === undefined);
  let shelf: Shelf;
  beforeAll(async () => {
    if (start !== undefined) shelf = await start();
  });
  afterAll(() => shelf?.[Symbol.asyncDispose]());

  check.each([0, 1, 65_536, 256 * 1024, 3 * MB + 7, 12 * MB + 1])(
    "%d bytes come back as they were put, in pieces or at once",
    async (length) => {
      await using stand = await makeStand(shelf);
      const bytes = makeBytes(length);
      expect(await stand.blobs.put(stand.scope, "pieces", inPieces(bytes, 50_000))).toEqual({ size: length });
      expect(await stand.blobs.put(stand.scope, "once", bytes)).toEqual({ size: length });
      for (const key of ["pieces", "once"]) expect(Buffer.compare((await stand.read(key))!, bytes)).toBe(0);
    },
  );

  check("a blob tells its size, its time, its type and a tag that changes with its content", async () => {
    await using stand = await makeStand(shelf);
    const before = Date.now();
    await stand.blobs.put(stand.scope, "a", Buffer.from("one"), { contentType: "text/x-a; b=c" });
    const one = (await stand.blobs.get(stand.scope, "a"))!;
    expect([one.size, one.contentType]).toEqual([3, "text/x-a; b=c"]);
    expect(one.lastModified).toBeGreaterThanOrEqual(before);
    expect(one.lastModified).toBeLessThanOrEqual(Date.now());
    expect(one.etag).toMatch(/^"[0-9a-f]{64}"$/);
    await stand.blobs.put(stand.scope, "a", Buffer.from("two"));
    const two = (await stand.blobs.get(stand.scope, "a"))!;
    expect([two.etag === one.etag, two.contentType]).toEqual([false, undefined]);
    const [listed] = await stand.blobs.list(stand.scope);
    expect(listed).toEqual({ key: "a", size: 3, lastModified: new Date(two.lastModified).toISOString() });
  });

  check("a key may be any text, and is never a path or a pattern", async () => {
    await using stand = await makeStand(shelf);
    const keys = [
      "/",
      "//",
      "/etc/passwd",
      "../../up",
      "..",
      ".",
      "a/b",
      "a//b",
      "a/./b",
      "a%2Fb",
      "A/B",
      " ",
      "a b ",
      "new\nline\r\t",
      "%",
      "_",
      "*",
      "\\",
      "'; drop table blobs; --",
      '"quoted"',
      "é",
      "e\u0301",
      "漢字/🙂.txt",
      "\u{10ffff}",
      "\u0001",
      "x".repeat(512),
      "🙂".repeat(512),
    ];
    for (const key of keys) await stand.blobs.put(stand.scope, key, Buffer.from(`of ${key}`));
    for (const key of keys) expect(await stand.readText(key)).toBe(`of ${key}`);
    const sorted = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(await stand.keys()).toEqual(sorted);
    for (const prefix of ["", "/", "a", "a/", "%", "_", "*", "é", "e", "漢", "\u{10ffff}", "x", "nothing"])
      expect([prefix, await stand.keys(prefix)]).toEqual([
        prefix,
        sorted.filter((k) => k.startsWith(prefix)),
      ]);
    for (const key of keys) expect(await stand.blobs.delete(stand.scope, key)).toBe(true);
    expect(await stand.objects()).toBe(0);
  });

  check("what is no key is refused with a reason", async () => {
    await using stand = await makeStand(shelf);
    for (const key of ["", "x".repeat(513), "🙂".repeat(513), "a\0b", "half \ud83d"]) {
      expect(await failureOf(stand.blobs.put(stand.scope, key, Buffer.from("x")))).toBe("bad_key");
      expect(await failureOf(stand.blobs.get(stand.scope, key))).toBe("bad_key");
      expect(await failureOf(stand.blobs.delete(stand.scope, key))).toBe("bad_key");
      expect(await failureOf(stand.blobs.copy(stand.scope, "a", key))).toBe("bad_key");
      expect(await failureOf(stand.blobs.move(stand.scope, key, "a"))).toBe("bad_key");
    }
    await expect(stand.blobs.put(stand.scope, "a\0b", Buffer.from("x"))).rejects.toThrow("but NUL (U+0000)");
    expect(await stand.keys("a\0")).toEqual([]);
    expect(await stand.keys("\ud83d")).toEqual([]);
    expect(await stand.objects()).toBe(0);
  });

  check("what is not there is not found, and deleting it is no error", async () => {
    await using stand = await makeStand(shelf);
    expect(await stand.blobs.get(stand.scope, "a")).toBeUndefined();
    expect(await stand.blobs.delete(stand.scope, "a")).toBe(false);
    expect(await stand.blobs.copy(stand.scope, "a", "b")).toBe(false);
    expect(await stand.blobs.move(stand.scope, "a", "b")).toBe(false);
    await stand.blobs.put(stand.scope, "a", Buffer.from("x"));
    expect(await stand.blobs.delete(stand.scope, "a")).toBe(true);
    expect(await stand.blobs.get(stand.scope, "a")).toBeUndefined();
  });

  check("a copy is a blob of its own, though the bytes are kept once", async () => {
    await using stand = await makeStand(shelf);
    await stand.blobs.put(stand.scope, "a", Buffer.from("first"), { contentType: "text/a" });
    await stand.blobs.put(stand.scope, "b", Buffer.from("in the way"));
    expect(await stand.blobs.copy(stand.scope, "a", "b")).toBe(true);
    expect(await stand.blobs.copy(stand.scope, "a", "a")).toBe(true);
    expect(await stand.objects()).toBe(1);
    expect(await stand.blobs.usage(stand.userId)).toBe(10);
    await stand.blobs.put(stand.scope, "a", Buffer.from("second"));
    expect([await stand.readText("a"), await stand.readText("b")]).toEqual(["second", "first"]);
    expect((await stand.blobs.get(stand.scope, "b"))!.contentType).toBe("text/a");
    await stand.blobs.delete(stand.scope, "a");
    expect(await stand.readText("b")).toBe("first");
    await stand.blobs.delete(stand.scope, "b");
    expect(await stand.objects()).toBe(0);
  });

  check("a move leaves nothing at the old key and replaces what is at the new one", async () => {
    await using stand = await makeStand(shelf);
    await stand.blobs.put(stand.scope, "a", Buffer.from("first"));
    await stand.blobs.put(stand.scope, "b", Buffer.from("in the way"));
    expect(await stand.blobs.move(stand.scope, "a", "b")).toBe(true);
    expect(await stand.blobs.move(stand.scope, "b", "b")).toBe(true);
    expect(await stand.keys()).toEqual(["b"]);
    expect(await stand.readText("b")).toBe("first");
    expect(await stand.objects()).toBe(1);
  });

  check("each val has a store of its own beside that of the account", async () => {
    await using stand = await makeStand(shelf);
    const [one, two] = [await stand.val("one"), await stand.val("two")];
    for (const scope of [stand.scope, one, two]) await stand.blobs.put(scope, "same", Buffer.from(scope.id));
    for (const scope of [stand.scope, one, two]) {
      expect(await stand.readText("same", scope)).toBe(scope.id);
      expect(await stand.keys("", scope)).toEqual(["same"]);
    }
    expect(await stand.blobs.usage(stand.userId)).toBe(3 * 36);
    await stand.blobs.removeScope(one);
    expect(await stand.keys("", one)).toEqual([]);
    expect(await stand.readText("same", two)).toBe(two.id);
    const nobody = { kind: "val", id: stand.userId } as const;
    expect(await failureOf(stand.blobs.put(nobody, "a", Buffer.from("x")))).toBe("no_scope");
    await stand.blobs.removeScope(two);
    expect(await stand.objects()).toBe(1);
  });

  check("a part of a blob can be read", async () => {
    await using stand = await makeStand(shelf);
    const bytes = makeBytes(MB);
    await stand.blobs.put(stand.scope, "a", bytes);
    const blob = (await stand.blobs.get(stand.scope, "a"))!;
    for (const [start, end] of [
      [0, 1],
      [MB - 1, MB],
      [300_000, 900_001],
      [5, 5],
      [0, MB],
    ] as const) {
      const part = await new Response(blob.stream({ start, end })).bytes();
      expect(Buffer.compare(part, bytes.subarray(start, end))).toBe(0);
    }
  });
});
