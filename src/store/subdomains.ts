import type { Kysely, Transaction } from "kysely";
import {
  beginningsOf,
  LABELS_PER_ACCOUNT,
  QUARANTINE_MS,
  SUBDOMAINS_PER_ACCOUNT,
  subdomainProblem,
} from "../val/domain.ts";
import { StoreError } from "./failure.ts";
import type { TownSchema } from "./schema.ts";

/** Subdomains that endpoints have by their owners' choice, among the host labels that all have by themselves. */
export interface Subdomains {
  /** Of a file, if it has one. */
  of(fileId: string): Promise<string | undefined>;
  /**
   * Give a file this subdomain in the place of the one it had, or none. Rejects with StoreError `bad_label`,
   * `label_taken` or `too_many_labels`.
   */
  set(file: { id: string; valId: string }, label: string | null): Promise<void>;
}

export function createSubdomains(db: Kysely<TownSchema>, now: () => number): Subdomains {
  return {
    async of(fileId) {
      const row = await db
        .selectFrom("endpoints")
        .select("label")
        .where("file_id", "=", fileId)
        .where("kind", "=", "custom")
        .executeTakeFirst();
      return row?.label;
    },
    set: (file, label) => db.transaction().execute((trx) => setLabel(trx, file, label?.toLowerCase(), now())),
  };
}

async function setLabel(
  trx: Transaction<TownSchema>,
  { id: fileId, valId }: { id: string; valId: string },
  label: string | undefined,
  now: number,
): Promise<void> {
  const held = await trx
    .selectFrom("endpoints")
    .select("label")
    .where("file_id", "=", fileId)
    .where("kind", "=", "custom")
    .execute();
  if (held.some((row) => row.label === label)) return;
  await release(
    trx,
    held.map((row) => row.label),
    now,
  );
  if (label === undefined) return;
  const problem = subdomainProblem(label);
  if (problem !== undefined) throw new StoreError("bad_label", problem);
  const { user_id: userId } = await trx
    .selectFrom("vals")
    .select("user_id")
    .where("id", "=", valId)
    .executeTakeFirstOrThrow();
  await checkFree(trx, label, userId, now);
  await checkCount(trx, userId, now);
  await trx.deleteFrom("released_labels").where("label", "=", label).execute();
  await trx
    .insertInto("endpoints")
    .values({ label, val_id: valId, file_id: fileId, kind: "custom" })
    .execute();
}

async function checkFree(
  trx: Transaction<TownSchema>,
  label: string,
  userId: string,
  now: number,
): Promise<void> {
  const taken = await trx
    .selectFrom("endpoints")
    .select("kind")
    .where("label", "=", label)
    .executeTakeFirst();
  const quarantined = await trx
    .selectFrom("released_labels")
    .select("label")
    .where("label", "=", label)
    .where("user_id", "!=", userId)
    .where("released_at", ">", now - QUARANTINE_MS)
    .executeTakeFirst();
  if (taken !== undefined || quarantined !== undefined)
    throw new StoreError("label_taken", `The subdomain ${label} is taken. Choose another.`);
  // Endpoints of vals are called {user}-{val}: nobody may pass for somebody else's val, nor stand in its way.
  const other = await trx
    .selectFrom("users")
    .select("username")
    .where("username_key", "in", beginningsOf(label))
    .where("id", "!=", userId)
    .executeTakeFirst();
  if (other === undefined) return;
  const sentence = `A subdomain that begins with ${other.username.toLowerCase()} could be taken for one of that user's vals. Choose another.`;
  throw new StoreError("label_taken", sentence);
}

async function checkCount(trx: Transaction<TownSchema>, userId: string, now: number): Promise<void> {
  const { n: held } = await trx
    .selectFrom("endpoints")
    .innerJoin("vals", "vals.id", "endpoints.val_id")
    .select((f) => f.fn.countAll<number>().as("n"))
    .where("vals.user_id", "=", userId)
    .where("kind", "=", "custom")
    .executeTakeFirstOrThrow();
  const { n: released } = await trx
    .selectFrom("released_labels")
    .select((f) => f.fn.countAll<number>().as("n"))
    .where("user_id", "=", userId)
    .where("released_at", ">", now - QUARANTINE_MS)
    .executeTakeFirstOrThrow();
  if (held >= SUBDOMAINS_PER_ACCOUNT)
    throw new StoreError(
      "too_many_labels",
      `An account has at most ${SUBDOMAINS_PER_ACCOUNT} subdomains. Give one up first.`,
    );
  if (held + released >= LABELS_PER_ACCOUNT)
    throw new StoreError(
      "too_many_labels",
      "This account has given up too many subdomains lately. Take one of them again, or wait.",
    );
}

/** Subdomains of files that are gone, or, with `all`, of a val that is about to be: they wait for their owner. */
export async function releaseLabels(
  trx: Transaction<TownSchema>,
  valId: string,
  { all = false, now = Date.now() } = {},
): Promise<void> {
  const rows = await trx
    .selectFrom("endpoints")
    .leftJoin("files", (join) => join.onRef("files.id", "=", "endpoints.file_id").on("files.deleted", "=", 0))
    .select(["endpoints.label", "files.id as file_id"])
    .where("endpoints.val_id", "=", valId)
    .where("endpoints.kind", "=", "custom")
    .execute();
  const gone = rows.filter((row) => all || row.file_id === null).map((row) => row.label);
  await release(trx, gone, now);
}

async function release(trx: Transaction<TownSchema>, labels: readonly string[], now: number): Promise<void> {
  for (const label of labels) {
    const owner = await trx
      .selectFrom("endpoints")
      .innerJoin("vals", "vals.id", "endpoints.val_id")
      .select("vals.user_id")
      .where("label", "=", label)
      .executeTakeFirstOrThrow();
    await trx.deleteFrom("endpoints").where("label", "=", label).execute();
    const values = { user_id: owner.user_id, released_at: now };
    await trx
      .insertInto("released_labels")
      .values({ label, ...values })
      .onConflict((conflict) => conflict.column("label").doUpdateSet(values))
      .execute();
  }
}
