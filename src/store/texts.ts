import type { Transaction } from "kysely";
import type { TownSchema } from "./schema.ts";

/** Forget those of these texts that no version of anything has any more. */
export async function removeUnused(trx: Transaction<TownSchema>, hashes: readonly string[]): Promise<void> {
  const unused = trx
    .deleteFrom("texts")
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom("file_revisions")
            .select("file_id")
            .whereRef("file_revisions.text_hash", "=", "texts.hash"),
        ),
      ),
    );
  // In portions, because a statement takes a bounded number of parameters.
  for (let from = 0; from < hashes.length; from += 500) {
    await unused.where("hash", "in", hashes.slice(from, from + 500)).execute();
  }
}
