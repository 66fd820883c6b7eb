import type { Kysely } from "kysely";
import { PRIVACIES_READABLE } from "../val/visibility.ts";
import type { TownSchema } from "./schema.ts";
import { type Page, selectVals, toPage, toVal, type Val } from "./val-lists.ts";

/** Which vals people like. */
export interface Likes {
  /** Liking twice counts once. */
  add(valId: string, userId: string): Promise<void>;
  remove(valId: string, userId: string): Promise<void>;
  /** How many like a val, and whether this user is among them. */
  of(valId: string, userId: string | undefined): Promise<{ count: number; liked: boolean }>;
  /** What a user likes and these accounts may still read, the newest like first. */
  list(
    userId: string,
    accounts: ReadonlySet<string>,
    page: { limit: number; offset: number },
  ): Promise<Page<Val>>;
}

export function createLikes(db: Kysely<TownSchema>, now: () => number): Likes {
  return {
    async add(valId, userId) {
      await db
        .insertInto("likes")
        .values({ val_id: valId, user_id: userId, created_at: now() })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    async remove(valId, userId) {
      await db.deleteFrom("likes").where("val_id", "=", valId).where("user_id", "=", userId).execute();
    },
    async of(valId, userId = "") {
      const all = db.selectFrom("likes").where("val_id", "=", valId);
      const { count } = await all
        .select((f) => f.fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      const own = await all.select("user_id").where("user_id", "=", userId).executeTakeFirst();
      return { count, liked: own !== undefined };
    },
    async list(userId, accounts, { limit, offset }) {
      const rows = await selectVals(db)
        .innerJoin("likes", "likes.val_id", "vals.id")
        .where("likes.user_id", "=", userId)
        .where((where) =>
          where.or([
            where("vals.privacy", "in", PRIVACIES_READABLE),
            where("vals.user_id", "in", [...accounts]),
          ]),
        )
        .orderBy("likes.created_at", "desc")
        .orderBy("vals.id", "desc")
        .limit(limit + 1)
        .offset(offset)
        .execute();
      return toPage(rows.map(toVal), limit);
    },
  };
}
