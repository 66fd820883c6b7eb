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

/** Remember a text, once however often it occurs; returns its hash. */
export async function keepText(trx: Transaction<TownSchema>, content: string): Promise<string> {
  // What is stored is UTF-8, which has no lone surrogates.
  const wellFormed = content.toWellFormed();
  const hash = new Bun.CryptoHasher("sha256").update(wellFormed).digest("hex");
  await trx
    .insertInto("texts")
    .values({ hash, content: wellFormed })
    .onConflict((conflict) => conflict.column("hash").doNothing())
    .execute();
  return hash;
}
