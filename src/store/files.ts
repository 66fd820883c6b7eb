import type { Kysely } from "kysely";
import type { FileEntry, FileType, SourceFile } from "../val/file.ts";
import { isInside, joinPath, nameOf, parentOf, pathProblem, segmentProblem } from "../val/path.ts";
import { StoreError } from "./failure.ts";
import { type Edit, editBranch, type NewFile, type Target } from "./file-edit.ts";
import { type At, contentAt, entryAt, listAt, type State, sourcesAt, withLabels } from "./file-reads.ts";
import type { TownSchema } from "./schema.ts";
import type { Page } from "./vals.ts";

/** What a write did. `changed` is false when everything was as asked before; then `version` did not grow. */
export interface Saved {
  readonly changed: boolean;
  readonly branchId: string;
  /** The branch's version after the write. */
  readonly version: number;
}

/** A write's outcome with the file it was about. */
export interface SavedFile extends Saved {
  readonly file: FileEntry;
}

/** What to change of a file; what is missing stays. */
export interface FileChange {
  readonly content?: string;
  readonly type?: FileType;
  /** New last segment of its path. */
  readonly name?: string;
  /** New directory, made when missing; `""` is the root. */
  readonly parentPath?: string;
}

/** What must be true of the file that is there before it is written; of none when nothing is there. */
export type Condition = (
  file: { id: string; version: number; hash: string | undefined; updatedAt: number } | undefined,
) => boolean;

/**
 * Files of branches. Every write is one transaction and, if it changes anything, one new version. With a
 * condition that is not met it rejects with StoreError `precondition`.
 */
export interface Files {
  /** A file itself or a directory's content. Rejects with StoreError `no_file`. */
  list(
    at: At,
    query: { path: string; recursive: boolean; limit: number; offset: number },
  ): Promise<Page<FileEntry>>;
  /** What is at a path as of a version. */
  at(at: At, path: string): Promise<FileEntry | undefined>;
  /** Rejects with StoreError `no_file` or `is_a_directory`. */
  content(at: At, path: string): Promise<{ entry: FileEntry; content: string }>;
  /** The newest state of a file that is not deleted. */
  find(fileId: string): Promise<FileEntry | undefined>;
  /** Every file with its text as of a version (the newest without one): what a build takes. */
  sources(at: At): Promise<{ version: number; files: SourceFile[] }>;
  /** Rejects with StoreError `no_branch`, `bad_path`, `path_taken` or `not_a_directory`. */
  create(target: Target, file: NewFile, condition?: Condition): Promise<SavedFile>;
  /** Rejects with StoreError `no_branch`, `no_file`, `bad_path`, `path_taken`, `is_a_directory` or `into_itself`. */
  update(target: Target, path: string, change: FileChange, condition?: Condition): Promise<SavedFile>;
  /** `path` `""` with `recursive` empties the branch. Rejects with StoreError `no_branch`, `no_file` or `not_empty`. */
  remove(target: Target, path: string, recursive: boolean, condition?: Condition): Promise<Saved>;
}

export function createFiles(db: Kysely<TownSchema>, now: () => number): Files {
  const toEntry = async (target: Target, branchId: string, state: State) =>
    (await withLabels(db, { valId: target.valId, branchId }, [state]))[0]!;
  const save = async (target: Target, change: (edit: Edit) => Promise<State>): Promise<SavedFile> => {
    const { result, ...saved } = await editBranch(db, target, now(), change);
    return { ...saved, file: await toEntry(target, saved.branchId, result) };
  };
  return {
    list: (at, query) => listAt(db, at, query),
    at: (at, path) => entryAt(db, at, path),
    content: (at, path) => contentAt(db, at, path),
    sources: (at) => sourcesAt(db, at),
    async find(fileId) {
      const row = await db
        .selectFrom("files")
        // What is left of removed vals and branches for a while is nothing to be found.
        .innerJoin("branches", "branches.id", "files.branch_id")
        .innerJoin("vals", "vals.id", "files.val_id")
        .select(["files.id", "files.val_id", "branch_id", "path", "parent", "type", "text_hash as hash"])
        .select(["files.version", "files.updated_at"])
        .where("files.id", "=", fileId)
        .where("deleted", "=", 0)
        .executeTakeFirst();
      return row && toEntry({ valId: row.val_id }, row.branch_id, row);
    },
    create: (target, file, condition) =>
      save(target, async (edit) => {
        if (condition !== undefined) check(condition, await edit.find(file.path));
        return edit.add(file);
      }),
    update: (target, path, change, condition) =>
      save(target, (edit) => update(edit, path, change, condition)),
    async remove(target, path, recursive, condition) {
      const { result: _, ...saved } = await editBranch(db, target, now(), (edit) =>
        remove(edit, path, recursive, condition),
      );
      return saved;
    },
  };
}

function check(condition: Condition | undefined, state: State | undefined): void {
  const file = state && { ...state, hash: state.hash ?? undefined, updatedAt: state.updated_at };
  if (condition?.(file) === false) throw new StoreError("precondition", "Precondition failed");
}

async function update(
  edit: Edit,
  path: string,
  change: FileChange,
  condition: Condition | undefined,
): Promise<State> {
  const before = await edit.find(path);
  if (before === undefined) throw new StoreError("no_file", "File not found");
  check(condition, before);
  const isDirectory = before.type === "directory";
  const type = change.type ?? before.type;
  if (isDirectory !== (type === "directory")) {
    throw new StoreError("is_a_directory", "A directory cannot become a file, nor a file a directory.");
  }
  if (isDirectory && change.content !== undefined) {
    throw new StoreError("is_a_directory", `${path} is a directory and has no content.`);
  }
  const target = await destination(edit, path, change);
  if (isDirectory && target !== path) {
    for (const child of await edit.below(path)) {
      const moved = target + child.path.slice(path.length);
      const problem = pathProblem(moved);
      if (problem !== undefined) throw new StoreError("bad_path", problem);
      await edit.set(child, { ...child, path: moved });
    }
  }
  const hash = change.content === undefined ? before.hash : await edit.text(change.content);
  return edit.set(before, { path: target, type, hash });
}

/** The path an update leads to, checked to be free, with its directories made. */
async function destination(edit: Edit, path: string, change: FileChange): Promise<string> {
  const name = change.name ?? nameOf(path);
  const problem = segmentProblem(name);
  if (problem !== undefined) throw new StoreError("bad_path", problem);
  const target = joinPath(change.parentPath ?? parentOf(path), name);
  if (target === path) return path;
  if (isInside(target, path)) {
    throw new StoreError("into_itself", `${path} cannot be moved into itself.`);
  }
  await edit.checkFree(target);
  await edit.makeParents(target);
  return target;
}

async function remove(
  edit: Edit,
  path: string,
  recursive: boolean,
  condition: Condition | undefined,
): Promise<void> {
  const state = path === "" ? undefined : await edit.find(path);
  if (path !== "" && state === undefined) throw new StoreError("no_file", "File not found");
  if (state !== undefined) check(condition, state);
  const below = state === undefined || state.type === "directory" ? await edit.below(path) : [];
  if (below.length > 0 && !recursive) {
    throw new StoreError("not_empty", "The directory is not empty. Pass recursive=true to delete all of it.");
  }
  for (const child of below) await edit.remove(child);
  if (state !== undefined) await edit.remove(state);
}
