import type { Kysely } from "kysely";
import { DOMAINS_PER_ACCOUNT, UNVERIFIED_MS } from "../val/domain.ts";
import { StoreError } from "./failure.ts";
import type { TownSchema } from "./schema.ts";
import { type Page, toPage } from "./vals.ts";

/** A domain of somebody's own that leads to an endpoint once it is verified. Times in epoch milliseconds. */
export interface Domain {
  readonly id: string;
  readonly host: string;
  /** The account whose val it leads to. */
  readonly userId: string;
  readonly valId: string;
  readonly fileId: string;
  /** What the TXT record must say. */
  readonly token: string;
  readonly createdAt: number;
  readonly verifiedAt: number | null;
  readonly checkedAt: number | null;
}

/** Domains as their owners have asked for them. What was not verified in time is gone. */
export interface Domains {
  /** Of these accounts, by host. */
  list(accounts: readonly string[], page: { limit: number; offset: number }): Promise<Page<Domain>>;
  /** That of one host, of one of these accounts. */
  find(accounts: readonly string[], host: string): Promise<Domain | undefined>;
  /** Those that lead, or shall lead, to a file. */
  ofFile(fileId: string): Promise<Domain[]>;
  /** Who has it now, verified. */
  holder(host: string): Promise<Domain | undefined>;
  /**
   * Ask for a host, or, where the account has it, lead it to this file. Rejects with StoreError `too_many_domains`.
   */
  claim(host: string, file: { id: string; valId: string; userId: string }): Promise<Domain>;
  /** Note a look that led to nothing. */
  checked(id: string): Promise<void>;
  /** Its record was seen: it is served. Whoever had the host before, loses it. */
  verified(domain: Domain, loser: Domain | undefined): Promise<Domain>;
  remove(id: string): Promise<void>;
}

export function createDomains(db: Kysely<TownSchema>, now: () => number): Domains {
  const live = (trx = db) =>
    selectDomains(trx).where((or) =>
      or.or([
        or("domains.verified_at", "is not", null),
        or("domains.created_at", ">", now() - UNVERIFIED_MS),
      ]),
    );
  const one = async (id: string, trx = db) =>
    toDomain(await selectDomains(trx).where("domains.id", "=", id).executeTakeFirstOrThrow());
  return {
    async list(accounts, { limit, offset }) {
      const rows = await live()
        .where("vals.user_id", "in", accounts)
        .orderBy("domains.host")
        .orderBy("domains.id")
        .limit(limit + 1)
        .offset(offset)
        .execute();
      return toPage(rows.map(toDomain), limit);
    },
    async find(accounts, host) {
      const rows = await live().where("vals.user_id", "in", accounts).where("host", "=", host).execute();
      const domains = rows.map(toDomain);
      return domains.find((domain) => domain.userId === accounts[0]) ?? domains[0];
    },
    async ofFile(fileId) {
      return (await live().where("file_id", "=", fileId).orderBy("host").execute()).map(toDomain);
    },
    async holder(host) {
      const row = await live()
        .where("host", "=", host)
        .where("verified_at", "is not", null)
        .executeTakeFirst();
      return row && toDomain(row);
    },
    claim: (host, { id: fileId, valId, userId }) =>
      db.transaction().execute(async (trx) => {
        const expired = trx.deleteFrom("domains").where("verified_at", "is", null);
        await expired.where("created_at", "<=", now() - UNVERIFIED_MS).execute();
        const own = await live(trx).where("vals.user_id", "=", userId).execute();
        const known = own.find((row) => row.host === host);
        const place = { val_id: valId, file_id: fileId };
        if (known !== undefined) {
          await trx.updateTable("domains").set(place).where("id", "=", known.id).execute();
          return one(known.id, trx);
        }
        if (own.length >= DOMAINS_PER_ACCOUNT)
          throw new StoreError(
            "too_many_domains",
            `An account has at most ${DOMAINS_PER_ACCOUNT} domains. Delete one first.`,
          );
        const id = Bun.randomUUIDv7();
        const token = `hamlet-verify=${Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("hex")}`;
        await trx
          .insertInto("domains")
          .values({ id, host, ...place, token, created_at: now(), verified_at: null, checked_at: null })
          .execute();
        return one(id, trx);
      }),
    async checked(id) {
      await db.updateTable("domains").set({ checked_at: now() }).where("id", "=", id).execute();
    },
    verified: ({ id }, loser) =>
      db.transaction().execute(async (trx) => {
        const at = now();
        if (loser !== undefined)
          await trx
            .updateTable("domains")
            .set({ verified_at: null, created_at: at })
            .where("id", "=", loser.id)
            .execute();
        await trx
          .updateTable("domains")
          .set({ verified_at: at, checked_at: at })
          .where("id", "=", id)
          .execute();
        return one(id, trx);
      }),
    async remove(id) {
      await db.deleteFrom("domains").where("id", "=", id).execute();
    },
  };
}

function selectDomains(db: Kysely<TownSchema>) {
  return db
    .selectFrom("domains")
    .innerJoin("vals", "vals.id", "domains.val_id")
    .selectAll("domains")
    .select("vals.user_id");
}

function toDomain(row: TownSchema["domains"] & { user_id: string }): Domain {
  return {
    id: row.id,
    host: row.host,
    userId: row.user_id,
    valId: row.val_id,
    fileId: row.file_id,
    token: row.token,
    createdAt: row.created_at,
    verifiedAt: row.verified_at,
    checkedAt: row.checked_at,
  };
}
