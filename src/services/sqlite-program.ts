/** How the database processes are started: what the sandbox is asked for. */

import { join } from "node:path";

/** A running process, as `sandbox.program` gives it. */
export interface Program {
  write(data: Uint8Array): void;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exited: Promise<unknown>;
  usage(): { readonly rssBytes: number } | undefined;
  kill(): void;
}

/** What a process is made of, as `sandbox.program` takes it. */
export interface ProgramOptions {
  readonly main: string;
  readonly mounts: readonly { readonly path: string; readonly writable?: boolean }[];
  readonly env: Readonly<Record<string, string>>;
  readonly limits: {
    readonly dataBytes: number;
    readonly tasks: number;
    readonly files: number;
    readonly fileBytes: number;
    readonly scratchBytes: number;
  };
}

/** Memory of a database process; beyond it the process is ended. */
export const MEMORY_BYTES = 512 * 2 ** 20;

/** What Bun has mapped when it has begun, most of it never touched. */
const RESERVED_BYTES = 384 * 2 ** 20;

/** A database process: it sees its own code and the folder of the databases, and has no network. */
export function toProgramOptions(folder: string, memoryBytes: number): ProgramOptions {
  return {
    main: join(import.meta.dir, "sqlite-process.ts"),
    // Its code, and what that reads SQL with.
    mounts: [
      { path: import.meta.dir },
      { path: join(import.meta.dir, "../val") },
      { path: folder, writable: true },
    ],
    // Bun reserves far more for compiled code by itself, and does without when it may not.
    env: { BUN_JSC_jitMemoryReservationSize: `${32 * 2 ** 20}` },
    limits: {
      // A sudden demand is refused to SQLite, which can live with it, before the watch sees it.
      dataBytes: memoryBytes + RESERVED_BYTES,
      tasks: 64,
      files: 4096,
      // What a database may take is its quota; this is for what has gone wrong.
      fileBytes: 2 ** 37,
      scratchBytes: 64 * 2 ** 20,
    },
  };
}
