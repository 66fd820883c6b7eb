/** How long the queue is, for the operator. */

import { type Kysely, sql } from "kysely";
import type { Job } from "./jobs.ts";
import type { TownSchema } from "./schema.ts";

type State = Job["state"];

/** How many jobs of one val there are. */
export interface ValJobs extends Readonly<Record<State, number>> {
  readonly valId: string;
  readonly username: string;
  readonly name: string;
}

/** So many jobs of a state are looked at, those that are due first. */
const LOOKED_AT = 5000;
const VALS = 100;

/** The vals with the most jobs, of a queue that may be very long. */
export async function jobsByVal(db: Kysely<TownSchema>): Promise<ValJobs[]> {
  const found = new Map<string, Record<State, number> & Omit<ValJobs, State>>();
  for (const state of ["queued", "running", "dead"] as const) {
    const some = db
      .selectFrom("jobs")
      .select("val_id")
      .where("state", "=", state)
      .orderBy("run_at")
      .limit(LOOKED_AT)
      .as("some");
    const rows = await db
      .selectFrom(some)
      .innerJoin("vals", "vals.id", "some.val_id")
      .innerJoin("users", "users.id", "vals.user_id")
      .select(["some.val_id as valId", "vals.name", "users.username"])
      .select(sql<number>`count(*)`.as("count"))
      .groupBy("some.val_id")
      .execute();
    for (const { valId, username, name, count } of rows) {
      const one = found.get(valId) ?? { valId, username, name, queued: 0, running: 0, dead: 0 };
      found.set(valId, { ...one, [state]: Number(count) });
    }
  }
  const all = ({ queued, running, dead }: ValJobs) => queued + running + dead;
  return [...found.values()].sort((a, b) => all(b) - all(a)).slice(0, VALS);
}
