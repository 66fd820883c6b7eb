import type { Expression, ExpressionBuilder, Kysely, SqlBool } from "kysely";
import type { Privacy } from "../val/visibility.ts";
import type { TownSchema } from "./schema.ts";
import { type Page, toPage } from "./val-lists.ts";

export const PULL_STATES = ["open", "merged", "closed"] as const;

/** What became of a proposal; `closed` is without a merge. */
export type PullState = (typeof PULL_STATES)[number];

/** One end of a proposal: a branch and its newest version, with what is needed to tell who may read it. */
export interface PullEnd {
  readonly branchId: string;
  readonly branch: string;
  readonly version: number;
  readonly valId: string;
  readonly valName: string;
  readonly userId: string;
  readonly username: string;
  readonly privacy: Privacy;
}

/** A user as far as a proposal tells; the username is null when the user is gone. */
export interface PullUser {
  readonly id: string;
  readonly username: string | null;
}

/** A proposal to merge one branch into another. Times in epoch milliseconds. */
export interface Pull {
  readonly id: string;
  /** The val it was proposed to. */
  readonly valId: string;
  readonly number: number;
  readonly title: string;
  readonly description: string | null;
  readonly state: PullState;
  readonly author: PullUser;
  /** Undefined when the branch is gone. */
  readonly source: PullEnd | undefined;
  readonly target: PullEnd | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Who merged or closed it; undefined while it is open, and when a branch of it was deleted. */
  readonly endedBy: PullUser | undefined;
  readonly endedAt: number | null;
  /** The target's versions before and after the merge. */
  readonly merged: { readonly from: number; readonly version: number } | undefined;
}

/** One proposal to a val. */
export async function findPull(
  db: Kysely<TownSchema>,
  valId: string,
  number: number,
): Promise<Pull | undefined> {
  const query = select(db).where("pulls.val_id", "=", valId).where("pulls.number", "=", number);
  return (await withEnds(db, await query.execute()))[0];
}

/** Proposals to a val, the newest first. */
export async function listPulls(
  db: Kysely<TownSchema>,
  valId: string,
  { state, limit, offset }: { state?: PullState | undefined; limit: number; offset: number },
): Promise<Page<Pull>> {
  const rows = await select(db)
    .where("pulls.val_id", "=", valId)
    .$if(state !== undefined, (query) => query.where(isIn(state!)))
    .orderBy("pulls.number", "desc")
    .limit(limit + 1)
    .offset(offset)
    .execute();
  const page = toPage(rows, limit);
  return { rows: await withEnds(db, page.rows), more: page.more };
}

/** Without one of its branches a proposal is closed. */
function isIn(state: PullState) {
  return (where: ExpressionBuilder<TownSchema, "pulls">): Expression<SqlBool> => {
    const ends = ["source_branch_id", "target_branch_id"] as const;
    const whole = ends.map((end) => where(`pulls.${end}`, "is not", null));
    if (state === "open") return where.and([where("pulls.state", "=", "open"), ...whole]);
    if (state === "merged") return where("pulls.state", "=", "merged");
    const broken = ends.map((end) => where(`pulls.${end}`, "is", null));
    return where.and([
      where("pulls.state", "!=", "merged"),
      where.or([where("pulls.state", "=", "closed"), ...broken]),
    ]);
  };
}

function select(db: Kysely<TownSchema>) {
  return db
    .selectFrom("pulls")
    .leftJoin("users as author", "author.id", "pulls.author_id")
    .leftJoin("users as ender", "ender.id", "pulls.ended_by")
    .selectAll("pulls")
    .select(["author.username as author_name", "ender.username as ender_name"]);
}

type PullRow = Awaited<ReturnType<ReturnType<typeof select>["execute"]>>[number];

async function withEnds(db: Kysely<TownSchema>, rows: readonly PullRow[]): Promise<Pull[]> {
  const ids = rows.flatMap((row) => [row.source_branch_id ?? [], row.target_branch_id ?? []].flat());
  const ends = new Map(ids.length === 0 ? [] : (await endsOf(db, ids)).map((end) => [end.branchId, end]));
  return rows.map((row) => {
    const source = ends.get(row.source_branch_id ?? "");
    const target = ends.get(row.target_branch_id ?? "");
    return {
      id: row.id,
      valId: row.val_id,
      number: row.number,
      title: row.title,
      description: row.description,
      state: row.state === "open" && (source === undefined || target === undefined) ? "closed" : row.state,
      author: { id: row.author_id, username: row.author_name },
      source,
      target,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
      endedBy: row.ended_by === null ? undefined : { id: row.ended_by, username: row.ender_name },
      endedAt: row.ended_at,
      merged:
        row.merged_from === null || row.merged_version === null
          ? undefined
          : { from: row.merged_from, version: row.merged_version },
    };
  });
}

function endsOf(db: Kysely<TownSchema>, branchIds: readonly string[]): Promise<PullEnd[]> {
  return db
    .selectFrom("branches")
    .innerJoin("vals", "vals.id", "branches.val_id")
    .innerJoin("users", "users.id", "vals.user_id")
    .select(["branches.id as branchId", "branches.name as branch", "branches.version"])
    .select(["vals.id as valId", "vals.name as valName", "vals.privacy"])
    .select(["users.id as userId", "users.username"])
    .where("branches.id", "in", [...new Set(branchIds)])
    .execute();
}
