import type { Kysely } from "kysely";
import type { FileType } from "../val/file.ts";
import type { Reading } from "./diff.ts";
import { type MainFile, type MainFileQuery, mainFilesOf } from "./main-files.ts";
import type { TownSchema } from "./schema.ts";
import { createCandidates } from "./search-fts.ts";
import type { SearchIndex } from "./search-index.ts";
import type { FoundLine } from "./search-lines.ts";
import { matchesAll, parseTerms, type Range, rangesIn, type Terms } from "./search-terms.ts";
import { newBudget } from "./text-jobs.ts";
import type { TextThread } from "./text-thread.ts";
import { toUser, type User } from "./users.ts";
import { type Page, selectVals, toPage, toVal, type Val } from "./val-lists.ts";

export interface SearchQuery {
  /** Words that must all occur, or with `exact` one text. */
  readonly text: string;
  readonly exact?: boolean;
  /** Accounts whose vals the viewer finds however private they are; of all others only what is listed. */
  readonly accounts: ReadonlySet<string>;
  readonly limit: number;
  readonly offset: number;
}

/** A val whose name, description or owner's name matched; `ranges` say where. */
export interface FoundVal {
  readonly val: Val;
  readonly likes: number;
  readonly name: readonly Range[];
  readonly description: readonly Range[];
  readonly username: readonly Range[];
}

/** A file of a main branch that matched, with its first lines that did. */
export interface FoundFile {
  readonly val: Val;
  readonly fileId: string;
  readonly path: string;
  readonly type: FileType;
  readonly version: number;
  readonly updatedAt: number;
  readonly content: string;
  readonly lines: readonly FoundLine[];
}

export interface FoundUser {
  readonly user: User;
  readonly username: readonly Range[];
}

/**
 * Search as any database could answer it; SQLite's part is in `search-fts.ts`. It looks at a bounded number of candidates,
 * the latest changed ones, and ranks those: an exact name first, then names that begin with it, then by likes and age.
 */
export interface Search {
  vals(query: SearchQuery): Promise<Page<FoundVal>>;
  /** In the files of main branches. */
  code(query: SearchQuery): Promise<Page<FoundFile>>;
  users(query: SearchQuery): Promise<Page<FoundUser>>;
  /** What older clients are told of the vals that were found. */
  mainFiles(wanted: readonly MainFileQuery[]): Promise<Map<string, MainFile>>;
  /** Resolves when all code that was saved before the call can be found; it is indexed a moment after the save. */
  settled(): Promise<void>;
}

/** Their texts pass through the thread of all requests: few enough that nobody notices. */
const FILES_AT_ONCE = 8;

export function createSearch(db: Kysely<TownSchema>, index: SearchIndex, texts: TextThread): Search {
  const candidates = createCandidates(db);
  return {
    async vals(query) {
      const terms = parseTerms(query.text, query.exact);
      const ids = await candidates.vals(terms, query.accounts);
      const vals = (await valsOf(db, ids)).filter((val) =>
        matchesAll(terms, [val.name, val.description, val.username, `${val.username}/${val.name}`]),
      );
      const likes = await likesOf(db, vals);
      const wanted = query.text.trim().toLowerCase();
      const ranked = sortBy(vals, (val) => [
        rankName(wanted, val.name, val.username),
        -(likes.get(val.id) ?? 0),
        -val.createdAt,
      ]);
      return pageOf(ranked, query, (val) => ({
        val,
        likes: likes.get(val.id) ?? 0,
        name: rangesIn(terms, val.name),
        description: rangesIn(terms, val.description ?? ""),
        username: rangesIn(terms, val.username),
      }));
    },
    mainFiles: (wanted) => mainFilesOf(db, wanted),
    settled: () => index.settled(),
    code: (query) => searchCode({ db, texts }, query, (terms) => candidates.files(terms, query.accounts)),
    async users(query) {
      const terms = parseTerms(query.text, query.exact);
      const ids = await candidates.users(terms);
      const users = await usersOf(db, ids);
      const wanted = query.text.trim().toLowerCase();
      const ranked = sortBy(
        users.filter(({ username }) => matchesAll(terms, [username])),
        (user) => [rankName(wanted, user.username, user.username), -user.createdAt],
      );
      return pageOf(ranked, query, (user) => ({ user, username: rangesIn(terms, user.username) }));
    },
  };
}

