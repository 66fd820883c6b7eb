import type { Transaction } from "kysely";
import { StoreError } from "./failure.ts";
import type { TownSchema } from "./schema.ts";
import type { OrgRole } from "./schema-orgs.ts";

/** Each of a person's organizations costs a little with every list of vals. */
const MAX_ORGS = 100;

/** Makes someone a member, within a transaction. Rejects with StoreError `member_already` or `too_many_orgs`. */
export async function insertMember(
  trx: Transaction<TownSchema>,
  { orgId, userId, role }: { orgId: string; userId: string; role: OrgRole },
  at: number,
): Promise<void> {
  const orgs = await trx.selectFrom("memberships").select("org_id").where("user_id", "=", userId).execute();
  if (orgs.some((org) => org.org_id === orgId)) {
    throw new StoreError("member_already", "This person is a member of the organization already.");
  }
  if (orgs.length >= MAX_ORGS) {
    throw new StoreError(
      "too_many_orgs",
      `A person can be a member of ${MAX_ORGS} organizations at most. Leave one first.`,
    );
  }
  const row = { id: Bun.randomUUIDv7(), org_id: orgId, user_id: userId, role, created_at: at };
  await trx.insertInto("memberships").values(row).execute();
}
