import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTime } from "./proc.ts";
import { createRunFolder, removeRunFolder } from "./run-folder.ts";

const parent = mkdtempSync(join(tmpdir(), "folders-"));
afterAll(() => rmSync(parent, { recursive: true }));

function folderOf(name: string, owner: string | undefined): string {
  const folder = join(parent, name);
  mkdirSync(join(folder, "run"), { recursive: true });
  if (owner !== undefined) writeFileSync(join(folder, "owner"), owner);
  return folder;
}

test("folders of processes that are gone are removed, of those that live and of strangers they stay", () => {
  const gone = folderOf("hamlet-run-gone", "4194304 1");
  const reused = folderOf("hamlet-run-reused", `${process.pid} 1`);
  const abandoned = folderOf("hamlet-run-abandoned", undefined);
  utimesSync(abandoned, 0, 0);
  const beginning = folderOf("hamlet-run-beginning", undefined);
  const living = folderOf("hamlet-run-living", `${process.pid} ${startTime(process.pid) ?? ""}`);
  const stranger = folderOf("other", "4194304 1");
  const own = createRunFolder(parent);
  expect([gone, reused, abandoned].filter(existsSync)).toEqual([]);
  expect([beginning, living, stranger, own].filter((folder) => !existsSync(folder))).toEqual([]);
});

test("the folder is nobody else's, short enough for a socket, and goes with all that is in it", () => {
  const folder = createRunFolder();
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(join(folder, "run/w123456/sock/s").length).toBeLessThan(108);
  writeFileSync(join(folder, "run/x"), "");
  removeRunFolder(folder);
  expect(existsSync(folder)).toBe(false);
});
