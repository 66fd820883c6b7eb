/**
 * What is left of vals and branches that were removed. A val with a long history has so many rows that nobody else could write while
 * they are removed at once: so it is its own row that goes, by which all else is found, and the rest follows in portions.
 */
import { type Kysely, sql, type Transaction } from "kysely";
import { LABEL_BOOKS, type LabelBook } from "./label-books.ts";
import type { TownSchema } from "./schema.ts";
import type { SqliteDatabase } from "./sqlite.ts";
import { removeUnused } from "./texts.ts";

export interface Remains {
  /** The val is gone for everybody, its host labels are free or wait for their owner; its branches are removed later. */
  detach(valId: string): Promise<void>;
  /** The same for one branch. */
  detachBranch(branchId: string): Promise<void>;
  /** All that is left is removed. */
  settled(): Promise<void>;
  /** Stops; what is still left is removed after the next start. */
  close(): Promise<void>;
}

/** What refers to a val and is never so much that it has to wait. */
const OF_VAL = [
  "deployments",
  "domains",
  "endpoints",
  "env_vars",
  "jobs",
  "likes",
  "mail_addresses",
  "mails_in",
  "old_val_names",
  "origins",
  "pulls",
] as const;
/** Rows of one transaction: others write between two. Of files fewer, because each has an entry in the search index. */
const PORTIONS = { file_revisions: 200, builds: 500, versions: 1000, files: 20 } as const;

export function createRemains(
  { db, unlinked }: Pick<SqliteDatabase<TownSchema>, "db" | "unlinked">,
  now: () => number,
  onError: (error: unknown) => void,
): Remains {
  let closed = false;
  let again = false;
  let sweeping: Promise<void> | undefined;

  async function sweepAll(): Promise<void> {
    do {
      again = false;
      for (const branchId of await orphans(db)) await sweepBranch(branchId);
    } while (again && !closed);
  }

  async function sweepBranch(branchId: string): Promise<void> {
    while (!closed && (await db.transaction().execute((trx) => removePortion(trx, branchId))));
  }

  function sweep(): void {
    again = true;
    sweeping ??= sweepAll()
      .catch(onError)
      .finally(() => (sweeping = undefined));
  }

  sweep();
  return {
    async detach(valId) {
      await unlinked([
        ...LABEL_BOOKS.map((book) => ({ sql: releaseOf(book), rows: [[now(), valId]] })),
        {
          sql: "update pulls set source_branch_id = null where source_branch_id in (select id from branches where val_id = ?)",
          rows: [[valId]],
        },
        ...OF_VAL.map((table) => ({ sql: `delete from ${table} where val_id = ?`, rows: [[valId]] })),
        { sql: "delete from vals where id = ?", rows: [[valId]] },
      ]);
      if (!closed) sweep();
    },
    async detachBranch(branchId) {
      const nowhere = Bun.randomUUIDv7();
      const its = "in (select id from files where branch_id = ?)";
      await unlinked([
        ...["source", "target"].map((end) => ({
          sql: `update pulls set ${end}_branch_id = null where ${end}_branch_id = ?`,
          rows: [[branchId]],
        })),
        { sql: `delete from deployments where file_id ${its}`, rows: [[branchId]] },
        { sql: `delete from pins where file_id ${its}`, rows: [[branchId]] },
        { sql: `delete from jobs where file_id ${its}`, rows: [[branchId]] },
        { sql: "update files set val_id = ? where branch_id = ?", rows: [[nowhere, branchId]] },
        { sql: "update branches set val_id = ?, name = id where id = ?", rows: [[nowhere, branchId]] },
      ]);
      if (!closed) sweep();
    },
    async settled() {
      while (sweeping !== undefined) await sweeping;
    },
    async close() {
      closed = true;
      await sweeping;
    },
  };
}

/** Names that were chosen wait for their owner for a while. */
const releaseOf = ({ table, released }: LabelBook) => `insert into ${released} (label, user_id, released_at)
  select ${table}.label, vals.user_id, ? from ${table} join vals on vals.id = ${table}.val_id
  where ${table}.val_id = ? and ${table}.kind = 'custom'
  on conflict (label) do update set user_id = excluded.user_id, released_at = excluded.released_at`;

async function orphans(db: Kysely<TownSchema>): Promise<string[]> {
  const rows = await db
    .selectFrom("branches")
    .leftJoin("vals", "vals.id", "branches.val_id")
    .select("branches.id")
    .where("vals.id", "is", null)
    .execute();
  return rows.map(({ id }) => id);
}

/** Whether there was something left to remove. */
async function removePortion(trx: Transaction<TownSchema>, branchId: string): Promise<boolean> {
  const { rows: revisions } = await sql<{ text_hash: string | null }>`
    delete from file_revisions where rowid in
      (select rowid from file_revisions where branch_id = ${branchId} limit ${PORTIONS.file_revisions})
    returning text_hash`.execute(trx);
  if (revisions.length > 0) {
    const hashes = revisions.flatMap(({ text_hash }) => text_hash ?? []);
    await removeUnused(trx, [...new Set(hashes)]);
    return true;
  }
  const files = sql`select id from files where branch_id = ${branchId}`;
  const portions = [
    sql`delete from builds where rowid in
      (select rowid from builds where file_id in (${files}) limit ${PORTIONS.builds})`,
    sql`delete from versions where rowid in
      (select rowid from versions where branch_id = ${branchId} limit ${PORTIONS.versions})`,
    sql`delete from files where id in (${files} limit ${PORTIONS.files})`,
  ];
  for (const portion of portions) {
    const { numAffectedRows = 0n } = await portion.execute(trx);
    if (numAffectedRows > 0n) return true;
  }
  await trx.deleteFrom("branches").where("id", "=", branchId).execute();
  return false;
}
