/** Vals as they are shown to the world: in embeds, in the cards of links. Never one that is private. */

import { type Store, StoreError, type Val } from "../store/store.ts";
import type { FileEntry } from "../val/file.ts";
import { pickMain } from "../val/module-path.ts";
import { mayRead } from "../val/visibility.ts";

/** One file of a val, with its text. */
export interface SharedFile {
  readonly entry: FileEntry;
  readonly content: string;
}

/** A part of a path as it is meant; as it is written when that is no UTF-8. */
export function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Finds a val that anyone may read. */
export async function findShared(store: Store, username: string, name: string): Promise<Val | undefined> {
  const val = await store.vals.findByAnyName(username, name);
  return val !== undefined && mayRead(val, undefined) ? val : undefined;
}

/** Finds a file of it in `main`: the one that was named, else the one that a visitor would want to see first. */
export async function readShared(
  store: Store,
  val: Val,
  { path, version }: { readonly path?: string | undefined; readonly version?: number | undefined },
): Promise<SharedFile | undefined> {
  const branch = await store.vals.branch(val.id);
  if (branch === undefined || (version !== undefined && version > branch.version)) return undefined;
  const at = { valId: val.id, branchId: branch.id, version: version ?? branch.version };
  const wanted = path ?? (await mainOf(store, at));
  if (wanted === undefined) return undefined;
  try {
    const { entry, content } = await store.files.content(at, wanted);
    return { entry, content };
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}

async function mainOf(store: Store, at: { valId: string; branchId: string; version: number }) {
  const { rows } = await store.files.list(at, { path: "", recursive: true, limit: 1000, offset: 0 });
  const http = rows.filter(({ type }) => type === "http");
  return pickMain(http) ?? pickMain(rows) ?? rows.find(({ type }) => type !== "directory")?.path;
}
