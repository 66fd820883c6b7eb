import { sqlite } from "https://esm.town/v/std/sqlite/main.ts";

export interface Event {
  id: number;
  /** What was sent. */
  body: string;
  /** How far the work is. */
  status: string;
  /** When it came. */
  at: string;
}

const KEPT = 20;

await sqlite.execute(`create table if not exists events (
  id integer primary key, body text not null, status text not null, at text not null
)`);

/** Keep what has come; returns its number. */
export async function begin(body: string): Promise<number> {
  const { rows } = await sqlite.execute({
    sql: "insert into events (body, status, at) values (?, 'accepted', ?) returning id",
    args: [body, new Date().toISOString()],
  });
  const { id } = rows[0] as unknown as { id: number };
  await sqlite.execute({ sql: "delete from events where id <= ?", args: [id - KEPT] });
  return id;
}

/** How far it is by now. */
export async function note(id: number, status: string): Promise<void> {
  await sqlite.execute({ sql: "update events set status = ? where id = ?", args: [status, id] });
}

/** The latest first. */
export async function newest(): Promise<Event[]> {
  const { rows } = await sqlite.execute("select id, body, status, at from events order by id desc");
  return rows as unknown as Event[];
}
