// Runs every hour, and shows when it last did
import { sqlite } from "https://esm.town/v/std/sqlite/main.ts";

export default async function handle(): Promise<Response> {
  await sqlite.execute("create table if not exists runs (at text not null)");
  const { rows } = await sqlite.execute("select at from runs order by at desc limit 20");
  return Response.json({ lastRuns: rows.map(({ at }) => at) });
}
