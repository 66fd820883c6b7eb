import type { Kysely, Transaction } from "kysely";
import { MAX_NAME } from "../val/name.ts";
import type { Privacy } from "../val/visibility.ts";
import { copyFiles } from "./copy.ts";
import { StoreError } from "./failure.ts";
import type { TownSchema } from "./schema.ts";
import { findVal, insertVal, type Val } from "./vals.ts";

/** What a val was copied from. */
export interface Origin {
  readonly valId: string;
  readonly branchId: string;
  readonly version: number;
}

export interface NewRemix {
  readonly sourceValId: string;
  /** Whose val it will be. */
  readonly userId: string;
  readonly authorId: string;
  /** That of the source when missing, with a number if that is taken. */
  readonly name?: string | undefined;
  /** That of the source when missing. */
  readonly privacy?: Privacy | undefined;
}

/** Copies of vals that know where they come from. */
export interface Remixes {
  /** Copies the newest state of `main` as version 1. Rejects with StoreError `no_val`, `bad_val_name` or `val_taken`. */
  create(remix: NewRemix): Promise<Val>;
  /** What a val is a remix of, whether or not that is still there. */
  originOf(valId: string): Promise<Origin | undefined>;
}

export function createRemixes(db: Kysely<TownSchema>, now: () => number): Remixes {
  return {
    create: (remix) => db.transaction().execute((trx) => create(trx, remix, now())),
    async originOf(valId) {
      return await db
        .selectFrom("origins")
        .select(["origin_val_id as valId", "origin_branch_id as branchId", "origin_version as version"])
        .where("val_id", "=", valId)
        .executeTakeFirst();
    },
  };
}

async function create(trx: Transaction<TownSchema>, remix: NewRemix, at: number): Promise<Val> {
  const source = await trx
    .selectFrom("branches")
    .innerJoin("vals", "vals.id", "branches.val_id")
    .select(["branches.id", "branches.version", "vals.name", "vals.description", "vals.privacy"])
    .where("vals.id", "=", remix.sourceValId)
    .where("branches.name", "=", "main")
    .executeTakeFirst();
  if (source === undefined) throw new StoreError("no_val", "There is no such val.");
  const { userId, authorId } = remix;
  const name = remix.name ?? (await freeName(trx, userId, source.name));
  const { description } = source;
  const val = { userId, name, description, privacy: remix.privacy ?? source.privacy };
  const { valId, branchId, createdAt } = await insertVal(trx, val, at, 1);
  await trx
    .insertInto("origins")
    .values({
      val_id: valId,
      origin_val_id: remix.sourceValId,
      origin_branch_id: source.id,
      origin_version: source.version,
    })
    .execute();
  const copy = { valId, branchId, version: 1, authorId, at: createdAt, kind: "remix" } as const;
  await copyFiles(trx, { branchId: source.id, version: source.version }, copy);
  return findVal(trx, valId);
}

/** The name itself, or with the first number from 2 on that makes it one the user does not have. */
async function freeName(trx: Transaction<TownSchema>, userId: string, name: string): Promise<string> {
  const rows = await trx.selectFrom("vals").select("name").where("user_id", "=", userId).execute();
  const taken = new Set(rows.map((row) => row.name));
  if (!taken.has(name)) return name;
  for (let count = 2; ; count++) {
    const suffix = `-${count}`;
    const free = name.slice(0, MAX_NAME - suffix.length) + suffix;
    if (!taken.has(free)) return free;
  }
}
