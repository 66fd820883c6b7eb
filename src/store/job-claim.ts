/** Whose job is next? One owner's after another's, and of an owner one val's after another's, however many wait. */
import { type Kysely, sql } from "kysely";
import { toJob } from "./job-rows.ts";
import type { Claim, Job } from "./jobs.ts";
import type { TownSchema } from "./schema.ts";

/** Owners of whom it is remembered which val was the last; beyond so many it begins anew. */
const MAX_REMEMBERED = 10_000;

interface Picked {
  readonly id: string;
  readonly userId: string;
  readonly valId: string;
}

/** Remembers in this process whose turn it was last: what is first by time alone would be one owner's for hours. */
export function createTurns(db: Kysely<TownSchema>): { claim(of: Claim): Promise<Job[]> } {
  let lastUser = "";
  const lastVals = new Map<string, string>();

  /** The next of a ring: behind `last`, else from the beginning on. */
  async function next(last: string, after: (id: string) => Promise<string | undefined>) {
    return (await after(last)) ?? (last === "" ? undefined : await after(""));
  }

  /** Of an account that is suspended nothing begins until it is no more. */
  async function isSuspended(userId: string): Promise<boolean> {
    const user = db.selectFrom("users").select("suspended_at").where("id", "=", userId);
    return (await user.executeTakeFirst())?.suspended_at != null;
  }

  /** @param suspended grows by those that are met */
  async function pick(of: Claim, picked: readonly Picked[], full: readonly string[], suspended: string[]) {
    const due = db
      .selectFrom("jobs")
      .where("state", "=", "queued")
      .where("run_at", "<=", of.now)
      .where("val_id", "not in", full)
      .where("user_id", "not in", [...(of.exceptUsers ?? []), ...suspended])
      .where(
        "id",
        "not in",
        picked.map(({ id }) => id),
      );
    const userId = await next(lastUser, async (last) => {
      const later = due.select("user_id").where("user_id", ">", last).orderBy("user_id").limit(1);
      return (await later.executeTakeFirst())?.user_id;
    });
    if (userId === undefined) return undefined;
    if (await isSuspended(userId)) {
      suspended.push(userId);
      return "suspended";
    }
    const own = due.where("user_id", "=", userId);
    const valId = await next(lastVals.get(userId) ?? "", async (last) => {
      const later = own.select("val_id").where("val_id", ">", last).orderBy("val_id").limit(1);
      return (await later.executeTakeFirst())?.val_id;
    });
    if (valId === undefined) return undefined;
    const first = own.select("id").where("val_id", "=", valId).orderBy("run_at").orderBy("id").limit(1);
    const id = (await first.executeTakeFirst())?.id;
    return id === undefined ? undefined : { id, userId, valId };
  }

  async function running(): Promise<Map<string, number>> {
    const rows = await db
      .selectFrom("jobs")
      .select((f) => ["val_id", f.fn.countAll<number>().as("count")])
      .where("state", "=", "running")
      .groupBy("val_id")
      .execute();
    return new Map(rows.map(({ val_id, count }) => [val_id, Number(count)]));
  }

  /** Found at once, where those that wait for their time are many. */
  async function isAnyDue(now: number): Promise<boolean> {
    const due = db.selectFrom("jobs").select("run_at").where("state", "=", "queued");
    return (await due.where("run_at", "<=", now).limit(1).executeTakeFirst()) !== undefined;
  }

  return {
    async claim(of) {
      if (!(await isAnyDue(of.now))) return [];
      const ofVal = await running();
      const picked: Picked[] = [];
      const suspended: string[] = [];
      while (picked.length < of.limit) {
        const full = [...ofVal].filter(([, count]) => count >= of.perVal).map(([valId]) => valId);
        const one = await pick(of, picked, [...full, ...(of.exceptVals ?? [])], suspended);
        if (one === "suspended") continue;
        if (one === undefined) break;
        picked.push(one);
        ofVal.set(one.valId, (ofVal.get(one.valId) ?? 0) + 1);
        lastUser = one.userId;
        if (lastVals.size >= MAX_REMEMBERED) lastVals.clear();
        lastVals.set(one.userId, one.valId);
      }
      if (picked.length === 0) return [];
      const ids = picked.map(({ id }) => id);
      const lease = { lease_owner: of.owner, lease_until: of.now + of.leaseMs };
      // The reader saw them queued; whether they still are, this statement says. (PostgreSQL: for update skip locked.)
      // As an expression, or SQLite would look through all that are queued for these few.
      const rows = await db
        .updateTable("jobs")
        .set({ state: "running", begun: 0, run_id: null, updated_at: of.now, ...lease })
        .where("id", "in", ids)
        .where(sql<string>`state || ''`, "=", "queued")
        .returningAll()
        .execute();
      const order = new Map(ids.map((id, index) => [id, index]));
      return rows.map(toJob).sort((a, b) => order.get(a.id)! - order.get(b.id)!);
    },
  };
}
