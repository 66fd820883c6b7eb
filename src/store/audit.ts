import type { Kysely } from "kysely";
import type { TownSchema } from "./schema.ts";
import type { AuditTable } from "./schema-accounts.ts";
import { type Page, toPage } from "./vals.ts";

/** Something that was done and should be known later. */
export interface AuditEvent {
  /** Who did it, or to whose account it was done; missing when that is not known. */
  readonly userId?: string;
  /** What, as `{noun}.{verb}`: `session.create`, `token.revoke`, `val.transfer`. */
  readonly action: string;
  /** Id or name of what it was done to. */
  readonly subject?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
  /** From which address. */
  readonly address?: string;
}

/** An event as it was recorded; times in epoch milliseconds. */
export interface AuditRow extends AuditEvent {
  readonly id: string;
  readonly createdAt: number;
}

/** The audit log: sign-ins, tokens, deletions, transfers. Rows are added, and only their age removes them. */
export interface Audit {
  record(event: AuditEvent): Promise<void>;
  /** The newest first; of everyone without `userId`. */
  list(filter: { userId?: string; limit: number; offset: number }): Promise<Page<AuditRow>>;
}

/** How long an event is kept. */
export const AUDIT_AGE_MS = 400 * 24 * 60 * 60 * 1000;
const TRIM_EVERY_MS = 24 * 60 * 60 * 1000;
/** Of one event's detail as JSON: nobody may fill the disk by it. */
const MAX_DETAIL = 4096;

export function createAudit(db: Kysely<TownSchema>, now: () => number): Audit {
  let trimmedAt = 0;
  async function trim(at: number): Promise<void> {
    if (at - trimmedAt < TRIM_EVERY_MS) return;
    trimmedAt = at;
    await db
      .deleteFrom("audit")
      .where("created_at", "<", at - AUDIT_AGE_MS)
      .execute();
  }
  return {
    async record({ userId, action, subject, detail, address }) {
      const at = now();
      const text = detail === undefined ? null : JSON.stringify(detail);
      await db
        .insertInto("audit")
        .values({
          id: Bun.randomUUIDv7(),
          user_id: userId ?? null,
          action,
          subject: subject ?? null,
          detail: text !== null && text.length > MAX_DETAIL ? null : text,
          address: address || null,
          created_at: at,
        })
        .execute();
      await trim(at);
    },
    async list({ userId, limit, offset }) {
      const all = db.selectFrom("audit").selectAll();
      const some = userId === undefined ? all : all.where("user_id", "=", userId);
      const rows = await some
        .orderBy("id", "desc")
        .limit(limit + 1)
        .offset(offset)
        .execute();
      return toPage(rows.map(toRow), limit);
    },
  };
}

function toRow(row: AuditTable): AuditRow {
  return {
    id: row.id,
    userId: row.user_id ?? undefined,
    action: row.action,
    subject: row.subject ?? undefined,
    detail: row.detail === null ? undefined : JSON.parse(row.detail),
    address: row.address ?? undefined,
    createdAt: row.created_at,
  };
}
