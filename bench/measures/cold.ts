import { existsSync } from "node:fs";
import { join } from "node:path";
import { answer, pause } from "../client.ts";
import { ROOT } from "../contestants/folder.ts";
import { eachAlone, inTurn } from "../rounds.ts";
import { Samples } from "../statistics.ts";
import type { Bench, ContestantName, Measure, Row, Running, Vals } from "../types.ts";

/** First calls in each round. */
const CALLS = 8;
const PAUSE_MS = 250;
const BURST = 20;
const CONTESTANTS: readonly ContestantName[] = ["hamlet", "dhw", "dhw-fast", "workerd"];
const NOTE = "workerd: an isolate of its worker loader, in the same process";

/** First requests to vals that have never run since the platform started, to the full answer. */
export const cold: Measure = { name: "cold", run };

async function run(bench: Bench): Promise<Row[]> {
  return [await spaced(bench, "hello"), await spaced(bench, "hono"), await burst(bench, "hello")];
}

/** The same for vals with heavy packages, which workerd would need bundled by somebody else. */
export const heavy: Measure = { name: "heavy", run: runHeavy };

export const HEAVY = ["openai", "zod", "react", "drizzle", "cheerio"] as const;

async function runHeavy(bench: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  for (const val of HEAVY) rows.push(await spaced(bench, val, ["hamlet", "dhw", "dhw-fast"]));
  return rows;
}

/** As in life: somebody comes to a val now and then, and the platform has time to get ready for the next one. */
async function spaced(bench: Bench, example: string, names = CONTESTANTS): Promise<Row> {
  const samples = new Samples();
  const next = new Map<ContestantName, number>();
  await inTurn(bench, names, copies(example, CALLS * bench.rounds + 1), async (name, running) => {
    // The first one is not counted: it also is the platform's own first request.
    const from = next.get(name) ?? 0;
    const to = from + CALLS + (from === 0 ? 1 : 0);
    for (let val = from; val < to; val++) {
      const ms = await firstCall(running, val);
      if (val > 0) samples.add(name, ms);
      await pause(PAUSE_MS);
    }
    next.set(name, to);
  });
  return samples.toRow({
    title: `cold ${example}, one call each ${PAUSE_MS} ms`,
    unit: "ms",
    better: "less",
    ...(names === CONTESTANTS ? { note: NOTE } : {}),
  });
}

async function burst(bench: Bench, example: string): Promise<Row> {
  const samples = new Samples();
  await eachAlone(bench, CONTESTANTS, copies(example, BURST + 1), async (name, running) => {
    await firstCall(running, BURST);
    await pause(1000);
    for (let val = 0; val < BURST; val++) samples.add(name, await firstCall(running, val));
  });
  return samples.toRow({ title: `cold ${example}, back to back`, unit: "ms", better: "less", note: NOTE });
}

async function firstCall(running: Running, val: number): Promise<number> {
  const { status, ms } = await answer(running.port, running.host(`val${val}`));
  if (status !== 200) throw new Error(`The first call of val${val} answered ${status}.`);
  return ms;
}

/** The same example, or val of the bench, under many names, `val0` and on. */
export function copies(example: string, count: number): Vals {
  const folder = valFolder(example);
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`val${index}`, folder]));
}

/** Where a val of this name lies. */
export function valFolder(name: string): string {
  const own = join(ROOT, "bench/vals", name);
  return existsSync(own) ? own : join(ROOT, "examples", name);
}
