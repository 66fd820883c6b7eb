import { join } from "node:path";
import { ROOT } from "../contestants/folder.ts";
import { descendants, peakBytes, resetPeak, rssBytes } from "../proc.ts";
import { inTurn } from "../rounds.ts";
import { Samples } from "../statistics.ts";
import type { Bench, Measure, Row, Running } from "../types.ts";

const MB = 1024 * 1024;
/** Val Town's limit is 100 MB, and Hamlet's default. */
const BYTES = 100_000_000;

/** 100 MB to a val that counts them: speed, and what the front and the worker keep of it. */
export const upload: Measure = { name: "upload", run };

async function run(bench: Bench): Promise<Row[]> {
  const speed = new Samples();
  const front = new Samples();
  const worker = new Samples();
  /** Resident memory of each process before the first round: growth is what came on top of that. */
  const baseline = new Map<number, number>();
  const body = new Uint8Array(BYTES).fill(120);
  const vals = { reportBodySize: join(ROOT, "examples/reportBodySize") };
  await inTurn(bench, ["hamlet", "direct", "dhw", "workerd"], vals, async (name, running) => {
    await send(running, body.subarray(0, 4 * MB));
    const family = [running.frontPid, ...descendants(running.frontPid)];
    for (const pid of family) {
      if (!baseline.has(pid)) baseline.set(pid, rssBytes(pid));
      resetPeak(pid);
    }
    const start = performance.now();
    await send(running, body);
    speed.add(name, BYTES / MB / ((performance.now() - start) / 1000));
    const [inFront, ...below] = family.map((pid) => Math.max(0, peakBytes(pid) - baseline.get(pid)!) / MB);
    front.add(name, inFront!);
    // The worker is the one that grew most; its siblings had nothing to do.
    if (below.length > 0) worker.add(name, Math.max(...below));
  });
  return [
    speed.toRow({ title: "100 MB upload", unit: "MB/s", digits: 0, better: "more" }),
    front.toRow({ title: "100 MB upload, front RSS growth", unit: "MB", better: "less" }),
    worker.toRow({ title: "100 MB upload, worker RSS growth", unit: "MB", better: "less" }),
  ];
}

async function send(running: Running, body: Uint8Array<ArrayBuffer>): Promise<void> {
  const headers = { host: running.host("reportBodySize") };
  const response = await fetch(`http://127.0.0.1:${running.port}/`, { method: "POST", body, headers });
  const counted = Number(await response.text());
  if (counted !== body.byteLength) throw new Error(`The val counted ${counted} of ${body.byteLength} bytes.`);
}
