/** What a val or an account is, as an archive. Nothing is collected that can flow. */

import type { Blobs } from "../services/blob.ts";
import type { Scope } from "../services/scope.ts";
import type { SqliteService } from "../services/sqlite.ts";
import type { Branch, Store, User, Val } from "../store/store.ts";
import type { FileEntry } from "../val/file.ts";
import { MAX_BRANCHES } from "../val/version.ts";
import { jsonEntry, spooledEntry, streamEntry, textEntry, toBody, toStream } from "./archive-write.ts";
import { type BlobDocument, entriesOf, HEAD, sortBranches, type ValDocument } from "./layout.ts";
import { dumpSql } from "./sql-dump.ts";

export interface ExportTools {
  readonly store: Store;
  readonly blobs?: Blobs;
  readonly sqlite?: SqliteService;
  /** For what must be whole before it can be sent. */
  readonly folder: string;
  readonly now?: () => number;
}

/** What of a val is told. */
export interface ExportOptions {
  /** Names of its variables: for who may change it. */
  readonly variables?: boolean;
  /** Their values too, in an entry of their own. */
  readonly secrets?: boolean;
  /** Every version that each file had. */
  readonly history?: boolean;
  /** Its blobs and its database. */
  readonly data?: boolean;
}

type Bytes = AsyncGenerator<Uint8Array>;

const PAGE = 100;
const TEXTS_AT_ONCE = 20;

/** One val. */
export function exportVal(tools: ExportTools, val: Val, options: ExportOptions): ReadableStream<Uint8Array> {
  return toBody(
    (async function* () {
      yield* head("val", tools);
      yield* exportOne(tools, val, options);
    })(),
  );
}

/** One database as SQL. Rejects if it cannot even be begun. */
export async function exportDatabase(
  sqlite: SqliteService,
  scope: Scope,
): Promise<ReadableStream<Uint8Array>> {
  const texts = dumpSql(sqlite, scope);
  const first = await texts.next();
  return toStream(
    (async function* () {
      const encoder = new TextEncoder();
      if (!first.done) yield encoder.encode(first.value);
      for await (const text of texts) yield encoder.encode(text);
    })(),
  );
}

/** All that belongs to an account. */
export function exportAccount(
  tools: ExportTools,
  user: User,
  options: Pick<ExportOptions, "secrets" | "history">,
): ReadableStream<Uint8Array> {
  const { store, now = Date.now } = tools;
  const { username, type, bio, imageUrl: profileImageUrl, email } = user;
  return toBody(
    (async function* () {
      yield* head("account", tools);
      yield* jsonEntry("profile.json", { username, type, bio, profileImageUrl, email }, now());
      // What is made or deleted meanwhile is in it or is not; nothing is in it twice.
      for (const id of await valIds(store, user.id)) {
        const val = await store.vals.find(id);
        if (val?.userId === user.id)
          yield* exportOne(tools, val, { ...options, variables: true, data: true });
      }
      yield* exportData(tools, { kind: "user", id: user.id }, undefined);
    })(),
  );
}

function head(kind: "val" | "account", { now = Date.now }: ExportTools): Bytes {
  const exportedAt = new Date(now()).toISOString();
  return jsonEntry(HEAD, { format: "hamlet", version: 1, kind, exportedAt }, now());
}

async function valIds(store: Store, userId: string): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const { rows, more } = await store.vals.listByUser(userId, { limit: PAGE, offset: ids.length });
    ids.push(...rows.map(({ id }) => id));
    // By name: the order of their making is not kept by an import.
    if (!more) return ids.reverse();
  }
}

/** What an archive says of a file, beside its text. */
async function toKnown(store: Store, { id, path, type }: FileEntry) {
  const found = type === "interval" ? await store.schedules.of(id) : undefined;
  const emailName = type === "email" ? await store.mailAddresses.of(id) : undefined;
  return {
    ...{ path, type, ...(found && { schedule: found.schedule, timeZone: found.timeZone }) },
    ...(emailName !== undefined && { emailName }),
  };
}

async function* exportOne(tools: ExportTools, val: Val, options: ExportOptions): Bytes {
  const { store, now = Date.now } = tools;
  const names = entriesOf(val.name);
  const branches = await branchesOf(store, val.id);
  const listed = await Promise.all(
    branches.map(async (branch) => {
      const files = await filesOf(store, branch);
      return { branch, files, known: await Promise.all(files.map((file) => toKnown(store, file))) };
    }),
  );
  const byId = new Map(branches.map(({ id, name }) => [id, name]));
  const document: ValDocument = {
    name: val.name,
    description: val.description,
    privacy: val.privacy,
    imageUrl: val.imageUrl,
    branches: listed.map(({ branch, known }) => ({
      name: branch.name,
      parent: branch.forkedBranchId === null ? null : (byId.get(branch.forkedBranchId) ?? "main"),
      files: known,
    })),
    ...(options.variables === true && { variables: await variablesOf(store, val.id) }),
  };
  yield* jsonEntry(names.val, document, now());
  if (options.secrets === true) {
    const values = Object.entries(await store.environment.values(val.id)).sort(([a], [b]) =>
      a < b ? -1 : 1,
    );
    if (values.length > 0) yield* jsonEntry(names.values, Object.fromEntries(values), now());
  }
  for (const { branch, files } of listed) {
    yield* exportFiles(store, files, (path) => names.file(branch.name, path));
  }
  if (options.history === true) yield* exportHistory(tools, val, branches);
  if (options.data === true) yield* exportData(tools, { kind: "val", id: val.id }, val.name);
}

