/** From an archive to vals: each is made whole or not at all. */

import type { Blobs } from "../services/blob.ts";
import { BlobError } from "../services/blob-error.ts";
import type { Scope } from "../services/scope.ts";
import type { SqliteService } from "../services/sqlite.ts";
import { SqliteError } from "../services/sqlite-error.ts";
import {
  type GivenSchedule,
  type NewFile,
  type Store,
  StoreError,
  type Val,
  type WholeVal,
} from "../store/store.ts";
import { MAX_CONTENT, MAX_NAME } from "../val/name.ts";
import { isSchedule, parseSchedule } from "../val/schedule.ts";
import { ArchiveError } from "./archive-error.ts";
import type { Archive } from "./archive-read.ts";
import {
  type BlobDocument,
  blobsSchema,
  entriesOf,
  type ValDocument,
  valSchema,
  valuesSchema,
} from "./layout.ts";
import { restoreSql } from "./sql-restore.ts";
import { SqlStream } from "./sql-stream.ts";

/** What to do with what is there already. */
export const ON_CONFLICT = ["fail", "skip", "rename"] as const;
export type OnConflict = (typeof ON_CONFLICT)[number];

export interface ImportTools {
  readonly store: Store;
  readonly blobs?: Blobs;
  readonly sqlite?: SqliteService;
}

export interface ImportOptions {
  /** Whose the vals will be. */
  readonly ownerId: string;
  /** Who imports them. */
  readonly authorId: string;
  readonly onConflict: OnConflict;
}

/** What became of one val. */
export interface ValReport {
  /** As the archive has it. */
  readonly name: string;
  readonly status: "made" | "skipped" | "failed";
  readonly val?: Val;
  /** Why it was not made, as a sentence. */
  readonly message?: string;
  /** Variables of which the archive has no value. */
  readonly missing: readonly string[];
}

/** What became of an account's own blobs and database. */
export interface DataReport {
  readonly blobs: { readonly stored: number; readonly skipped: number };
  readonly database: "none" | "restored" | "skipped" | "failed";
  readonly message?: string;
}

/** Of the texts of one val, which are in memory while it is made. */
const MAX_TEXTS = 64 * 1024 * 1024;

/** Throws ArchiveError 409 if something in the archive is there already; for `fail`, which then has made nothing. */
export async function checkConflicts(
  { store, blobs }: ImportTools,
  archive: Archive,
  ownerId: string,
): Promise<void> {
  const owner = await store.users.find(ownerId);
  for (const name of archive.vals) {
    if (owner === undefined || (await store.vals.findByName(owner.username, name)) === undefined) continue;
    throw new ArchiveError(
      `There is a val ${name} already. Choose on_conflict=skip or on_conflict=rename.`,
      409,
    );
  }
  for (const { key } of await blobsOf(archive, undefined)) {
    if ((await blobs?.get({ kind: "user", id: ownerId }, key)) === undefined) continue;
    throw new ArchiveError("There are blobs of the same keys already. Choose on_conflict=skip.", 409);
  }
}

/** Make one val of an archive. Rejects only when Hamlet itself fails. */
export async function importVal(
  tools: ImportTools,
  archive: Archive,
  name: string,
  options: ImportOptions,
): Promise<ValReport> {
  let missing: string[] = [];
  try {
    const document = await archive.json(entriesOf(name).val, valSchema);
    if (document.name !== name) throw new ArchiveError(`val.json of ${name} is about ${document.name}.`);
    const free = await freeName(tools.store, options, name);
    if (free === undefined)
      return { name, status: "skipped", message: `There is a val ${name} already.`, missing };
    const whole = await toWhole(archive, document, { ...options, name: free });
    missing = (document.variables ?? [])
      .map(({ key }) => key)
      .filter((key) => !whole.variables.some((one) => one.key === key));
    return { name, status: "made", val: await make(tools, archive, name, whole), missing };
  } catch (error) {
    const message = toRefusal(error);
    if (message === undefined) throw error;
    return { name, status: "failed", message, missing };
  }
}

/** The account's own blobs and database. */
export async function importData(
  tools: ImportTools,
  archive: Archive,
  { ownerId }: ImportOptions,
): Promise<DataReport> {
  const { blobs, sqlite } = tools;
  const scope: Scope = { kind: "user", id: ownerId };
  const counts = { stored: 0, skipped: 0 };
  const names = entriesOf(undefined);
  const hasDatabase = sqlite !== undefined && archive.has(names.database);
  try {
    for (const blob of blobs === undefined ? [] : await blobsOf(archive, undefined)) {
      if ((await blobs!.get(scope, blob.key)) !== undefined) counts.skipped++;
      else if (await putBlob(blobs!, archive, scope, { ...blob, ownerId, entry: names.blob(blob.file) }))
        counts.stored++;
    }
    if (!hasDatabase) return { blobs: counts, database: "none" };
    if (!(await isEmpty(sqlite, scope)))
      return { blobs: counts, database: "skipped", message: "The account's database is in use already." };
    await restoreSql(sqlite, scope, archive.read(names.database));
    return { blobs: counts, database: "restored" };
  } catch (error) {
    const message = toRefusal(error);
    if (message === undefined) throw error;
    return { blobs: counts, database: hasDatabase ? "failed" : "none", message };
  }
}

/** What someone can mend, as a sentence; undefined for what is our own fault. */
function toRefusal(error: unknown): string | undefined {
  const known = [ArchiveError, StoreError, BlobError, SqliteError].some((kind) => error instanceof kind);
  if (!known || (error instanceof BlobError && error.failure === "storage")) return undefined;
  return (error as Error).message;
}

