import { type Kysely, sql } from "kysely";

/**
 * What search finds: SQLite's own full-text index over trigrams, which finds any substring of three characters.
 * Triggers keep the names, and note which files have changed, so that no way of changing a val, now or later, can leave
 * it behind, and none costs a round trip more. Code is indexed afterwards (`search-index.ts`): no save waits for it.
 * Only where a trigram occurs is kept (`detail=none`), not the text, which is in `texts` once already.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // A changed document gets a new number, so that the order of numbers is that of changes.
  await sql`create table search_docs (doc integer primary key autoincrement, kind text not null, ref text not null)`.execute(
    db,
  );
  await sql`create unique index search_docs_ref on search_docs (kind, ref)`.execute(db);
  for (const table of ["search_names", "search_code"]) {
    const options = "content='', contentless_delete=1, detail=none, tokenize='trigram'";
    await sql.raw(`create virtual table ${table} using fts5 (text, ${options})`).execute(db);
  }
  await sql`create table search_pending (seq integer primary key autoincrement, file_id text not null unique)`.execute(
    db,
  );
  await sql`create index vals_name_nocase on vals (name collate nocase)`.execute(db);
  for (const trigger of [...NAME_TRIGGERS, ...CODE_TRIGGERS]) await sql.raw(trigger).execute(db);
  await indexWhatIsThere(db);
}

/** Drop the document of a kind and an id from its index. */
const drop = (index: string, kind: string, ref: string) => `
  delete from ${index} where rowid = (select doc from search_docs where kind = '${kind}' and ref = ${ref});
  delete from search_docs where kind = '${kind}' and ref = ${ref};`;

const VAL_TEXT = "users.username || '/' || vals.name || char(10) || coalesce(vals.description, '')";
const VALS =
  "search_docs join vals on vals.id = search_docs.ref join users on users.id = vals.user_id where search_docs.kind = 'val'";

const addVal = (id: string) => `
  insert into search_docs (kind, ref) values ('val', ${id});
  insert into search_names (rowid, text) select doc, ${VAL_TEXT} from ${VALS} and search_docs.ref = ${id};`;

const addUser = (id: string, username: string) => `
  insert into search_docs (kind, ref) values ('user', ${id});
  insert into search_names (rowid, text)
    select doc, ${username} from search_docs where kind = 'user' and ref = ${id};`;

const NAME_TRIGGERS = [
  `create trigger search_val_added after insert on vals begin ${addVal("new.id")} end`,
  `create trigger search_val_changed after update of name, description, user_id on vals
    when old.name is not new.name or old.description is not new.description or old.user_id is not new.user_id
    begin ${drop("search_names", "val", "old.id")} ${addVal("new.id")} end`,
  `create trigger search_val_removed after delete on vals begin ${drop("search_names", "val", "old.id")} end`,
  `create trigger search_user_added after insert on users begin ${addUser("new.id", "new.username")} end`,
  `create trigger search_user_changed after update of username on users when old.username is not new.username begin
    ${drop("search_names", "user", "old.id")} ${addUser("new.id", "new.username")}
    delete from search_names where rowid in (select doc from ${VALS} and vals.user_id = new.id);
    insert into search_names (rowid, text) select doc, ${VAL_TEXT} from ${VALS} and vals.user_id = new.id;
    end`,
  `create trigger search_user_removed after delete on users begin ${drop("search_names", "user", "old.id")} end`,
];

/** Only noted, with a new number each time, so that the order is that of changes: `search-index.ts` does the rest. */
const NOTE_FILE = (id: string) => `insert or replace into search_pending (file_id) values (${id});`;

const IS_MAIN = "(select name from branches where id = new.branch_id) = 'main'";

const CODE_TRIGGERS = [
  `create trigger search_file_added after insert on files when new.text_hash is not null and ${IS_MAIN}
    begin ${NOTE_FILE("new.id")} end`,
  `create trigger search_file_changed after update of text_hash, deleted on files
    when (old.text_hash is not new.text_hash or old.deleted <> new.deleted) and ${IS_MAIN}
    begin ${NOTE_FILE("new.id")} end`,
  `create trigger search_file_removed after delete on files
    when exists (select 1 from search_docs where kind = 'file' and ref = old.id)
    begin ${NOTE_FILE("old.id")} end`,
];

async function indexWhatIsThere(db: Kysely<unknown>): Promise<void> {
  await sql`insert into search_docs (kind, ref) select 'user', id from users order by created_at`.execute(db);
  await sql`insert into search_docs (kind, ref) select 'val', id from vals order by created_at`.execute(db);
  await sql`insert into search_names (rowid, text)
    select doc, username from search_docs join users on users.id = ref where kind = 'user'`.execute(db);
  await sql.raw(`insert into search_names (rowid, text) select doc, ${VAL_TEXT} from ${VALS}`).execute(db);
  await sql`insert into search_pending (file_id)
    select files.id from files join branches on branches.id = files.branch_id
    where branches.name = 'main' and deleted = 0 and text_hash is not null order by files.updated_at`.execute(
    db,
  );
}
