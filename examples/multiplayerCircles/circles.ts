import { sqlite } from "https://esm.town/v/std/sqlite/main.ts";

export interface Circle {
  id: number;
  x: number;
  y: number;
  color: string;
  /** Grows with every move of any circle. */
  change: number;
}

const SIZE = 1000;
const COLORS = ["#e4572e", "#f2b134", "#7bb662", "#17a398", "#2e86de", "#8e5bd0", "#d6478f", "#7d6b5d"];

await sqlite.batch(
  [
    "create table if not exists circles (id integer primary key, x real, y real, color text, change integer)",
    "create index if not exists circles_by_change on circles (change)",
    ...COLORS.map((color, id) => ({
      sql: "insert or ignore into circles values (?, ?, ?, ?, ?)",
      args: [id, 150 + 235 * (id % 4), 330 + 340 * Math.floor(id / 4), color, id + 1],
    })),
  ],
  "write",
);

/** One step of one circle: its number among all, or undefined when there is no such circle. */
export async function moveCircle(id: number, x: number, y: number): Promise<number | undefined> {
  // One statement, and writers take turns: no two moves get the same number, whichever worker they come through.
  const { rows } = await sqlite.execute({
    sql: "update circles set x = ?, y = ?, change = (select max(change) from circles) + 1 where id = ? returning change",
    args: [clamp(x), clamp(y), id],
  });
  return rows[0]?.change as number | undefined;
}

/** The circles that moved after this change. */
export async function circlesSince(change: number): Promise<Circle[]> {
  const { rows } = await sqlite.execute({
    sql: "select id, x, y, color, change from circles where change > ? order by change",
    args: [change],
  });
  return rows as unknown as Circle[];
}

function clamp(place: number): number {
  return Math.round(Math.min(SIZE, Math.max(0, place)));
}
