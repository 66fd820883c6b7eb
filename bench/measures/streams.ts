import { join } from "node:path";
import { type Connection, connect, get, pause } from "../client.ts";
import { ROOT } from "../contestants/folder.ts";
import { descendants, rssBytes } from "../proc.ts";
import { eachAlone } from "../rounds.ts";
import { Samples } from "../statistics.ts";
import type { Bench, ContestantName, Measure, Row, Running } from "../types.ts";

const STREAMS = 5000;
const AT_ONCE = 100;
/** Every stream gets an event each two seconds; on a busy machine they may be late. */
const PATIENCE_MS = 20_000;
/** Deno alone needs more for them than a worker gets by default. */
const MEMORY = "1GB";

/** Thousands of open server-sent event streams: what one costs, and whether each still gets its events. */
export const streams: Measure = { name: "streams", run };

async function run(bench: Bench): Promise<Row[]> {
  const front = new Samples();
  const all = new Samples();
  const lost = new Samples();
  const vals = { ticks: join(ROOT, "bench/vals/ticks") };
  const contestants = ["hamlet", "direct", "dhw", "workerd"] as const;
  const measure = async (name: ContestantName, running: Running) => {
    const figures = await openMany(running);
    front.add(name, figures.frontBytes / 1024);
    all.add(name, figures.allBytes / 1024);
    lost.add(name, figures.lost);
  };
  await eachAlone(bench, contestants, vals, measure, MEMORY);
  return [
    front.toRow({ title: "5,000 open event streams, front RSS per stream", unit: "kB", better: "less" }),
    all.toRow({ title: "5,000 open event streams, all RSS per stream", unit: "kB", better: "less" }),
    lost.toRow({ title: "5,000 open event streams, lost", unit: "streams", digits: 0, better: "less" }),
  ];
}

interface Listener {
  readonly connection: Connection;
  events: number;
}

async function openMany(running: Running): Promise<{ frontBytes: number; allBytes: number; lost: number }> {
  const listeners: Listener[] = [];
  try {
    // The first few pay for code and buffers that all share.
    await openBatch(running, listeners);
    const family = [running.frontPid, ...descendants(running.frontPid)];
    const before = family.map(rssBytes);
    while (listeners.length < STREAMS + AT_ONCE) await openBatch(running, listeners);
    const lost = await countLost(listeners);
    const grown = family.map((pid, index) => rssBytes(pid) - before[index]!);
    return {
      frontBytes: grown[0]! / STREAMS,
      allBytes: grown.reduce((sum, bytes) => sum + bytes, 0) / STREAMS,
      lost,
    };
  } finally {
    for (const { connection } of listeners) connection.socket.terminate();
  }
}

async function openBatch(running: Running, listeners: Listener[]): Promise<void> {
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      const { promise: first, resolve } = Promise.withResolvers<void>();
      const listener = {
        events: 0,
        connection: await connect(running.port, (data) => {
          if (!data.includes("data: tick")) return;
          listener.events += 1;
          resolve();
        }),
      };
      listeners.push(listener);
      listener.connection.socket.write(get(running.host("ticks"), "/"));
      await Promise.race([first, listener.connection.closed, pause(PATIENCE_MS)]);
    }),
  );
}

/** How many get fewer than two more events once all are open. */
async function countLost(listeners: readonly Listener[]): Promise<number> {
  const before = listeners.map((listener) => listener.events);
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const lost = listeners.filter((listener, index) => listener.events < before[index]! + 2).length;
    if (lost === 0 || performance.now() > deadline) return lost;
    await pause(200);
  }
}
