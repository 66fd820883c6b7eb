import type { Kysely, Transaction } from "kysely";
import { QUARANTINE_MS } from "../val/domain.ts";
import { StoreError } from "./failure.ts";
import { HOST_LABELS, type LabelBook } from "./label-books.ts";
import type { TownSchema } from "./schema.ts";

/**
 * Names that files have by their owners' choice, among the labels that all have by themselves: subdomains of endpoints,
 * addresses of email files.
 */
export interface Subdomains {
  /** Of a file, if it has one. */
  of(fileId: string): Promise<string | undefined>;
  /**
   * Give a file this name in the place of the one it had, or none. Rejects with StoreError `bad_label`,
   * `label_taken` or `too_many_labels`.
   */
  set(file: { id: string; valId: string }, label: string | null): Promise<void>;
}

export function createSubdomains(
  db: Kysely<TownSchema>,
  now: () => number,
  book: LabelBook = HOST_LABELS,
): Subdomains {
  return {
    async of(fileId) {
      const row = await db
        .selectFrom(book.table)
        .select("label")
        .where("file_id", "=", fileId)
        .where("kind", "=", "custom")
        .executeTakeFirst();
      return row?.label;
    },
    set: (file, label) =>
      db.transaction().execute((trx) => setLabel({ trx, book, now: now() }, file, label?.toLowerCase())),
  };
}

/** Where a name is written, and when. */
interface Desk {
  readonly trx: Transaction<TownSchema>;
  readonly book: LabelBook;
  readonly now: number;
}

/** As part of a greater transaction; what is refused has changed nothing. */
export async function setLabel(
  desk: Desk,
  { id: fileId, valId }: { id: string; valId: string },
  label: string | undefined,
): Promise<void> {
  const { trx, book } = desk;
  const held = await trx
    .selectFrom(book.table)
    .select("label")
    .where("file_id", "=", fileId)
    .where("kind", "=", "custom")
    .execute();
  if (held.some((row) => row.label === label)) return;
  await release(
    desk,
    held.map((row) => row.label),
  );
  if (label === undefined) return;
  const problem = book.problem(label);
  if (problem !== undefined) throw new StoreError("bad_label", problem);
  const { user_id: userId } = await trx
    .selectFrom("vals")
    .select("user_id")
    .where("id", "=", valId)
    .executeTakeFirstOrThrow();
  await checkFree(desk, label, userId);
  await checkCount(desk, userId);
  await trx.deleteFrom(book.released).where("label", "=", label).execute();
  await trx
    .insertInto(book.table)
    .values({ label, val_id: valId, file_id: fileId, kind: "custom" })
    .execute();
}

async function checkFree({ trx, book, now }: Desk, label: string, userId: string): Promise<void> {
  const [one] = book.word;
  const taken = await trx.selectFrom(book.table).select("kind").where("label", "=", label).executeTakeFirst();
  const quarantined = await trx
    .selectFrom(book.released)
    .select("label")
    .where("label", "=", label)
    .where("user_id", "!=", userId)
    .where("released_at", ">", now - QUARANTINE_MS)
    .executeTakeFirst();
  if (taken !== undefined || quarantined !== undefined)
    throw new StoreError("label_taken", `The ${one} ${label} is taken. Choose another.`);
  const other = await trx
    .selectFrom("users")
    .select("username")
    .where("username_key", "in", book.usernamesIn(label))
    .where("id", "!=", userId)
    .executeTakeFirst();
  if (other === undefined) return;
  const name = other.username.toLowerCase();
  const like = name === label ? `that is called ${name}` : `that begins with ${name}`;
  const sentence = `${one === "address" ? "An" : "A"} ${one} ${like} could be taken for one of that user's vals. Choose another.`;
  throw new StoreError("label_taken", sentence);
}

async function checkCount({ trx, book, now }: Desk, userId: string): Promise<void> {
  const { n: held } = await trx
    .selectFrom(book.table)
    .innerJoin("vals", "vals.id", `${book.table}.val_id`)
    .select((f) => f.fn.countAll<number>().as("n"))
    .where("vals.user_id", "=", userId)
    .where("kind", "=", "custom")
    .executeTakeFirstOrThrow();
  const { n: released } = await trx
    .selectFrom(book.released)
    .select((f) => f.fn.countAll<number>().as("n"))
    .where("user_id", "=", userId)
    .where("released_at", ">", now - QUARANTINE_MS)
    .executeTakeFirstOrThrow();
  const [, several] = book.word;
  if (held >= book.perAccount)
    throw new StoreError(
      "too_many_labels",
      `An account has at most ${book.perAccount} ${several} of its own choice. Give one up first.`,
    );
  if (held + released >= book.perAccountInAll)
    throw new StoreError(
      "too_many_labels",
      `This account has given up too many ${several} lately. Take one of them again, or wait.`,
    );
}

/** Names of files that are gone, or, with `all`, of a val that is about to be: they wait for their owner. */
export async function releaseLabels(
  trx: Transaction<TownSchema>,
  valId: string,
  { all = false, now = Date.now(), book = HOST_LABELS } = {},
): Promise<void> {
  const { table } = book;
  const rows = await trx
    .selectFrom(table)
    .leftJoin("files", (join) => join.onRef("files.id", "=", `${table}.file_id`).on("files.deleted", "=", 0))
    .select([`${table}.label`, "files.id as file_id"])
    .where(`${table}.val_id`, "=", valId)
    .where(`${table}.kind`, "=", "custom")
    .execute();
  const gone = rows.filter((row) => all || row.file_id === null).map((row) => row.label);
  await release({ trx, book, now }, gone);
}

async function release({ trx, book, now }: Desk, labels: readonly string[]): Promise<void> {
  const { table } = book;
  for (const label of labels) {
    const owner = await trx
      .selectFrom(table)
      .innerJoin("vals", "vals.id", `${table}.val_id`)
      .select("vals.user_id")
      .where("label", "=", label)
      .executeTakeFirstOrThrow();
    await trx.deleteFrom(table).where("label", "=", label).execute();
    const values = { user_id: owner.user_id, released_at: now };
    await trx
      .insertInto(book.released)
      .values({ label, ...values })
      .onConflict((conflict) => conflict.column("label").doUpdateSet(values))
      .execute();
  }
}
