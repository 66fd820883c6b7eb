import type { Kysely } from "kysely";
import type { TelemetrySchema } from "./schema.ts";

const TABLES = ["runs", "logs"] as const;
/** Rows looked at in one step: what is recorded meanwhile is written between two steps. */
const STEP = 5_000;

/** Give all that is stored of a val to another account. */
export async function moveRows(db: Kysely<TelemetrySchema>, valId: string, username: string): Promise<void> {
  for (const table of TABLES) {
    const { first, last } = await db
      .selectFrom(table)
      .select((f) => [f.fn.min("id").as("first"), f.fn.max("id").as("last")])
      .executeTakeFirstOrThrow();
    for (let from = first ?? 0; from <= (last ?? -1); from += STEP) {
      await db
        .updateTable(table)
        .set({ username })
        .where("id", ">=", from)
        .where("id", "<", from + STEP)
        .where("val_id", "=", valId)
        .where("username", "<>", username)
        .execute();
    }
  }
}

/** Remove all that is stored of an account's vals. */
export async function removeRows(db: Kysely<TelemetrySchema>, username: string): Promise<void> {
  for (const table of TABLES) {
    for (;;) {
      const some = db.selectFrom(table).select("id").where("username", "=", username).limit(STEP);
      const { numDeletedRows } = await db.deleteFrom(table).where("id", "in", some).executeTakeFirstOrThrow();
      if (numDeletedRows === 0n) break;
    }
  }
}
