/** Why a worker ended, as a sentence for the val's author. */

import type { Exit } from "../sandbox/types.ts";
import type { PoolLimits, WorkerDeath } from "./types.ts";

const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
const seconds = (ms: number) => `${ms / 1000} s`;

/** Deno's refusal to load machine code, or to tell what packages ask that look for theirs. */
const MACHINE_CODE = /Requires ffi access|detect-libc|^Error: Could not load the .* runtime/;
const REFUSED_CODE =
  "\nThis may be a package with machine code of its own: such code obeys no permissions, and runs only where the town's operator allows it (--native-packages).";

export const deaths = {
  failed: (message: string): WorkerDeath => ({
    reason: "load",
    message: `The val failed while it was loading: ${message}${MACHINE_CODE.test(message) ? REFUSED_CODE : ""}`,
  }),
  slowLoad: (ms: number): WorkerDeath => ({
    reason: "load",
    message: `The val was stopped: importing it took longer than ${seconds(ms)}. Do slow work in the handler.`,
  }),
  memory: (used: number, limit: number): WorkerDeath => ({
    reason: "memory",
    message: `The val was stopped: it used ${megabytes(used)} of memory, and ${megabytes(limit)} are allowed.`,
  }),
  tasks: (used: number, limit: number): WorkerDeath => ({
    reason: "tasks",
    message: `The val was stopped: it ran ${used} threads and processes, and ${limit} are allowed.`,
  }),
  busy: (ms: number): WorkerDeath => ({
    reason: "cpu",
    message: `The val was stopped: it computed for ${seconds(ms)} without returning to its event loop. Look for an endless loop.`,
  }),
  blocked: (ms: number): WorkerDeath => ({
    reason: "cpu",
    message: `The val was stopped: it blocked its event loop for ${seconds(ms)}.`,
  }),
  retired: {
    reason: "retired",
    message: "The worker was retired: the val has a newer version, or was idle.",
  },
  closed: { reason: "closed", message: "The town is shutting down." },
} as const;

const HEAP = /out of memory|heap limit/i;

/** The reason of an end that nobody here ordered. `lastError` is the last thing the process wrote to stderr. */
export function explainExit(exit: Exit, lastError: string, limits: PoolLimits): WorkerDeath {
  if (exit.signal !== null && HEAP.test(lastError)) {
    const message = `The val was stopped: it needed more than the ${megabytes(limits.memoryBytes)} of memory that are allowed.`;
    return { reason: "memory", message };
  }
  if (exit.signal === "SIGKILL") {
    return {
      reason: "exit",
      message: "The val was killed from outside: by the operator, or for lack of memory.",
    };
  }
  const how = exit.signal === null ? `exited with code ${exit.code}` : `was ended by ${exit.signal}`;
  const hint = lastError === "" ? "" : ` Its last error output: ${lastError}`;
  return { reason: "exit", message: `The val's process ${how}, which ends all its calls.${hint}` };
}