async function branchesOf(store: Store, valId: string): Promise<Branch[]> {
  return sortBranches((await store.vals.branches(valId, { limit: MAX_BRANCHES, offset: 0 })).rows);
}

async function filesOf(store: Store, { valId, id: branchId }: Branch): Promise<FileEntry[]> {
  const files: FileEntry[] = [];
  for (;;) {
    const page = { path: "", recursive: true, limit: PAGE, offset: files.length };
    const { rows, more } = await store.files.list({ valId, branchId }, page);
    files.push(...rows);
    if (!more) return files;
  }
}

async function variablesOf(store: Store, valId: string) {
  const found: { key: string; description: string | null }[] = [];
  for (;;) {
    const { rows, more } = await store.environment.list(valId, { limit: PAGE, offset: found.length });
    found.push(...rows.map(({ key, description }) => ({ key, description })));
    if (!more) return found;
  }
}

/** Texts by their hash: they are those of the moment in which the files were listed. */
async function* exportFiles(
  store: Store,
  files: readonly { path: string; hash?: string | null | undefined; updatedAt: number }[],
  nameOf: (path: string) => string,
): Bytes {
  const withText = files.flatMap(({ path, hash, updatedAt }) =>
    hash == null ? [] : [{ path, hash, updatedAt }],
  );
  for (let from = 0; from < withText.length; from += TEXTS_AT_ONCE) {
    const some = withText.slice(from, from + TEXTS_AT_ONCE);
    const texts = await store.portable.texts([...new Set(some.map(({ hash }) => hash))]);
    for (const { path, hash, updatedAt } of some) {
      const text = texts.get(hash);
      if (text !== undefined) yield* textEntry(nameOf(path), text, updatedAt);
    }
  }
}

/** `history.json` has one version a line; the texts follow, of each version those that it changed. */
async function* exportHistory(tools: ExportTools, val: Val, branches: readonly Branch[]): Bytes {
  const { store, folder, now = Date.now } = tools;
  const names = entriesOf(val.name);
  const lines = async function* () {
    for (const branch of branches) {
      for await (const { changes, created_at, ...version } of versionsOf(store, branch)) {
        const files = changes.map(({ path, type, deleted }) => ({ path, type, ...(deleted && { deleted }) }));
        const createdAt = new Date(created_at).toISOString();
        yield `${JSON.stringify({ branch: branch.name, ...version, createdAt, files })}\n`;
      }
    }
  };
  yield* spooledEntry(names.history, folder, now(), lines());
  for (const branch of branches) {
    for await (const { version, changes, created_at } of versionsOf(store, branch)) {
      const files = changes
        .filter(({ deleted }) => !deleted)
        .map((file) => ({ ...file, updatedAt: created_at }));
      yield* exportFiles(store, files, (path) => names.past(branch.name, version, path));
    }
  }
}

async function* versionsOf(store: Store, { id, version: last }: Branch) {
  for (let after = -1; ; ) {
    const versions = await store.portable.versions(id, after, PAGE);
    for (const one of versions) {
      if (one.version > last) return;
      yield { ...one, changes: await store.portable.changes(id, one.version) };
    }
    if (versions.length < PAGE) return;
    after = versions.at(-1)!.version;
  }
}

/** Blobs behind their list, then the database. */
async function* exportData(tools: ExportTools, scope: Scope, val: string | undefined): Bytes {
  const { blobs, sqlite, folder, now = Date.now } = tools;
  const names = entriesOf(val);
  const listed = (await blobs?.list(scope)) ?? [];
  const documents: BlobDocument[] = [];
  for (const [index, { key }] of listed.entries()) {
    const blob = await blobs!.get(scope, key);
    const file = String(index + 1).padStart(8, "0");
    if (blob !== undefined) documents.push({ file, key, contentType: blob.contentType ?? null });
  }
  if (documents.length > 0) yield* jsonEntry(names.blobs, documents, now());
  for (const { key, file } of documents) {
    const blob = await blobs!.get(scope, key);
    // It was deleted meanwhile; its bytes are simply not there.
    if (blob === undefined) continue;
    yield* streamEntry(names.blob(file), blob.size, blob.lastModified, blob.stream());
  }
  if (sqlite !== undefined) yield* spooledEntry(names.database, folder, now(), dumpSql(sqlite, scope));
}
