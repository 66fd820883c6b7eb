/** Which walls stand. `full` = Deno permissions + namespaces + network namespace; `namespaces` = without the network one. */
export type SandboxLevel = "full" | "namespaces" | "deno";

export interface WorkerLimits {
  /** Resident memory, bytes; beyond it the process is killed. */
  readonly memoryBytes: number;
  /** Processes and threads together. */
  readonly tasks: number;
  /** Open files. */
  readonly files: number;
  /** Bytes in one file the worker writes. */
  readonly fileBytes: number;
}

export interface Usage {
  readonly rssBytes: number;
  readonly cpuMs: number;
  readonly tasks: number;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** One confined process. The pool drives it; nothing it says is trusted. */
export interface Confined {
  /** Unique for the life of this server. */
  readonly id: string;
  /** Host path of the unix socket that the guest listens on once it said `ready`. */
  readonly socketPath: string;
  /** The same socket as the guest sees it. */
  readonly guestSocketPath: string;
  /** The town's socket (`Sandbox.door`) as the guest sees it once it is placed. */
  readonly guestDoor: string;
  /** Queue bytes for stdin. Never blocks; a dead process swallows them. */
  write(text: string): void;
  /** Raw stdout and stderr; each is read by one reader, and reading slower holds the process back. */
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exited: Promise<Exit>;
  /** Put the built files where the guest can read them; returns the `file:` URL of `entry` as the guest sees it. */
  place(artifact: string, entry: string): string;
  /** Of the Deno process itself and its threads; undefined once it is gone. */
  usage(): Usage | undefined;
  /** SIGKILL to the whole process tree. */
  kill(): void;
}

/** A confined one-shot run of Deno (not of user code): `args` after `deno`. */
export interface RunOptions {
  readonly args: readonly string[];
  /** Host folder whose files are shown, read-only where there are namespaces, as the working folder. */
  readonly folder: string;
  /** Whether this run may fetch modules, from public hosts only, into the shared package cache. */
  readonly writeCache: boolean;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
}

export interface RunResult {
  readonly code: number | null;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** URL of the working folder as Deno saw it, with a slash at its end: what its messages call it. */
  readonly folder: string;
}

export interface Sandbox {
  readonly level: SandboxLevel;
  /** One sentence for the operator: which walls stand, and what is missing for the next one. */
  readonly description: string;
  /** Host path of the unix socket on which the town is to listen for its own workers: all of them can connect to it. */
  readonly door: string;
  /** Start a blank worker: Deno running the guest. */
  spawn(): Confined;
  /** Rejects only when the folder cannot be read. */
  run(options: RunOptions): Promise<RunResult>;
  /** Kill everything and remove the run folder. */
  close(): Promise<void>;
}
