import { join } from "node:path";
import { connect, get, pause } from "../client.ts";
import { ROOT } from "../contestants/folder.ts";
import { peakBytes, resetPeak, rssBytes } from "../proc.ts";
import { inTurn } from "../rounds.ts";
import { Samples } from "../statistics.ts";
import type { Bench, ContestantName, Measure, Row, Running } from "../types.ts";

const MB = 1024 * 1024;
const WHOLE = 1024 * MB;
const PAUSED = 256 * MB;
const PAUSE_MS = 3000;
const CONTESTANTS: ContestantName[] = ["hamlet", "direct", "dhw", "workerd"];

/** A gigabyte that the val makes while it is read: speed, and what the front process keeps of it. */
export const download: Measure = { name: "download", run };

async function run(bench: Bench): Promise<Row[]> {
  const speed = new Samples();
  const growth = new Samples();
  const held = new Samples();
  /** Resident memory before the first round: growth is what came on top of that, in whichever round. */
  const baseline = new Map<ContestantName, number>();
  const vals = { gigabyte: join(ROOT, "bench/vals/gigabyte") };
  await inTurn(bench, CONTESTANTS, vals, async (name, running) => {
    await fetchBytes(running, 16 * MB);
    const before = baseline.get(name) ?? rssBytes(running.frontPid);
    baseline.set(name, before);
    const whole = await watched(running, () => fetchBytes(running, WHOLE));
    speed.add(name, WHOLE / MB / whole.seconds);
    growth.add(name, Math.max(0, whole.peak - before) / MB);
    const paused = await watched(running, () => fetchBytes(running, PAUSED, PAUSE_MS));
    held.add(name, Math.max(0, paused.peak - paused.before) / MB);
  });
  return [
    speed.toRow({ title: "1 GB download", unit: "MB/s", digits: 0, better: "more" }),
    growth.toRow({ title: "1 GB download, front RSS growth", unit: "MB", better: "less" }),
    held.toRow({ title: "reader pauses 3 s, front RSS growth", unit: "MB", better: "less" }),
  ];
}

/** How long it took, and the most that was resident in the front process meanwhile, bytes. */
async function watched(
  running: Running,
  work: () => Promise<void>,
): Promise<{ seconds: number; before: number; peak: number }> {
  const before = rssBytes(running.frontPid);
  resetPeak(running.frontPid);
  const start = performance.now();
  await work();
  return { seconds: (performance.now() - start) / 1000, before, peak: peakBytes(running.frontPid) };
}

/** Read and drop an answer of that many bytes; with `pauseMs`, stop reading once after the first megabyte. */
async function fetchBytes(running: Running, bytes: number, pauseMs = 0): Promise<void> {
  let received = 0;
  let ending = "";
  let waiting = pauseMs;
  const { promise: complete, resolve } = Promise.withResolvers<void>();
  const connection = await connect(running.port, (data) => {
    received += data.length;
    ending = (ending + data.subarray(-5).toString("latin1")).slice(-5);
    if (ending === "0\r\n\r\n") resolve();
    if (waiting > 0 && received > MB) {
      connection.socket.pause();
      void pause(waiting).then(() => connection.socket.resume());
      waiting = 0;
    }
  });
  connection.socket.write(get(running.host("gigabyte"), `/?bytes=${bytes}`));
  await Promise.race([complete, connection.closed]);
  connection.socket.end();
  if (received < bytes) throw new Error(`Only ${received} of ${bytes} bytes arrived.`);
}
