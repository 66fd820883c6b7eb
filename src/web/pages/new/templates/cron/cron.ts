import { sqlite } from "https://esm.town/v/std/sqlite/main.ts";

await sqlite.execute("create table if not exists runs (at text not null)");

/** Runs by the clock; when, you choose under Triggers. */
export default async function tick({ lastRunAt }: Interval): Promise<void> {
  await sqlite.execute({ sql: "insert into runs values (?)", args: [new Date().toISOString()] });
  console.log("The run before this one:", lastRunAt ?? "none");
}
