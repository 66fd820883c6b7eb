/** The vals of the user `std`, which come with the town as its standard library does, and which only the town writes. */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type ExampleFile, readFiles } from "./examples.ts";
import type { Store, Val } from "./store/store.ts";

const OWNER = "std";
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  vtEditorFiles: "What vt puts into the folder of a val that it makes or clones",
};

/**
 * Make each folder in `folder` a public val of `std`, with exactly its files, whatever this town had of it before.
 * `std` is an organization without members: nobody can sign in as it or write what is its.
 */
export async function settleStdVals(store: Store, folder: string): Promise<void> {
  const owner =
    (await store.users.findByName(OWNER)) ??
    (await store.users.create({ username: OWNER, type: "org", reserved: true }));
  const entries = await readdir(folder, { withFileTypes: true });
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    const files = await readFiles(join(folder, name));
    const val = await store.vals.findByName(OWNER, name);
    if (val !== undefined) await settleFiles(store, val, files);
    else {
      const description = DESCRIPTIONS[name] ?? null;
      await store.vals.create({ userId: owner.id, name, description, privacy: "public", files });
    }
  }
}

async function settleFiles(store: Store, val: Val, wanted: readonly ExampleFile[]): Promise<void> {
  const branch = await store.vals.branch(val.id);
  const target = { valId: val.id, branchId: branch!.id };
  const { files } = await store.files.sources(target);
  const before = new Map(files.map((file) => [file.path, file]));
  for (const { path, type, content } of wanted) {
    const old = before.get(path);
    before.delete(path);
    if (old === undefined) await store.files.create(target, { path, type, content });
    else if (old.type !== type || old.content !== content)
      await store.files.update(target, path, { type, content });
  }
  for (const path of before.keys()) await store.files.remove(target, path, false);
}
