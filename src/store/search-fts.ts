/** Search as SQLite does it: candidates from its full-text index, newest change first. PostgreSQL would have others. */
import { type Kysely, type RawBuilder, sql } from "kysely";
import { PRIVACIES_LISTED } from "../val/visibility.ts";
import type { TownSchema } from "./schema.ts";
import { type Terms, trigramsOf } from "./search-terms.ts";

/** So many candidates are looked at, the latest changed first: what a search costs does not grow with the town. */
export const MAX_CANDIDATES = { val: 500, user: 500, file: 200 } as const;
/** Where no term has three characters the index is of no use: so many of the newest are looked through. */
const MAX_SCANNED = { val: 20_000, user: 20_000, file: 500 } as const;

/** Ids of what may match, of which the viewer may find all. */
export interface Candidates {
  vals(terms: Terms, accounts: ReadonlySet<string>): Promise<string[]>;
  users(terms: Terms): Promise<string[]>;
  /** Files of the main branches. */
  files(terms: Terms, accounts: ReadonlySet<string>): Promise<string[]>;
}

type Ids = RawBuilder<{ id: string }>;

export function createCandidates(db: Kysely<TownSchema>): Candidates {
  const ids = async (query: Ids) => (await query.execute(db)).rows.map(({ id }) => id);
  return {
    async vals(terms, accounts) {
      const [first] = terms.texts;
      if (first === undefined) return [];
      const match = toMatch(terms);
      const named = await ids(valsNamed(first, accounts));
      const found = await ids(
        match === undefined ? newestVals(terms, accounts) : matchingVals(match, accounts),
      );
      return [...new Set([...named, ...found])];
    },
    async users(terms) {
      if (terms.texts.length === 0) return [];
      const match = toMatch(terms);
      return ids(match === undefined ? newestUsers(terms) : matchingUsers(match));
    },
    async files(terms, accounts) {
      if (terms.texts.length === 0) return [];
      const match = toMatch(terms);
      return ids(match === undefined ? newestFiles(terms, accounts) : matchingFiles(match, accounts));
    },
  };
}

/** Each trigram quoted, so that nothing anyone types is syntax of the index. */
function toMatch(terms: Terms): string | undefined {
  const trigrams = trigramsOf(terms);
  if (trigrams.length === 0) return undefined;
  return trigrams.map((trigram) => `"${trigram.replaceAll('"', '""')}"`).join(" AND ");
}

function visible(accounts: ReadonlySet<string>): RawBuilder<boolean> {
  const listed = sql`vals.privacy in (${sql.join(PRIVACIES_LISTED)})`;
  if (accounts.size === 0) return sql<boolean>`${listed}`;
  return sql<boolean>`(${listed} or vals.user_id in (${sql.join([...accounts])}))`;
}

/** Whether each text occurs in one of the columns. */
function holds({ texts }: Terms, columns: readonly string[]): RawBuilder<boolean> {
  const each = texts.map((text) => {
    const small = text.toLowerCase();
    const any = columns.map((column) => sql`instr(lower(${sql.ref(column)}), ${small}) > 0`);
    return sql`(${sql.join(any, sql` or `)})`;
  });
  return sql<boolean>`${sql.join(each, sql` and `)}`;
}

// CROSS JOIN: in this order, because only the index can give rows in the order of its numbers without sorting them.

const matchingVals = (match: string, accounts: ReadonlySet<string>): Ids => sql`
  select vals.id from search_names cross join search_docs on doc = search_names.rowid and +kind = 'val'
  cross join vals on vals.id = ref
  where search_names match ${match} and ${visible(accounts)}
  order by search_names.rowid desc limit ${MAX_CANDIDATES.val}`;

const valsNamed = (name: string, accounts: ReadonlySet<string>): Ids => sql`
  select vals.id from vals where vals.name = ${name} collate nocase and ${visible(accounts)} limit 100`;

const newestVals = (terms: Terms, accounts: ReadonlySet<string>): Ids => sql`
  select vals.id from (select * from vals order by created_at desc limit ${MAX_SCANNED.val}) as vals
  cross join users on users.id = vals.user_id
  where ${visible(accounts)} and ${holds(terms, ["vals.name", "vals.description", "users.username"])}
  order by vals.created_at desc limit ${MAX_CANDIDATES.val}`;

const matchingUsers = (match: string): Ids => sql`
  select ref as id from search_names cross join search_docs on doc = search_names.rowid and +kind = 'user'
  where search_names match ${match} order by search_names.rowid desc limit ${MAX_CANDIDATES.user}`;

const newestUsers = (terms: Terms): Ids => sql`
  select id from (select * from users order by rowid desc limit ${MAX_SCANNED.user}) as users
  where ${holds(terms, ["users.username"])} limit ${MAX_CANDIDATES.user}`;

const matchingFiles = (match: string, accounts: ReadonlySet<string>): Ids => sql`
  select files.id from search_code cross join search_docs on doc = search_code.rowid and +kind = 'file'
  cross join files on files.id = ref cross join vals on vals.id = files.val_id
  where search_code match ${match} and ${visible(accounts)}
  order by search_code.rowid desc limit ${MAX_CANDIDATES.file}`;

const newestFiles = (terms: Terms, accounts: ReadonlySet<string>): Ids => sql`
  select files.id
  from (select * from search_docs where +kind = 'file' order by doc desc limit ${MAX_SCANNED.file}) as docs
  cross join files on files.id = ref cross join vals on vals.id = files.val_id
  cross join texts on texts.hash = files.text_hash
  where ${visible(accounts)} and ${holds(terms, ["texts.content"])}
  order by doc desc limit ${MAX_CANDIDATES.file}`;
