import type { Transaction } from "kysely";
import type { FileType } from "../val/file.ts";
import { ancestorsOf, parentOf, pathProblem } from "../val/path.ts";
import { MAX_FILES, type VersionKind, type VersionOf } from "../val/version.ts";
import { settleEndpointsOf } from "./endpoints.ts";
import { StoreError } from "./failure.ts";
import { PRESENT, type State } from "./file-reads.ts";
import { hasLabels } from "./label-books.ts";
import { type GivenSchedule, settleSchedules } from "./schedule-settle.ts";
import type { TownSchema } from "./schema.ts";
import { keepText } from "./texts.ts";

/** A file or directory to make. */
export type NewFile =
  | { readonly path: string; readonly type: "directory" }
  | {
      readonly path: string;
      readonly type: Exclude<FileType, "directory">;
      readonly content: string;
      /** Of an interval file; without one it begins as all new ones do. */
      readonly schedule?: GivenSchedule | undefined;
      /** With which address of its owner's choice it comes, if it is an email file of an import. */
      readonly emailName?: string | undefined;
    };

/** What a file or directory is apart from its id; `hash` is null for directories. */
export interface Content {
  readonly path: string;
  readonly type: FileType;
  readonly hash: string | null;
}

/** Why there is a new version. */
export interface Reason {
  readonly kind: VersionKind;
  /** What it was made from. */
  readonly source?: VersionOf;
}

interface Place {
  readonly valId: string;
  readonly branchId: string;
  /** The version that this change makes. */
  readonly version: number;
  readonly at: number;
  /** The user who makes it. */
  readonly authorId: string;
  readonly reason: Reason;
}

/** One change in the making: the steps of which creates, updates and deletes consist. */
export class Edit {
  readonly place: Place;
  readonly #trx: Transaction<TownSchema>;
  /** Ids of the files that it changed. */
  readonly #changes = new Set<string>();
  #grew = false;
  #endpoints = false;
  #intervals = false;
  /** By file. */
  readonly #schedules = new Map<string, GivenSchedule>();

  constructor(trx: Transaction<TownSchema>, place: Place) {
    this.#trx = trx;
    this.place = place;
  }

  get changed(): boolean {
    return this.#changes.size > 0;
  }

  /** What is at this path now. */
  async find(path: string): Promise<State | undefined> {
    return this.#select().where("path", "=", path).executeTakeFirst();
  }

  /** Everything below a directory; of the root, everything. */
  async below(path: string): Promise<State[]> {
    if (path === "") return this.#select().execute();
    const prefix = `${path}/`;
    return this.#select()
      .where((where) =>
        where(where.fn("substr", ["path", where.lit(1), where.lit(prefix.length)]), "=", prefix),
      )
      .execute();
  }

  /** Remember a text; returns its hash. */
  text(content: string): Promise<string> {
    return keepText(this.#trx, content);
  }

  /** Make a new file or directory, and the directories above it that are missing. */
  async add(file: NewFile): Promise<State> {
    await this.checkFree(file.path);
    await this.makeParents(file.path);
    const hash = file.type === "directory" ? null : await this.text(file.content);
    const state = await this.insert({ path: file.path, type: file.type, hash });
    if (file.type !== "directory" && file.schedule !== undefined) this.schedule(state.id, file.schedule);
    return state;
  }

  /** With which schedule a file begins, or goes on, if it becomes an interval file by this change. */
  schedule(id: string, schedule: GivenSchedule): void {
    this.#schedules.set(id, schedule);
    this.#intervals = true;
  }

  /** Rejects unless something can be put at this path. */
  async checkFree(path: string): Promise<void> {
    const problem = pathProblem(path);
    if (problem !== undefined) throw new StoreError("bad_path", problem);
    if ((await this.find(path)) === undefined) return;
    throw new StoreError("path_taken", "File or directory already exists at this path");
  }

  /** Make the directories above `path` that are missing. */
  async makeParents(path: string): Promise<void> {
    const parents = ancestorsOf(path);
    if (parents.length === 0) return;
    const rows = await this.#select().where("path", "in", parents).execute();
    const known = new Map(rows.map((row) => [row.path, row.type]));
    for (const parent of parents) {
      const type = known.get(parent);
      if (type === undefined) await this.insert({ path: parent, type: "directory", hash: null });
      else if (type !== "directory") {
        throw new StoreError("not_a_directory", `${parent} is a file, so it cannot hold ${path}.`);
      }
    }
  }

  /** Give a file or directory a new state; returns the state that it then has. */
  async set(before: State, change: Content): Promise<State> {
    const { path, type, hash } = change;
    const after = { path, type, hash, parent: parentOf(path) };
    const same = before.path === after.path && before.type === after.type && before.hash === after.hash;
    if (same) return before;
    const { version, at } = this.place;
    await this.#trx
      .updateTable("files")
      .set({
        path: after.path,
        parent: after.parent,
        type: after.type,
        text_hash: after.hash,
        version,
        updated_at: at,
      })
      .where("id", "=", before.id)
      .execute();
    const state: State = { ...after, id: before.id, version, updated_at: at };
    await this.#revise(state, 0);
    if (before.type !== after.type) this.#noteType(before.type, after.type);
    return state;
  }

  /** Put something new at a path that is known to be free and to have its directories. */
  async insert({ path, type, hash, lineage }: Content & { lineage?: string | undefined }): Promise<State> {
    const { valId, branchId, version, at } = this.place;
    const id = Bun.randomUUIDv7();
    const state: State = { id, path, parent: parentOf(path), type, hash, version, updated_at: at };
    await this.#trx
      .insertInto("files")
      .values({
        id,
        val_id: valId,
        branch_id: branchId,
        lineage: lineage ?? id,
        path,
        parent: state.parent,
        type,
        text_hash: hash,
        version,
        deleted: 0,
        created_at: at,
        updated_at: at,
      })
      .execute();
    await this.#appeared(state);
    return state;
  }

  /** Bring back a file that was removed: it has its id again, and with it its address. */
  async restore(id: string, { path, type, hash }: Content): Promise<void> {
    const { version, at } = this.place;
    const parent = parentOf(path);
    await this.#trx
      .updateTable("files")
      .set({ deleted: 0, path, parent, type, text_hash: hash, version, updated_at: at })
      .where("id", "=", id)
      .execute();
    await this.#appeared({ id, path, parent, type, hash, version, updated_at: at });
  }

  /** Make the paths of these files free, until `set` gives them others: several may be about to change places. */
  async park(states: readonly State[]): Promise<void> {
    for (const { id } of states) {
      // No path begins with a slash.
      await this.#trx
        .updateTable("files")
        .set({ path: `/${id}` })
        .where("id", "=", id)
        .execute();
    }
  }

  async #appeared(state: State): Promise<void> {
    this.#grew = true;
    await this.#revise(state, 0);
    this.#noteType(state.type);
  }

