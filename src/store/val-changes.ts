import type { Kysely, Transaction } from "kysely";
import { valNameProblem } from "../val/name.ts";
import type { Privacy } from "../val/visibility.ts";
import { settleEndpoints } from "./endpoints.ts";
import { StoreError } from "./failure.ts";
import { LABEL_BOOKS } from "./label-books.ts";
import type { TownSchema } from "./schema.ts";
import { isUniqueViolation } from "./sqlite.ts";
import { selectVals, toVal, type Val } from "./val-lists.ts";

const MAX_OLD_NAMES = 100;

/** What of a val is to be another; what is missing stays as it is. */
export interface ValChanges {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  readonly privacy?: Privacy | undefined;
  readonly imageUrl?: string | null | undefined;
}

/** Changes what is known of a val beside its files; rejects as `Vals.change` does. */
export function changeVal(db: Kysely<TownSchema>, id: string, changes: ValChanges): Promise<Val> {
  const { name, description, privacy, imageUrl } = changes;
  const problem = name === undefined ? undefined : valNameProblem(name);
  if (problem !== undefined) throw new StoreError("bad_val_name", problem);
  const values = {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(privacy !== undefined && { privacy }),
    ...(imageUrl !== undefined && { image_url: imageUrl }),
  };
  return db.transaction().execute(async (trx) => {
    const before = await find(trx, id);
    if (Object.keys(values).length === 0) return before;
    await update(trx, before, values);
    if (name === undefined || name === before.name) return find(trx, id);
    await checkNames(trx, id);
    await takeName(trx, before.userId, name);
    const old = { user_id: before.userId, name: before.name, val_id: id };
    await trx.insertInto("old_val_names").values(old).execute();
    return settled(trx, id);
  });
}

/** Gives a val to another account; rejects as `Vals.transfer` does. */
export function transferVal(db: Kysely<TownSchema>, id: string, userId: string): Promise<Val> {
  return db.transaction().execute(async (trx) => {
    const before = await find(trx, id);
    if (before.userId === userId) return before;
    await checkNames(trx, id);
    await update(trx, before, { user_id: userId });
    await takeName(trx, userId, before.name);
    // An address that names an account is for that account to say what it means.
    await trx.deleteFrom("old_val_names").where("val_id", "=", id).execute();
    await trx
      .updateTable("blobs")
      .set({ owner_id: userId })
      .where("scope_kind", "=", "val")
      .where("scope_id", "=", id)
      .execute();
    await trx.updateTable("mails_in").set({ user_id: userId }).where("val_id", "=", id).execute();
    await trx.updateTable("jobs").set({ user_id: userId }).where("val_id", "=", id).execute();
    return settled(trx, id);
  });
}

/** The name means the val that has it now, no more one that had it before. */
export async function takeName(trx: Transaction<TownSchema>, userId: string, name: string): Promise<void> {
  await trx.deleteFrom("old_val_names").where("user_id", "=", userId).where("name", "=", name).execute();
}

/** A val by a name that it had before. */
export async function findByOldName(
  db: Kysely<TownSchema>,
  username: string,
  name: string,
): Promise<Val | undefined> {
  const row = await selectVals(db)
    .innerJoin("old_val_names", "old_val_names.val_id", "vals.id")
    .where("users.username_key", "=", username.toLowerCase())
    .whereRef("old_val_names.user_id", "=", "users.id")
    .where("old_val_names.name", "=", name)
    .executeTakeFirst();
  return row && toVal(row);
}

/** What a val was called stays reserved for it: it cannot go on for ever. */
async function checkNames(trx: Transaction<TownSchema>, id: string): Promise<void> {
  const names = trx.selectFrom("old_val_names").select("name").where("val_id", "=", id).limit(MAX_OLD_NAMES);
  const labels = LABEL_BOOKS.map(({ table }) =>
    trx
      .selectFrom(table)
      .select("label")
      .where("val_id", "=", id)
      .where("kind", "=", "old")
      .limit(MAX_OLD_NAMES)
      .execute(),
  );
  const found = await Promise.all([names.execute(), ...labels]);
  if (Math.max(...found.map((rows) => rows.length)) < MAX_OLD_NAMES) return;
  const message = `A val keeps its former names and addresses, of which this one has ${MAX_OLD_NAMES}. Remix it for another one.`;
  throw new StoreError("too_many_names", message);
}

async function find(trx: Transaction<TownSchema>, id: string): Promise<Val> {
  const row = await selectVals(trx).where("vals.id", "=", id).executeTakeFirst();
  if (row === undefined) throw new StoreError("no_val", "There is no such val.");
  return toVal(row);
}

async function update(
  trx: Transaction<TownSchema>,
  val: Val,
  values: Partial<TownSchema["vals"]>,
): Promise<void> {
  try {
    await trx.updateTable("vals").set(values).where("id", "=", val.id).execute();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    const name = values.name ?? val.name;
    throw new StoreError("val_taken", `A val named ${name} exists already. Choose another name.`);
  }
}

/** With the host label and the mail address of its new name or owner, if those are free. */
async function settled(trx: Transaction<TownSchema>, id: string): Promise<Val> {
  const val = await find(trx, id);
  await settleEndpoints(trx, val);
  return val;
}
