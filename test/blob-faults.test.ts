/** What goes wrong with blobs takes nothing away and leaves nothing behind, wherever the bytes are kept. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readlinkSync } from "node:fs";
import type { BlobError } from "../src/services/blob.ts";
import { inPieces, makeBytes, makeStand, SHELVES, type Shelf, type Stand } from "./support/blobs.ts";

const MB = 1024 * 1024;

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "none",
    (error: BlobError) => error.failure,
  );

/** A body whose pieces a test hands out one by one. */
function makeBody() {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  let left = "no";
  const stream = new ReadableStream<Uint8Array>({
    start(one) {
      controller = one;
    },
    cancel() {
      left = "yes";
    },
  });
  return {
    stream,
    give: (bytes: Uint8Array) => controller.enqueue(bytes),
    end: () => controller.close(),
    cancelled: () => left,
  };
}

describe.each(SHELVES.map(({ title, start }) => [title, start] as const))("blobs %s", (_, start) => {
  const check = test.skipIf(start === undefined);
  let shelf: Shelf;
  beforeAll(async () => {
    if (start !== undefined) shelf = await start();
  });
  afterAll(() => shelf?.[Symbol.asyncDispose]());

  check.each([100, 300_000, 12 * MB])(
    "a body that fails after %d bytes leaves the old value and nothing of the new one",
    async (length) => {
      await using stand = await makeStand(shelf);
      await stand.blobs.put(stand.scope, "a", Buffer.from("old"));
      const body = inPieces(makeBytes(length), 64 * 1024, new Error("the sender is gone"));
      expect(await failureOf(stand.blobs.put(stand.scope, "a", body))).toBe("cut_off");
      expect(await stand.readText("a")).toBe("old");
      expect(await stand.objects()).toBe(1);
    },
  );

  check("of writers at the same time one stays, whole", async () => {
    await using stand = await makeStand(shelf);
    const values = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => makeBytes(400_000 + seed, seed));
    await Promise.all(values.map((value) => stand.blobs.put(stand.scope, "a", inPieces(value, 10_000))));
    const bytes = (await stand.read("a"))!;
    expect(Buffer.compare(bytes, values[bytes.length - 400_001]!)).toBe(0);
    expect(await stand.objects()).toBe(1);
  });

  check("of writers at the same time the one that ends last stays", async () => {
    await using stand = await makeStand(shelf);
    const [early, late] = [makeBody(), makeBody()];
    const first = stand.blobs.put(stand.scope, "a", late.stream);
    const second = stand.blobs.put(stand.scope, "a", early.stream);
    for (const body of [early, late]) body.give(makeBytes(1000));
    early.end();
    await second;
    expect((await stand.blobs.get(stand.scope, "a"))!.size).toBe(1000);
    late.give(makeBytes(1000));
    late.end();
    await first;
    expect((await stand.blobs.get(stand.scope, "a"))!.size).toBe(2000);
    expect(await stand.objects()).toBe(1);
  });

  check("who reads a blob gets all of it, though it is replaced and deleted meanwhile", async () => {
    await using stand = await makeStand(shelf);
    const bytes = makeBytes(8 * MB);
    await stand.blobs.put(stand.scope, "a", bytes);
    const [slow, quick] = [
      (await stand.blobs.get(stand.scope, "a"))!.stream().getReader(),
      (await stand.blobs.get(stand.scope, "a"))!.stream(),
    ];
    const parts = [(await slow.read()).value!];
    await stand.blobs.put(stand.scope, "a", Buffer.from("new"));
    await stand.blobs.delete(stand.scope, "a");
    expect(await stand.objects()).toBe(1);
    await quick.cancel();
    expect(await stand.objects()).toBe(1);
    for (let read = await slow.read(); !read.done; read = await slow.read()) parts.push(read.value);
    expect(Buffer.compare(Buffer.concat(parts), bytes)).toBe(0);
    expect(await stand.objects()).toBe(0);
  });

  check.each(["changed", "cut"] as const)(
    "a damaged object (%s) is never taken for a whole one",
    async (how) => {
      await using stand = await makeStand(shelf);
      await stand.blobs.put(stand.scope, "a", makeBytes(3 * MB));
      await stand.blobs.close();
      const [name = ""] = await shelf.names();
      await shelf.damage(name, how);
      const reader = (await stand.blobs.get(stand.scope, "a"))!.stream().getReader();
      let got = 0;
      const readAll = async () => {
        for (let read = await reader.read(); !read.done; read = await reader.read()) got += read.value.length;
      };
      expect(await failureOf(readAll())).toBe("corrupt");
      expect(got).toBeLessThan(3 * MB);
    },
  );

  check("an object that is lost is an error, and can be replaced and deleted", async () => {
    await using stand = await makeStand(shelf);
    for (const key of ["a", "b"]) await stand.blobs.put(stand.scope, key, Buffer.from("x"));
    for (const name of await shelf.names()) await shelf.objects.remove(name);
    expect(await failureOf(stand.read("a"))).toBe("storage");
    await stand.blobs.put(stand.scope, "a", Buffer.from("new"));
    expect(await stand.readText("a")).toBe("new");
    expect(await stand.blobs.delete(stand.scope, "b")).toBe(true);
  });

  check("what a killed server left behind is removed at the next start, and nothing else", async () => {
    await using stand = await makeStand(shelf);
    await stand.blobs.put(stand.scope, "a", Buffer.from("x"));
    const gone = await stand.val("gone");
    await stand.blobs.put(gone, "b", Buffer.from("y"));
    await stand.store.vals.remove(gone.id);
    await stand.store.blobs.reserve(["0".repeat(32), "1".repeat(32)]);
    const writer = await shelf.objects.create("0".repeat(32));
    await writer.write(Buffer.from("half of so"));
    await writer.commit();
    expect(await stand.objects()).toBe(3);
    await stand.start();
    expect(await stand.objects()).toBe(1);
    expect(await stand.readText("a")).toBe("x");
    expect(await stand.blobs.usage(stand.userId)).toBe(1);
    expect(await stand.store.blobs.leftovers()).toEqual([]);
  });

  describe("the quota of an account", () => {
    const QUOTA = 100_000;
    const put = (stand: Stand, key: string, bytes: number, scope = stand.scope) =>
      failureOf(stand.blobs.put(scope, key, inPieces(makeBytes(bytes), 10_000)));

    check("counts the account's store and those of its vals together", async () => {
      await using stand = await makeStand(shelf, QUOTA);
      const val = await stand.val("one");
      expect(await put(stand, "a", 60_000)).toBe("none");
      expect(await put(stand, "a", 40_000, val)).toBe("none");
      expect(await put(stand, "b", 1, val)).toBe("quota");
      expect(await put(stand, "b", 0, val)).toBe("none");
      expect(await stand.blobs.usage(stand.userId)).toBe(QUOTA);
      await stand.blobs.removeScope(val);
      expect(await put(stand, "b", 40_000)).toBe("none");
      const other = await stand.store.users.create({ username: "bob" });
      expect(await put(stand, "a", QUOTA, { kind: "user", id: other.id })).toBe("none");
      await stand.blobs.removeScope({ kind: "user", id: other.id });
    });

    check("refuses as soon as it is exceeded, keeps the old value and nothing of the new one", async () => {
      await using stand = await makeStand(shelf, QUOTA);
      await stand.blobs.put(stand.scope, "a", Buffer.from("old"));
      const body = makeBody();
      const refused = failureOf(stand.blobs.put(stand.scope, "a", body.stream));
      body.give(makeBytes(60_000));
      body.give(makeBytes(60_000));
      // The body has not ended, nor does it go on.
      expect(await refused).toBe("quota");
      expect(body.cancelled()).toBe("yes");
      expect(await stand.readText("a")).toBe("old");
      expect(await stand.objects()).toBe(1);
      const announced = stand.blobs.put(stand.scope, "a", makeBody().stream, { size: QUOTA + 1 });
      expect(await failureOf(announced)).toBe("quota");
      const { message } = await stand.blobs.put(stand.scope, "b", makeBytes(QUOTA)).catch((error) => error);
      expect(message).toContain("over its quota of 97.7 KB for all its blobs. Delete some,");
    });

    check("lets a blob be replaced by one of its size, though there is no room for both", async () => {
      await using stand = await makeStand(shelf, QUOTA);
      for (let i = 0; i < 3; i++) expect(await put(stand, "a", QUOTA)).toBe("none");
      expect(await put(stand, "a", QUOTA + 1)).toBe("quota");
      expect(await stand.blobs.copy(stand.scope, "a", "a")).toBe(true);
      expect(await failureOf(stand.blobs.copy(stand.scope, "a", "b"))).toBe("quota");
      expect(await stand.blobs.move(stand.scope, "a", "b")).toBe(true);
    });

    check("is not exceeded by uploads at the same time", async () => {
      await using stand = await makeStand(shelf, QUOTA);
      const outcomes = await Promise.all([..."abcdefgh"].map((key) => put(stand, key, 30_000)));
      const kept = outcomes.filter((outcome) => outcome === "none").length;
      expect(kept).toBeLessThanOrEqual(3);
      expect(outcomes.filter((outcome) => outcome === "quota")).toHaveLength(8 - kept);
      expect(await stand.blobs.usage(stand.userId)).toBe(kept * 30_000);
      expect(await stand.objects()).toBe(kept);
    });
  });
});

test("a file is closed when its reader leaves, at whatever moment", async () => {
  await using shelf = await SHELVES[0]!.start!();
  await using stand = await makeStand(shelf);
  await stand.blobs.put(stand.scope, "a", makeBytes(4 * MB));
  const [name = ""] = await shelf.names();
  const open = () => readdirSync("/proc/self/fd").filter((fd) => linkOf(fd).endsWith(name)).length;
  const blob = (await stand.blobs.get(stand.scope, "a"))!;
  await blob.stream().cancel();
  const begun = blob.stream().getReader();
  const reading = begun.read();
  await begun.cancel();
  await reading;
  const readers = Array.from({ length: 5 }, () => blob.stream().getReader());
  await Promise.all(readers.map((reader) => reader.read()));
  expect(open()).toBe(5);
  await Promise.all(readers.map((reader) => reader.cancel()));
  expect(await new Response(blob.stream()).bytes()).toHaveLength(4 * MB);
  await stand.blobs.close();
  expect(open()).toBe(0);
});

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ""; // It is closed by now.
  }
}
