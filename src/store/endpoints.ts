import type { Transaction } from "kysely";
import { LABEL_BOOKS, type LabelBook } from "./label-books.ts";
import type { TownSchema } from "./schema.ts";
import { releaseLabels } from "./subdomains.ts";

interface ValIdentity {
  readonly id: string;
  readonly username: string;
  readonly name: string;
}

/** Bring a val's host labels and mail addresses in line with its files, by its id. */
export async function settleEndpointsOf(trx: Transaction<TownSchema>, valId: string): Promise<void> {
  const val = await trx
    .selectFrom("vals")
    .innerJoin("users", "users.id", "vals.user_id")
    .select(["vals.id", "users.username", "vals.name"])
    .where("vals.id", "=", valId)
    .executeTakeFirstOrThrow();
  await settleEndpoints(trx, val);
}

/**
 * Bring a val's host labels in line with its HTTP files, and its mail addresses with its email files, after a change that
 * touched one. Each file keeps the label of its id for life. The name label is claimed with the first such file of `main`
 * (the first val to ask gets it); when that file goes, the label passes to the oldest other one of `main`, and otherwise
 * stays reserved for the val.
 */
export async function settleEndpoints(trx: Transaction<TownSchema>, val: ValIdentity): Promise<void> {
  for (const book of LABEL_BOOKS) await settleBook(trx, val, book);
}

async function settleBook(trx: Transaction<TownSchema>, val: ValIdentity, book: LabelBook): Promise<void> {
  const files = await trx
    .selectFrom("files")
    .innerJoin("branches", "branches.id", "files.branch_id")
    .select(["files.id", "branches.name as branch"])
    .where("files.val_id", "=", val.id)
    .where("files.type", "=", book.type)
    .where("files.deleted", "=", 0)
    .orderBy("files.created_at")
    .orderBy("files.id")
    .execute();
  const rows = await trx
    .selectFrom(book.table)
    .select(["label", "file_id", "kind"])
    .where("val_id", "=", val.id)
    .execute();
  const known = new Set(rows.flatMap((row) => (row.kind === "id" ? [row.label] : [])));
  const labelled = new Set(rows.flatMap((row) => (row.kind === "id" ? [row.file_id] : [])));
  for (const { id } of files) {
    const label = book.idLabel(val.username, id);
    if (book.renewsIds ? known.has(label) : labelled.has(id)) continue;
    await claim(trx, book, { label, val_id: val.id, file_id: id, kind: "id" });
  }
  await releaseLabels(trx, val.id, { book });
  await settleNames(trx, val, {
    book,
    files: files.filter(({ branch }) => branch === "main").map((file) => file.id),
  });
}

/**
 * The val's short labels, `files` being those that may have them, the oldest first. After a new name or owner the label
 * of that is claimed as well; the ones before stay the val's, for visitors who know them.
 */
async function settleNames(
  trx: Transaction<TownSchema>,
  val: ValIdentity,
  { book, files }: { book: LabelBook; files: readonly string[] },
): Promise<void> {
  const label = book.nameLabel(val.username, val.name);
  const select = () =>
    trx
      .selectFrom(book.table)
      .select(["label", "file_id", "kind"])
      .where("val_id", "=", val.id)
      .where("kind", "in", ["name", "old"])
      .orderBy("kind")
      .orderBy("label")
      .execute();
  const before = await select();
  const live = before.find((row) => row.file_id !== null && files.includes(row.file_id));
  const target = live?.file_id ?? files[0] ?? null;
  if (label !== undefined && target !== null)
    await claim(trx, book, { label, val_id: val.id, file_id: target, kind: "name" });
  const rows = await select();
  // As long as another val has the label, the one before is still the best.
  const isHeld = rows.some((row) => row.label === label);
  for (const row of rows) {
    const kind = row.label === label || !isHeld ? "name" : "old";
    const file_id = row.file_id !== null && files.includes(row.file_id) ? row.file_id : target;
    if (kind === row.kind && file_id === row.file_id) continue;
    await trx.updateTable(book.table).set({ kind, file_id }).where("label", "=", row.label).execute();
  }
}

async function claim(
  trx: Transaction<TownSchema>,
  book: LabelBook,
  row: TownSchema["endpoints"],
): Promise<void> {
  await trx
    .insertInto(book.table)
    .values(row)
    .onConflict((conflict) => conflict.column("label").doNothing())
    .execute();
}
