import { sqlite } from "https://esm.town/v/std/sqlite/main.ts";

export interface Check {
  url: string;
  /** Epoch milliseconds. */
  at: number;
  ok: boolean;
  /** 0 when there was no answer. */
  status: number;
  ms: number;
}

const WEEK_MS = 7 * 24 * 60 * 60_000;

await sqlite.execute(`create table if not exists checks (
  url text not null, at integer not null, ok integer not null, status integer not null, ms integer not null
)`);
await sqlite.execute("create index if not exists checks_of_site on checks (url, at)");

/** Writes these down, and forgets those of more than a week ago. */
export async function record(checks: Check[]): Promise<void> {
  await sqlite.batch([
    ...checks.map(({ url, at, ok, status, ms }) => ({
      sql: "insert into checks (url, at, ok, status, ms) values (?, ?, ?, ?, ?)",
      args: [url, at, ok ? 1 : 0, status, ms],
    })),
    { sql: "delete from checks where at < ?", args: [Date.now() - WEEK_MS] },
  ]);
}

export interface Site {
  url: string;
  /** The share of checks that found it up, 0 to 1. */
  up: number;
  /** The last ones, the newest last. */
  last: Check[];
}

/** Every site that was ever looked at in this week. */
export async function readSites(count: number): Promise<Site[]> {
  const { rows } = await sqlite.execute("select url, avg(ok) as up from checks group by url order by url");
  const sites = rows as unknown as { url: string; up: number }[];
  return await Promise.all(sites.map(async (site) => ({ ...site, last: await readLast(site.url, count) })));
}

async function readLast(url: string, count: number): Promise<Check[]> {
  const { rows } = await sqlite.execute({
    sql: "select url, at, ok, status, ms from checks where url = ? order by at desc limit ?",
    args: [url, count],
  });
  return (rows as unknown as (Omit<Check, "ok"> & { ok: number })[])
    .map((row) => ({ ...row, ok: row.ok === 1 }))
    .reverse();
}
