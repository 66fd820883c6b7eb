import type { Kysely, Transaction } from "kysely";
import {
  MAX_ENVIRONMENT,
  variableKeyProblem,
  variableSize,
  variableValueProblem,
} from "../val/environment.ts";
import { StoreError } from "./failure.ts";
import type { EnvVarTable, TownSchema } from "./schema.ts";
import { isUniqueViolation } from "./sqlite.ts";
import { type Page, toPage } from "./vals.ts";

/** Encrypts what must not be readable in a copy of the database. */
export interface Cipher {
  /** `about` is what the text belongs to: what was sealed about one thing does not open about another. */
  seal(text: string, about: string): string;
  /** Throws when the text was sealed with another key, about something else, or was changed since. */
  open(sealed: string, about: string): string;
}

/** Something that was sealed before, to find out whether a key fits. */
export interface Sample {
  readonly sealed: string;
  readonly about: string;
}

/** A variable of a val, without its value. Times in epoch milliseconds. */
export interface Variable {
  readonly key: string;
  readonly description: string | null;
  readonly createdAt: number;
  /** Null until its value or description is changed. */
  readonly updatedAt: number | null;
}

export interface VariableChange {
  readonly value: string;
  /** Missing: as before, or none. */
  readonly description?: string | null;
}

/** The variables of vals. Only `values` and `all` give their values out; they are for who runs the val. */
export interface Environment {
  /** By name. */
  list(valId: string, page: { limit: number; offset: number }): Promise<Page<Variable>>;
  /** Rejects with StoreError `no_val`, `bad_variable`, `variable_taken` or `environment_full`. */
  create(valId: string, variable: VariableChange & { readonly key: string }): Promise<Variable>;
  /** Rejects with StoreError `no_variable`, `bad_variable` or `environment_full`. */
  update(valId: string, key: string, change: VariableChange): Promise<Variable>;
  /** Returns whether there was one. */
  remove(valId: string, key: string): Promise<boolean>;
  /** One val's variables with their values. */
  values(valId: string): Promise<Record<string, string>>;
  /** Those of every val that has any, by val id. */
  all(): Promise<Map<string, Record<string, string>>>;
}

const aboutOf = (valId: string, key: string) => `environment ${valId} ${key}`;

/** @param cipher undefined where values are of no concern, as in most commands */
export function createEnvironment(
  db: Kysely<TownSchema>,
  now: () => number,
  cipher: Cipher | undefined,
): Environment {
  const unlocked = (): Cipher => {
    if (cipher === undefined) throw new Error("The data folder was opened without its key.");
    return cipher;
  };
  const read = (rows: readonly Pick<EnvVarTable, "val_id" | "key" | "value">[]) =>
    Object.fromEntries(
      rows.map((row) => [row.key, unlocked().open(row.value, aboutOf(row.val_id, row.key))]),
    );
  return {
    async list(valId, { limit, offset }) {
      const rows = await selectVariables(db)
        .where("val_id", "=", valId)
        .orderBy("key")
        .limit(limit + 1)
        .offset(offset)
        .execute();
      return toPage(rows.map(toVariable), limit);
    },
    create: (valId, variable) =>
      db.transaction().execute((trx) => insertVariable(trx, unlocked(), { ...variable, valId, at: now() })),
    update: (valId, key, change) =>
      db.transaction().execute((trx) => update(trx, unlocked(), { ...change, valId, key, at: now() })),
    async remove(valId, key) {
      const done = await db
        .deleteFrom("env_vars")
        .where("val_id", "=", valId)
        .where("key", "=", key)
        .executeTakeFirst();
      return done.numDeletedRows > 0n;
    },
    async values(valId) {
      return read(await db.selectFrom("env_vars").selectAll().where("val_id", "=", valId).execute());
    },
    async all() {
      const rows = await db.selectFrom("env_vars").selectAll().execute();
      const byVal = Map.groupBy(rows, (row) => row.val_id);
      return new Map([...byVal].map(([valId, own]) => [valId, read(own)]));
    },
  };
}

/** Any of the sealed values; undefined when there are none. */
export async function sampleOf(db: Kysely<TownSchema>): Promise<Sample | undefined> {
  const row = await db.selectFrom("env_vars").selectAll().limit(1).executeTakeFirst();
  return row && { sealed: row.value, about: aboutOf(row.val_id, row.key) };
}

interface Write extends VariableChange {
  readonly valId: string;
  readonly key: string;
  readonly at: number;
}

/** A new variable within a transaction; rejects as `Environment.create` does. */
export async function insertVariable(
  trx: Transaction<TownSchema>,
  cipher: Cipher,
  write: Write,
): Promise<Variable> {
  const { valId, key, value, description = null, at } = write;
  const problem = variableKeyProblem(key) ?? variableValueProblem(value);
  if (problem !== undefined) throw new StoreError("bad_variable", problem);
  const val = await trx.selectFrom("vals").select("id").where("id", "=", valId).executeTakeFirst();
  if (val === undefined) throw new StoreError("no_val", "There is no such val.");
  const size = variableSize(key, value);
  const row: EnvVarTable = {
    val_id: valId,
    key,
    value: cipher.seal(value, aboutOf(valId, key)),
    size,
    description,
    created_at: at,
    updated_at: null,
  };
  try {
    await trx.insertInto("env_vars").values(row).execute();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new StoreError(
      "variable_taken",
      `The variable ${key} exists already. Change it, or choose another name.`,
    );
  }
  await checkRoom(trx, valId);
  return toVariable(row);
}

async function update(trx: Transaction<TownSchema>, cipher: Cipher, write: Write): Promise<Variable> {
  const { valId, key, value, description, at } = write;
  const problem = variableValueProblem(value);
  if (problem !== undefined) throw new StoreError("bad_variable", problem);
  await trx
    .updateTable("env_vars")
    .set({ value: cipher.seal(value, aboutOf(valId, key)), size: variableSize(key, value), updated_at: at })
    .$if(description !== undefined, (query) => query.set({ description: description ?? null }))
    .where("val_id", "=", valId)
    .where("key", "=", key)
    .execute();
  const row = await selectVariables(trx)
    .where("val_id", "=", valId)
    .where("key", "=", key)
    .executeTakeFirst();
  if (row === undefined) throw new StoreError("no_variable", "Environment variable not found");
  await checkRoom(trx, valId);
  return toVariable(row);
}

/** After the write and within its transaction, so that two at once cannot pass together. */
async function checkRoom(trx: Transaction<TownSchema>, valId: string): Promise<void> {
  const { total } = await trx
    .selectFrom("env_vars")
    .select((f) => f.fn.sum<number>("size").as("total"))
    .where("val_id", "=", valId)
    .executeTakeFirstOrThrow();
  if (Number(total) <= MAX_ENVIRONMENT) return;
  throw new StoreError(
    "environment_full",
    `All variables of a val together have at most ${MAX_ENVIRONMENT} characters. Remove some, or keep large values in a blob.`,
  );
}

function selectVariables(db: Kysely<TownSchema>) {
  return db.selectFrom("env_vars").select(["key", "description", "created_at", "updated_at"]);
}

function toVariable(row: Pick<EnvVarTable, "key" | "description" | "created_at" | "updated_at">): Variable {
  const { key, description } = row;
  return { key, description, createdAt: row.created_at, updatedAt: row.updated_at };
}
