import { expect, test } from "bun:test";
import { listFolder, pictureType, readText, stepsTo } from "./blob-keys.ts";

const blob = (key: string, size = 1) => ({ key, size, lastModified: "" });

test("keys are shown as folders, and none is lost", () => {
  const all = ["a/b/1", "a/2", "a/b/", "c", "/x", "//y", "d/"].map((key, at) => blob(key, at + 1));
  const root = listFolder(all, "");
  expect(root.folders.map(({ prefix, count, size }) => [prefix, count, size])).toEqual([
    ["a/", 3, 6],
    ["/", 2, 11],
  ]);
  expect(root.blobs.map(({ key }) => key)).toEqual(["c", "d/"]);
  expect(listFolder(all, "a/").blobs.map(({ key }) => key)).toEqual(["a/2", "a/b/"]);
  expect(listFolder(all, "/").folders.map(({ prefix }) => prefix)).toEqual(["//"]);
  const count = (prefix: string): number => {
    const { folders, blobs } = listFolder(all, prefix);
    return blobs.length + folders.reduce((sum, one) => sum + count(one.prefix), 0);
  };
  // "a/b/" stands beside the folder, which holds it too.
  expect(count("")).toBeGreaterThanOrEqual(all.length);
});

test("a prefix has a step for each folder", () => {
  expect(stepsTo("a/b/c")).toEqual([
    { name: "a", prefix: "a/" },
    { name: "b", prefix: "a/b/" },
  ]);
  expect(stepsTo("//y")).toEqual([
    { name: "/", prefix: "/" },
    { name: "/", prefix: "//" },
  ]);
  expect(stepsTo("")).toEqual([]);
});

test("pictures are known by their bytes, SVG is text, and text that is cut within a character is text", () => {
  expect(pictureType(Buffer.from("89504e470d0a1a0a00", "hex"))).toBe("image/png");
  expect(pictureType(Buffer.from("RIFF0000WEBPVP8 "))).toBe("image/webp");
  expect(pictureType(Buffer.from("GIF89a"))).toBe("image/gif");
  expect(pictureType(Buffer.from("<svg onload=alert(1)>"))).toBeUndefined();
  expect(readText(Buffer.from("<svg>"), false)).toBe("<svg>");
  expect(readText(Buffer.from("aé").subarray(0, 2), true)).toBe("a");
  expect(readText(Buffer.from("aé").subarray(0, 2), false)).toBeUndefined();
  expect(readText(Buffer.from("a\0b"), false)).toBeUndefined();
});
