/** Looks after claimed workers: what they use, and whether their event loops still turn. */

import type { Usage } from "../sandbox/types.ts";
import { deaths } from "./death.ts";
import type { PoolLimits, WorkerDeath } from "./types.ts";
import type { Worker } from "./worker.ts";

export const TICK_MS = 100;
/** Ticks between two looks at an idle worker. */
export const IDLE_TICKS = 10;
/** A ping unanswered for longer means that the next call would wait: another worker takes it. */
const SATURATED_MS = 250;
/** And for longer than this, that it might wait for good. */
const HUNG_MS = 2000;
/** Even a worker that seems to sleep is asked now and then. */
const ASK_ANYWAY_MS = 2000;
/** An idle worker that computes as much between two looks is asked too. */
const IDLE_CPU_MS = 50;
/** Without any CPU time, a blocked event loop is given more wall time than a busy one. */
const BLOCKED_FACTOR = 3;
/** One that computed more than this share meanwhile is not blocked, but one of too many on a busy machine. */
const BLOCKED_SHARE = 0.1;

/**
 * Look at one worker; kills it when it is beyond a limit. `lagMs` is how late this look is: time in which the host
 * itself could not have heard an answer.
 */
export function watchWorker(worker: Worker, limits: PoolLimits, now: number, lagMs: number): void {
  const before = worker.usage;
  const usage = worker.measure();
  if (usage === undefined) return;
  if (worker.ping === undefined) {
    const expected = worker.leases > 0 || worker.state === "loading";
    const computed = usage.cpuMs - (before?.cpuMs ?? 0);
    const silent = now - worker.lastPong >= ASK_ANYWAY_MS;
    if (expected ? computed > 0 || silent : computed >= IDLE_CPU_MS) worker.sendPing(usage.cpuMs);
  } else worker.ping.at += lagMs;
  const waited = worker.ping === undefined ? 0 : now - worker.ping.at;
  const death = verdict(worker, usage, limits, waited);
  if (death) worker.kill(death);
  // While it loads it is expected to be busy, and another worker would have to load as well.
  const serves = worker.state === "warm";
  worker.saturated = serves && waited > SATURATED_MS;
  worker.hung = serves && waited > HUNG_MS;
}

function verdict(worker: Worker, usage: Usage, limits: PoolLimits, waited: number): WorkerDeath | undefined {
  const { rssBytes, tasks, cpuMs } = usage;
  const { hangCpuMs } = limits;
  if (rssBytes > limits.memoryBytes) return deaths.memory(rssBytes, limits.memoryBytes);
  if (tasks > limits.tasks) return deaths.tasks(tasks, limits.tasks);
  if (worker.ping === undefined) return undefined;
  const computed = cpuMs - worker.ping.cpuMs;
  if (computed >= hangCpuMs) return deaths.busy(hangCpuMs);
  const blockedMs = hangCpuMs * BLOCKED_FACTOR;
  const isBlocked = waited >= blockedMs && computed < hangCpuMs * BLOCKED_SHARE;
  return isBlocked ? deaths.blocked(blockedMs) : undefined;
}
