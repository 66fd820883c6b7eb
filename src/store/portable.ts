import type { Kysely, Transaction } from "kysely";
import type { FileType } from "../val/file.ts";
import { NEW_SCHEDULE, UTC } from "../val/schedule.ts";
import type { Privacy } from "../val/visibility.ts";
import { fork } from "./branches.ts";
import { type Cipher, insertVariable } from "./environment.ts";
import { StoreError } from "./failure.ts";
import { editWithin, type NewFile } from "./file-edit.ts";
import { MAIL_ADDRESSES } from "./label-books.ts";
import type { GivenSchedule } from "./schedule-settle.ts";
import type { TownSchema } from "./schema.ts";
import type { VersionTable } from "./schema-versions.ts";
import { setLabel } from "./subdomains.ts";
import { findVal, insertVal, type Val } from "./vals.ts";

/** A branch as it is to be; `parent` is the name of the branch it was forked from, null for `main`. */
export interface WholeBranch {
  readonly name: string;
  readonly parent: string | null;
  readonly files: readonly NewFile[];
}

/** A val as it is to be. */
export interface WholeVal {
  /** Given, because its blobs and its database may be there before it. */
  readonly id: string;
  readonly userId: string;
  readonly authorId: string;
  readonly name: string;
  readonly description: string | null;
  readonly privacy: Privacy;
  readonly imageUrl: string | null;
  /** `main` first, each one behind its parent. */
  readonly branches: readonly WholeBranch[];
  readonly variables: readonly { key: string; value: string; description: string | null }[];
}

/** One version of a branch, for an export. */
export interface PastVersion extends Pick<VersionTable, "version" | "kind" | "created_at"> {
  readonly author: string | null;
}

/** One file as a version left it. */
export interface PastFile {
  readonly path: string;
  readonly type: FileType;
  readonly hash: string | null;
  readonly deleted: boolean;
}

/** What moving vals from town to town needs of the store. */
export interface Portable {
  /** Makes all of it or nothing. Rejects as `Vals.create`, `Branches.fork` and `Environment.create` do. */
  create(val: WholeVal): Promise<Val>;
  /** Texts by their hash; those that are gone are left out. */
  texts(hashes: readonly string[]): Promise<Map<string, string>>;
  /** Versions of a branch behind `after`, in order. */
  versions(branchId: string, after: number, limit: number): Promise<PastVersion[]>;
  /** What a version changed. */
  changes(branchId: string, version: number): Promise<PastFile[]>;
}

export function createPortable(
  db: Kysely<TownSchema>,
  now: () => number,
  cipher: Cipher | undefined,
): Portable {
  return {
    create: (val) => db.transaction().execute((trx) => createWhole(trx, val, now(), cipher)),
    async texts(hashes) {
      const rows = await db.selectFrom("texts").selectAll().where("hash", "in", hashes).execute();
      return new Map(rows.map((row) => [row.hash, row.content]));
    },
    versions: (branchId, after, limit) =>
      db
        .selectFrom("versions")
        .leftJoin("users", "users.id", "versions.author_id")
        .select(["version", "kind", "versions.created_at", "users.username as author"])
        .where("branch_id", "=", branchId)
        .where("version", ">", after)
        .orderBy("version")
        .limit(limit)
        .execute(),
    async changes(branchId, version) {
      const rows = await db
        .selectFrom("file_revisions")
        .select(["path", "type", "text_hash as hash", "deleted"])
        .where("branch_id", "=", branchId)
        .where("version", "=", version)
        .orderBy("path")
        .execute();
      return rows.map((row) => ({ ...row, deleted: row.deleted === 1 }));
    },
  };
}

async function createWhole(
  trx: Transaction<TownSchema>,
  val: WholeVal,
  at: number,
  cipher: Cipher | undefined,
): Promise<Val> {
  const { authorId, branches, variables, imageUrl } = val;
  const { valId, branchId, createdAt } = await insertVal(trx, val, at, 0);
  const first = {
    version: 0,
    author_id: authorId,
    created_at: createdAt,
    kind: "create",
    changes: 0,
  } as const;
  await trx
    .insertInto("versions")
    .values({ branch_id: branchId, ...first })
    .execute();
  if (imageUrl !== null)
    await trx.updateTable("vals").set({ image_url: imageUrl }).where("id", "=", valId).execute();
  const ids = new Map<string, string>();
  for (const { name, parent, files } of branches) {
    const from = parent === null ? undefined : ids.get(parent);
    const isMain = ids.size === 0;
    const id = isMain
      ? branchId
      : (await fork(trx, { valId, name, authorId, ...(from && { from }) }, createdAt)).id;
    ids.set(name, id);
    await fill(trx, { valId, branchId: id, authorId }, files, createdAt);
    await claimAddresses(trx, { valId, branchId: id }, files, at);
  }
  if (variables.length > 0 && cipher === undefined)
    throw new Error("The data folder was opened without its key.");
  for (const variable of variables) await insertVariable(trx, cipher!, { ...variable, valId, at: createdAt });
  return findVal(trx, valId);
}

/** Addresses that were chosen elsewhere are wanted here, too; one that cannot be had is not worth failing for. */
async function claimAddresses(
  trx: Transaction<TownSchema>,
  { valId, branchId }: { valId: string; branchId: string },
  files: readonly NewFile[],
  now: number,
): Promise<void> {
  for (const file of files) {
    if (file.type !== "email" || file.emailName === undefined) continue;
    const { id } = await trx
      .selectFrom("files")
      .select("id")
      .where("branch_id", "=", branchId)
      .where("path", "=", file.path)
      .where("deleted", "=", 0)
      .executeTakeFirstOrThrow();
    const wanted = file.emailName.toLowerCase();
    await setLabel({ trx, book: MAIL_ADDRESSES, now }, { id, valId }, wanted).catch((error) => {
      if (!(error instanceof StoreError)) throw error;
    });
  }
}

/** Let a branch have these files and no others. What is the same already is left as it is. */
async function fill(
  trx: Transaction<TownSchema>,
  target: { valId: string; branchId: string; authorId: string },
  files: readonly NewFile[],
  at: number,
): Promise<void> {
  await editWithin(trx, target, at, async (edit) => {
    const wanted = new Map(files.map((file) => [file.path, file]));
    for (const state of await edit.below("")) {
      const file = wanted.get(state.path);
      const isDirectory = state.type === "directory";
      if (file === undefined || (file.type === "directory") !== isDirectory) await edit.remove(state);
      else {
        if (file.type !== "directory") {
          const hash = await edit.text(file.content);
          await edit.set(state, { path: file.path, type: file.type, hash });
          edit.schedule(state.id, pausedOf(file));
        }
        wanted.delete(state.path);
      }
    }
    // The shallow ones first, so that a directory is there before what is in it.
    const rest = [...wanted.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    for (const file of rest)
      if ((await edit.find(file.path)) === undefined || file.type !== "directory")
        await edit.add(file.type === "directory" ? file : { ...file, schedule: pausedOf(file) });
  });
}

/** With which schedule a file from elsewhere begins; of other files than interval ones it is never looked at. */
function pausedOf(file: Exclude<NewFile, { readonly type: "directory" }>): GivenSchedule {
  const { schedule = NEW_SCHEDULE, timeZone = UTC } = file.schedule ?? {};
  return { schedule, timeZone, paused: true };
}
