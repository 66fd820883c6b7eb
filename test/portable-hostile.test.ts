/** Archives that somebody made to do harm, or that were damaged on their way: refused, and nothing is made. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { pack as packStream } from "tar-stream";
import { TAR_END, tarHeader, tarPadding } from "../src/portable/tar-write.ts";
import { pack, unpack } from "./support/archive.ts";
import { makeTown, type Town } from "./support/town.ts";

let town: Town;
beforeAll(async () => {
  town = await makeTown();
});
afterAll(() => town[Symbol.asyncDispose]());

const upload = (body: Uint8Array<ArrayBuffer> | ReadableStream) => town.call("POST", "/v3/import", { body });

const VAL = JSON.stringify({
  name: "v",
  description: null,
  privacy: "public",
  branches: [{ name: "main", parent: null, files: [{ path: "a.ts", type: "script" }] }],
});
const GOOD = { "vals/v/val.json": VAL, "vals/v/files/main/a.ts": "1" };

/** With one header changed before its checksum is made anew. */
function withHeader(change: (head: Uint8Array) => void, body = ""): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.from(body);
  const head = tarHeader("vals/v/more.ts", bytes.length, 0);
  change(head);
  head.fill(0x20, 148, 156);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.set(Buffer.from(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  const good = pack(GOOD).subarray(0, -TAR_END.length);
  return new Uint8Array(Buffer.concat([good, head, bytes, tarPadding(bytes.length), TAR_END]));
}

const put = (text: string, at: number) => (head: Uint8Array) => head.set(Buffer.from(text), at);
const named = (path: string) => pack({ ...GOOD, [path]: "x" });
const good = pack(GOOD);

const REFUSED: readonly [title: string, archive: () => Uint8Array<ArrayBuffer>, says: string][] = [
  ["nothing at all", () => new Uint8Array(0), "cut short"],
  ["no archive", () => new Uint8Array(Buffer.from("x".repeat(2000))), "no tar archive"],
  [
    "a compressed one",
    () =>
      new Uint8Array(
        Buffer.concat([Bun.gzipSync(good), Bun.gzipSync(crypto.getRandomValues(new Uint8Array(999)))]),
      ),
    "no tar archive",
  ],
  ["one without its end", () => good.slice(0, -TAR_END.length), "cut short"],
  ["one with half of its end", () => good.slice(0, -TAR_END.length / 2), "cut short"],
  ["one cut within a file", () => good.slice(0, 512 * 3 + 100), "cut short"],
  [
    "something behind its end",
    () => new Uint8Array(Buffer.concat([good, Buffer.from("more")])),
    "follows the end",
  ],
  ["a wrong checksum", () => good.map((byte, at) => (at === 5 ? byte + 1 : byte)), "checksum"],
  [
    "a wrong checksum further on",
    () => good.map((byte, at) => (at === 1024 + 3 ? byte + 1 : byte)),
    "checksum",
  ],
  ["a path up", () => named("vals/v/files/main/../../../../etc/passwd"), "no name"],
  ["a path that begins up", () => named("../x"), "no name"],
  ["an absolute path", () => named("/etc/passwd"), "no name"],
  ["a path with a backslash", () => named("vals\\v"), "no name"],
  ["a path with an empty part", () => named("vals//v"), "no name"],
  ["a path with a control character", () => named("vals/\u0007"), "no name"],
  ["a path that is too long", () => named(`vals/v/files/main/${"a/".repeat(2000)}b`), "no name"],
  ["a file name that no val has", () => named("vals/v/files/main/a b.ts"), "consists of"],
  ["a file name that is too long", () => named(`vals/v/files/main/${"a".repeat(49)}`), "at most 48"],
  ["an entry twice", () => withHeader(put("vals/v/val.json\0", 0)), "twice"],
  ["a hard link", () => withHeader(put("1", 156)), "a hard link"],
  ["a symbolic link", () => withHeader(put("2", 156)), "a symbolic link"],
  ["a device", () => withHeader(put("3", 156)), "a device"],
  ["a pipe", () => withHeader(put("6", 156)), "a pipe"],
  ["a sparse file", () => withHeader(put("S", 156)), "not known"],
  ["a size that is none", () => withHeader(put("zzzzzzzzzzz\0", 124)), "a number"],
  ["a negative size", () => withHeader(put("-0000000001\0", 124)), "a number"],
  ["a size in another form", () => withHeader(put("\x80\0\0\0\0\0\0\0\0\0\0\x10", 124)), "a number"],
  ["a name that is no UTF-8", () => withHeader((head) => head.set([0xff, 0xfe, 0x41], 0)), "not UTF-8"],
  [
    "a long name of 8 GB",
    () => withHeader((head) => [put("L", 156), put("77777777777\0", 124)].map((one) => one(head))),
    "too long",
  ],
  ["pax records without an end", () => withHeader(put("x", 156), "99999 path=x\n"), "damaged"],
  ["pax records of nonsense", () => withHeader(put("x", 156), "nonsense"), "damaged"],
  ["a pax size that is none", () => withHeader(put("x", 156), "13 size=many\n"), "A size"],
  ["more than an archive may have", () => withHeader(put("77777777777\0", 124)), "at most"],
  ["no hamlet.json", () => withoutHead(), "hamlet.json is missing"],
  ["another format", () => pack({ "hamlet.json": '{"format":"other"}' }), "not as it should be"],
  [
    "a later version",
    () => pack({ "hamlet.json": '{"format":"hamlet","version":2,"kind":"val"}' }),
    "not as it should be",
  ],
];

function withoutHead(): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.from(VAL);
  return new Uint8Array(
    Buffer.concat([tarHeader("vals/v/val.json", bytes.length, 0), bytes, tarPadding(bytes.length), TAR_END]),
  );
}