  async remove(state: State): Promise<void> {
    const { version, at } = this.place;
    await this.#trx
      .updateTable("files")
      .set({ deleted: 1, version, updated_at: at })
      .where("id", "=", state.id)
      .execute();
    await this.#trx.deleteFrom("deployments").where("file_id", "=", state.id).execute();
    await this.#revise({ ...state, version, updated_at: at }, 1);
    this.#noteType(state.type);
  }

  /** The last step: the version, and the labels and schedules if a file that has some came or went. */
  async finish(): Promise<void> {
    const { branchId, valId, version, at, authorId, reason } = this.place;
    if (this.#grew) await this.#checkCount();
    await this.#trx
      .insertInto("versions")
      .values({
        branch_id: branchId,
        version,
        author_id: authorId,
        created_at: at,
        kind: reason.kind,
        source_branch_id: reason.source?.branchId ?? null,
        source_version: reason.source?.version ?? null,
        changes: this.#changes.size,
      })
      .execute();
    await this.#trx
      .updateTable("branches")
      .set({ version, updated_at: at })
      .where("id", "=", branchId)
      .execute();
    if (this.#endpoints) await settleEndpointsOf(this.#trx, valId);
    if (this.#intervals) await settleSchedules(this.#trx, this.place, this.#schedules);
  }

  async #checkCount(): Promise<void> {
    const { count } = await this.#trx
      .selectFrom("files")
      .select((f) => f.fn.countAll<number>().as("count"))
      .where("branch_id", "=", this.place.branchId)
      .where("deleted", "=", PRESENT)
      .executeTakeFirstOrThrow();
    if (count <= MAX_FILES) return;
    throw new StoreError(
      "too_many_files",
      `A val has at most ${MAX_FILES} files and directories; this would make ${count}.`,
    );
  }

  #select() {
    return this.#trx
      .selectFrom("files")
      .select(["id", "path", "parent", "type", "text_hash as hash", "version", "updated_at"])
      .where("branch_id", "=", this.place.branchId)
      .where("deleted", "=", PRESENT);
  }

  async #revise(state: State, deleted: number): Promise<void> {
    const { id, path, parent, type, hash, version, updated_at } = state;
    this.#changes.add(id);
    const values = {
      branch_id: this.place.branchId,
      path,
      parent,
      type,
      text_hash: hash,
      deleted,
      updated_at,
    };
    await this.#trx
      .insertInto("file_revisions")
      .values({ file_id: id, version, ...values })
      // A directory made and then moved by the same change has one revision.
      .onConflict((conflict) => conflict.columns(["file_id", "version"]).doUpdateSet(values))
      .execute();
  }

  #noteType(...types: FileType[]): void {
    if (types.some(hasLabels)) this.#endpoints = true;
    if (types.includes("interval")) this.#intervals = true;
  }
}