/** A name that no val of the owner has; undefined when the val is to be passed over. */
async function freeName(
  store: Store,
  { ownerId, onConflict }: ImportOptions,
  name: string,
): Promise<string | undefined> {
  const owner = await store.users.find(ownerId);
  if (owner === undefined) throw new ArchiveError("The account is gone.", 404);
  const isFree = async (one: string) => (await store.vals.findByName(owner.username, one)) === undefined;
  if (await isFree(name)) return name;
  if (onConflict !== "rename") return undefined;
  for (let number = 2; number < 1000; number++) {
    const suffix = `-${number}`;
    const other = name.slice(0, MAX_NAME - suffix.length) + suffix;
    if (await isFree(other)) return other;
  }
  throw new ArchiveError(`Too many vals are named like ${name}. Rename one first.`);
}

async function toWhole(
  archive: Archive,
  document: ValDocument,
  { ownerId, authorId, name }: ImportOptions & { name: string },
): Promise<WholeVal> {
  const { description, privacy, imageUrl = null } = document;
  const entries = entriesOf(document.name);
  let texts = 0;
  const branches: { name: string; parent: string | null; files: NewFile[] }[] = [];
  for (const [index, branch] of document.branches.entries()) {
    const known = branches.some((one) => one.name === branch.parent);
    if (index === 0 ? branch.name !== "main" : !known && branch.parent !== null)
      throw new ArchiveError("The first branch must be main, and each other one stand behind its parent.");
    const files: NewFile[] = [];
    if (new Set(branch.files.map(({ path }) => path)).size < branch.files.length)
      throw new ArchiveError(`A path of the branch ${branch.name} is taken already: it is there twice.`);
    for (const { path, type, schedule, timeZone, emailName } of branch.files) {
      if (type === "directory") files.push({ path, type });
      else {
        const entry = entries.file(branch.name, path);
        texts += archive.size(entry);
        if (texts > MAX_TEXTS)
          throw new ArchiveError(`The files of ${document.name} have more than ${MAX_TEXTS} bytes.`);
        const content = await archive.text(entry);
        if (content.length > MAX_CONTENT)
          throw new ArchiveError(`${path} has more than ${MAX_CONTENT} characters.`);
        files.push({ path, type, content, schedule: toSchedule(schedule, timeZone), emailName });
      }
    }
    branches.push({ name: branch.name, parent: index === 0 ? null : (branch.parent ?? "main"), files });
  }
  const values = archive.has(entries.values) ? await archive.json(entries.values, valuesSchema) : {};
  const variables = (document.variables ?? []).flatMap(({ key, description }) =>
    Object.hasOwn(values, key) ? [{ key, description, value: values[key]! }] : [],
  );
  const id = Bun.randomUUIDv7();
  return { id, userId: ownerId, authorId, name, description, privacy, imageUrl, branches, variables };
}

/** What came from elsewhere starts when its new owner wants it to. One that cannot be read here is as if it had none. */
function toSchedule(text: string | undefined, timeZone: string | undefined): GivenSchedule | undefined {
  const parsed = text === undefined ? undefined : parseSchedule(text, timeZone);
  if (parsed === undefined || !isSchedule(parsed)) return undefined;
  return { schedule: parsed.text, timeZone: parsed.timeZone, paused: true };
}

/**
 * Blobs and the database first, under the id that the val will have: should anything fail they are removed, and should
 * this process die, the next one removes what belongs to no val.
 */
async function make(tools: ImportTools, archive: Archive, entry: string, whole: WholeVal): Promise<Val> {
  const { store, blobs, sqlite } = tools;
  const scope: Scope = { kind: "val", id: whole.id };
  const names = entriesOf(entry);
  try {
    for (const blob of blobs === undefined ? [] : await blobsOf(archive, entry)) {
      const owned = { ...blob, ownerId: whole.userId, entry: names.blob(blob.file) };
      await putBlob(blobs!, archive, scope, owned);
    }
    if (sqlite !== undefined && archive.has(names.database)) {
      await restoreSql(sqlite, scope, archive.read(names.database));
    }
    return await store.portable.create(whole);
  } catch (error) {
    await blobs?.removeScope(scope);
    if (archive.has(names.database)) await sqlite?.removeScope(scope);
    throw error;
  }
}

async function blobsOf(archive: Archive, val: string | undefined): Promise<BlobDocument[]> {
  const { blobs } = entriesOf(val);
  return archive.has(blobs) ? archive.json(blobs, blobsSchema) : [];
}

/** Returns whether it was there: a blob that was deleted during the export has no bytes. */
async function putBlob(
  blobs: Blobs,
  archive: Archive,
  scope: Scope,
  { key, contentType, ownerId, entry }: BlobDocument & { ownerId: string; entry: string },
): Promise<boolean> {
  if (!archive.has(entry)) return false;
  const body = toStream(archive.read(entry));
  const size = archive.size(entry);
  await blobs.put(scope, key, body, { ownerId, size, ...(contentType !== null && { contentType }) });
  return true;
}

function toStream(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
}

async function isEmpty(sqlite: SqliteService, scope: Scope): Promise<boolean> {
  if ((await sqlite.usage(scope)) === 0) return true;
  await using stream = new SqlStream(sqlite, scope);
  const rows = await stream.rows("select 1 from sqlite_schema limit 1");
  return rows.length === 0;
}