test.each(REFUSED)("%s is refused", async (_, archive, says) => {
  const { status, json } = await upload(archive());
  expect([status, json.message]).toEqual([expect.any(Number), expect.stringContaining(says)]);
  expect([400, 413]).toContain(status);
  expect(await town.store.vals.findByName("ann", "v")).toBeUndefined();
});

test("a file that is too large is refused before its bytes are read", async () => {
  const size = 240_001;
  const head = tarHeader("vals/v/files/main/b.ts", size, 0);
  let given = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (given === 0)
          controller.enqueue(new Uint8Array(Buffer.concat([pack(GOOD).subarray(0, -1024), head])));
        else controller.enqueue(new Uint8Array(64 * 1024));
        given++;
        if (given === 1000) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  const { status, json } = await upload(body);
  expect([status, json.message]).toEqual([413, expect.stringContaining("too large")]);
  expect(given).toBeLessThan(100);
});

test("a sender who goes away leaves nothing", async () => {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new Uint8Array(pack(GOOD).subarray(0, 1500)));
      controller.error(new Error("gone"));
    },
  });
  const { status } = await upload(body);
  expect(status).toBe(400);
  expect(await town.store.vals.findByName("ann", "v")).toBeUndefined();
  // And the next one is not held up.
  expect((await upload(pack({}))).status).toBe(200);
});

test("archives of other programs are read: long names, unicode, folders, a leading ./, padding at the end", async () => {
  const maker = packStream();
  const deep = `${"folder-of-forty-characters-in-its-name/".repeat(4)}file.ts`;
  const document = {
    name: "other",
    description: "ü",
    privacy: "private",
    branches: [{ name: "main", parent: null, files: [{ path: deep, type: "script" }] }],
  };
  maker.entry({ name: "./", type: "directory" });
  maker.entry({ name: "./hamlet.json" }, JSON.stringify({ format: "hamlet", version: 1, kind: "val" }));
  maker.entry({ name: "./vals/other/", type: "directory" });
  maker.entry({ name: "./vals/other/val.json" }, JSON.stringify(document));
  maker.entry({ name: `./vals/other/files/main/${deep}` }, "// ü");
  maker.entry({ name: "./notes/ünïcode \u{1F600}.txt" }, "not ours");
  maker.finalize();
  const pieces: Uint8Array[] = [];
  for await (const piece of maker) pieces.push(piece as Uint8Array);
  const archive = new Uint8Array(Buffer.concat([...pieces, new Uint8Array(8 * 512)]));
  const { status, json } = await upload(archive);
  expect([status, json.vals?.[0]?.status]).toEqual([200, "made"]);
  const { id } = json.vals[0].val;
  const read = await town.expect(200, "GET", `/v2/vals/${id}/files/content?path=${encodeURIComponent(deep)}`);
  expect(read.text).toBe("// ü");
});

test("what we write is read by others: long names, unicode, and sizes beyond 8 GB", async () => {
  const names = [
    "short",
    `${"long/".repeat(100)}name`,
    "ünïcode/\u{1F600}",
    "x".repeat(100),
    "x".repeat(101),
  ];
  const found = await unpack(pack(Object.fromEntries(names.map((name) => [name, name]))));
  expect([...found.keys()]).toEqual(["hamlet.json", ...names]);
  const huge = Buffer.from(tarHeader("huge", 10 * 1024 ** 3, 0)).toString("latin1");
  expect(huge).toContain("20 size=10737418240\n");
});
