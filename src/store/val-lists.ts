import { type Kysely, sql } from "kysely";
import { PRIVACIES_LISTED, type Privacy } from "../val/visibility.ts";
import type { TownSchema } from "./schema.ts";

/** A val and its owner. */
export interface Val {
  readonly id: string;
  readonly userId: string;
  readonly username: string;
  readonly userType: "user" | "org";
  readonly name: string;
  readonly description: string | null;
  readonly privacy: Privacy;
  readonly imageUrl: string | null;
  /** Epoch milliseconds; no two vals share it. */
  readonly createdAt: number;
}

/** At most `limit` rows, and whether there are more behind them. */
export interface Page<T> {
  readonly rows: T[];
  readonly more: boolean;
}

/** What of the visible vals is asked for. */
export interface ListFilter {
  readonly limit: number;
  /** Made before, epoch milliseconds. */
  readonly before?: number;
  readonly privacy?: Privacy;
  readonly userId?: string;
}

/** Vals of one owner, of one privacy, or both; each such list can be read from an index in its order. */
interface Part {
  readonly userId?: string;
  readonly privacy?: Privacy;
}

/** The vals of these accounts, the newest first. */
export async function listOwned(
  db: Kysely<TownSchema>,
  accounts: ReadonlySet<string>,
  { limit, offset }: { limit: number; offset: number },
): Promise<Page<Val>> {
  const parts = [...accounts].map((userId) => ({ userId }));
  return toPage((await newest(db, parts, { count: offset + limit + 1 })).slice(offset), limit);
}

/** What is listed for everyone and what is of these accounts, the newest first. */
export async function listVisible(
  db: Kysely<TownSchema>,
  accounts: ReadonlySet<string>,
  { limit, before, privacy, userId }: ListFilter,
): Promise<Page<Val>> {
  const own = [...accounts].filter((id) => userId === undefined || id === userId);
  const listed = PRIVACIES_LISTED.filter((one) => privacy === undefined || one === privacy);
  const parts: Part[] = [
    ...listed.map((one) => ({ privacy: one, ...(userId !== undefined && { userId }) })),
    ...own.map((id) => ({ userId: id, ...(privacy !== undefined && { privacy }) })),
  ];
  return toPage(await newest(db, parts, { count: limit + 1, before }), limit);
}

/** Of `limit + 1` rows asked for, keep `limit`. */
export function toPage<T>(rows: T[], limit: number): Page<T> {
  return { rows: rows.slice(0, limit), more: rows.length > limit };
}

/**
 * The newest vals of the union of these parts. Each part is read to `count` rows from its index: a condition with OR
 * would have the database read all vals, newest first, until it has found enough.
 */
async function newest(
  db: Kysely<TownSchema>,
  parts: readonly Part[],
  { count, before = Number.MAX_SAFE_INTEGER }: { count: number; before?: number | undefined },
): Promise<Val[]> {
  if (parts.length === 0) return [];
  const terms = parts.map(({ userId, privacy }) => {
    let query = db.selectFrom("vals").select(["id", "created_at"]).where("created_at", "<", before);
    if (userId !== undefined) query = query.where("user_id", "=", userId);
    if (privacy !== undefined) query = query.where("privacy", "=", privacy);
    return sql`select * from (${query.orderBy("created_at", "desc").limit(count)})`;
  });
  const union = sql<{ id: string }>`(${sql.join(terms, sql` union `)})`.as("parts");
  const ids = db.selectFrom(union).select("id").orderBy(sql`created_at`, "desc").limit(count);
  const rows = await selectVals(db).where("vals.id", "in", ids).orderBy("vals.created_at", "desc").execute();
  return rows.map(toVal);
}

/** Vals with their owners. */
export function selectVals(db: Kysely<TownSchema>) {
  return db
    .selectFrom("vals")
    .innerJoin("users", "users.id", "vals.user_id")
    .select(["vals.id", "vals.user_id", "users.username", "users.type as user_type"])
    .select(["vals.name", "vals.description", "vals.privacy", "vals.image_url", "vals.created_at"]);
}

type ValRow = Awaited<ReturnType<ReturnType<typeof selectVals>["execute"]>>[number];

/** A row of `selectVals` as a val. */
export function toVal(row: ValRow): Val {
  return {
    id: row.id,
    userId: row.user_id,
    username: row.username,
    userType: row.user_type,
    name: row.name,
    description: row.description,
    privacy: row.privacy,
    imageUrl: row.image_url,
    createdAt: row.created_at,
  };
}