/** 0: the very name, alone or behind its owner's; 1: it begins so; 2: any other. */
function rankName(wanted: string, name: string, username: string): number {
  const small = name.toLowerCase();
  if (small === wanted || `${username.toLowerCase()}/${small}` === wanted) return 0;
  return small.startsWith(wanted) ? 1 : 2;
}

function sortBy<T>(items: readonly T[], keysOf: (item: T) => readonly number[]): T[] {
  const keyed = items.map((item) => ({ item, keys: keysOf(item) }));
  keyed.sort((a, b) => {
    const index = a.keys.findIndex((key, at) => key !== b.keys[at]);
    return index === -1 ? 0 : a.keys[index]! - b.keys[index]!;
  });
  return keyed.map(({ item }) => item);
}

function pageOf<T, R>(items: readonly T[], query: SearchQuery, present: (item: T) => R): Page<R> {
  const { limit, offset } = query;
  const { rows, more } = toPage(items.slice(offset, offset + limit + 1), limit);
  return { rows: rows.map(present), more };
}

async function valsOf(db: Kysely<TownSchema>, ids: readonly string[]): Promise<Val[]> {
  if (ids.length === 0) return [];
  return (await selectVals(db).where("vals.id", "in", ids).execute()).map(toVal);
}

async function usersOf(db: Kysely<TownSchema>, ids: readonly string[]): Promise<User[]> {
  if (ids.length === 0) return [];
  return (await db.selectFrom("users").selectAll().where("id", "in", ids).execute()).map(toUser);
}

async function likesOf(db: Kysely<TownSchema>, vals: readonly Val[]): Promise<Map<string, number>> {
  if (vals.length === 0) return new Map();
  const ids = [...new Set(vals.map(({ id }) => id))];
  const rows = await db
    .selectFrom("likes")
    .select((f) => ["val_id", f.fn.countAll<number>().as("count")])
    .where("val_id", "in", ids)
    .groupBy("val_id")
    .execute();
  return new Map(rows.map((row) => [row.val_id, Number(row.count)]));
}

async function searchCode(
  { db, texts: thread }: Reading,
  query: SearchQuery,
  find: (terms: Terms) => Promise<string[]>,
): Promise<Page<FoundFile>> {
  const terms = parseTerms(query.text, query.exact);
  const places = await filesOf(db, await find(terms));
  const likes = await likesOf(
    db,
    places.map(({ val }) => val),
  );
  const ranked = sortBy(places, ({ val, file }) => [-(likes.get(val.id) ?? 0), -file.updated_at]);
  const found: FoundFile[] = [];
  const wanted = query.offset + query.limit + 1;
  // The index knows trigrams only: whether all of it is there is seen in the text, of as many as are asked for.
  for (let at = 0; at < ranked.length && found.length < wanted; at += FILES_AT_ONCE) {
    const some = ranked.slice(at, at + FILES_AT_ONCE);
    const texts = await textsOf(
      db,
      some.map(({ file }) => file.hash),
    );
    const contents = some.map(({ file }) => texts.get(file.hash) ?? "");
    const matches = await thread.run(
      "find",
      { query: { text: query.text, exact: query.exact }, contents },
      newBudget(),
    );
    for (const [index, { val, file }] of some.entries()) {
      const [content, lines] = [contents[index]!, matches[index]];
      if (lines === undefined) continue;
      const { id, path, type, version, updated_at } = file;
      found.push({ val, fileId: id, path, type, version, updatedAt: updated_at, content, lines });
    }
  }
  return toPage(found.slice(query.offset, wanted), query.limit);
}

async function filesOf(db: Kysely<TownSchema>, ids: readonly string[]) {
  if (ids.length === 0) return [];
  const files = await db
    .selectFrom("files")
    .select(["id", "val_id", "path", "type", "version", "updated_at"])
    .select((f) => f.fn.coalesce("text_hash", f.val("")).as("hash"))
    .where("id", "in", ids)
    .where("deleted", "=", 0)
    .execute();
  const vals = await valsOf(db, [...new Set(files.map((file) => file.val_id))]);
  const byId = new Map(vals.map((val) => [val.id, val]));
  return files.flatMap((file) => {
    const val = byId.get(file.val_id);
    return val === undefined ? [] : [{ val, file }];
  });
}

async function textsOf(db: Kysely<TownSchema>, hashes: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.selectFrom("texts").selectAll().where("hash", "in", hashes).execute();
  return new Map(rows.map((row) => [row.hash, row.content]));
}
