/** How `vt` finds out what has changed in a folder, and how it uploads that. */

import ValTown from "@valtown/sdk";
import type { RemoteItem, Vt } from "./vt.ts";
import { type LocalItem, scan, typeOf, type VtFolder, warningsOf } from "./vt-folder.ts";

/** What a push or status found, by path. */
export interface Changes {
  readonly created: string[];
  readonly modified: string[];
  readonly deleted: string[];
  readonly renamed: [from: string, to: string][];
  /** By path: why it was not uploaded. */
  readonly warnings: Record<string, string>;
}

/** How many requests `vt` has under way at once. */
const POOL = 5;

/** What differs between the folder and a version; texts are only asked for where the times differ. */
export async function compare(vt: Vt, folder: VtFolder, version: number) {
  const { val, branch } = folder.state;
  const rules = folder.rules();
  const local = new Map(scan(folder.path, rules).map((item) => [item.path, item]));
  const changes: Changes = { created: [], modified: [], deleted: [], renamed: [], warnings: {} };
  const items = (await vt.items(val.id, branch.id, version)).filter(({ path }) => !rules(path));
  const texts = new Map<string, string>();
  await Promise.all(
    items.map(async ({ path, type, updatedAt }) => {
      const here = local.get(path);
      if (type === "directory") return here ?? changes.deleted.push(path);
      if (here?.mtime === Date.parse(updatedAt)) return;
      const text = await vt.content(val.id, branch.id, version, path);
      texts.set(path, text);
      if (here === undefined) changes.deleted.push(path);
      else if (here.content !== text) changes.modified.push(path);
    }),
  );
  const known = new Set(items.map(({ path }) => path));
  for (const { path, content } of local.values()) {
    if (known.has(path)) continue;
    const from = changes.deleted.find((one) => content !== undefined && texts.get(one) === content);
    if (from === undefined) changes.created.push(path);
    else {
      changes.deleted.splice(changes.deleted.indexOf(from), 1);
      changes.renamed.push([from, path]);
    }
  }
  return { changes, local };
}

type Work = readonly [path: string, call: () => Promise<unknown>];

/** Directories one after the other, then everything else five at a time; what is refused is a warning. */
export async function upload(
  vt: Vt,
  folder: VtFolder,
  changes: Changes,
  local: ReadonlyMap<string, LocalItem>,
  items: readonly RemoteItem[],
): Promise<void> {
  const { val, branch } = folder.state;
  const attempt = async ([path, call]: Work) => {
    const item = local.get(path);
    const [warning] = item === undefined ? [] : warningsOf(item);
    if (warning !== undefined) changes.warnings[path] = warning;
    else {
      await call().catch((error) => {
        if (!(error instanceof ValTown.APIError)) throw error;
        changes.warnings[path] = `unknown: ${error.message}`;
      });
    }
  };
  const directories = changes.created.filter((path) => local.get(path)!.content === undefined);
  for (const path of directories.sort((a, b) => a.split("/").length - b.split("/").length)) {
    const directory = { path, type: "directory", branch_id: branch.id } as const;
    await attempt([path, () => vt.sdk.vals.files.create(val.id, directory)]);
  }
  const work = workOf(vt, folder, changes, local, items);
  const hands = Array.from({ length: POOL }, async () => {
    for (let next = work.shift(); next !== undefined; next = work.shift()) await attempt(next);
  });
  await Promise.all(hands);
}

function workOf(
  { sdk }: Vt,
  { state: { val, branch } }: VtFolder,
  { renamed, created, modified, deleted }: Changes,
  local: ReadonlyMap<string, LocalItem>,
  items: readonly RemoteItem[],
): Work[] {
  const { files } = sdk.vals;
  const branch_id = branch.id;
  const types = new Map(items.map(({ path, type }) => [path, type]));
  const text = (path: string) => local.get(path)!.content;
  const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);
  const parentOf = (path: string) => (path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : null);
  return [
    ...renamed.map(([path, to]): Work => {
      const place = { name: nameOf(to), parent_path: parentOf(to) };
      return [to, () => files.update(val.id, { branch_id, ...place, path, content: text(to) })];
    }),
    ...created
      .filter((path) => text(path) !== undefined)
      .map((path): Work => {
        const file = { path, content: text(path)!, branch_id, type: typeOf(path) };
        return [path, () => files.create(val.id, file)];
      }),
    ...modified.map((path): Work => {
      const change = { content: text(path), name: nameOf(path), type: types.get(path) as "file" };
      return [path, () => files.update(val.id, { path, branch_id, ...change })];
    }),
    ...deleted.map((path): Work => {
      return [path, () => files.delete(val.id, { path, branch_id, recursive: true })];
    }),
  ];
}
