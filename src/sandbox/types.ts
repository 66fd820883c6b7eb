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

/** URLs of what a worker sees, each with a slash at its end: what its stack traces call it. */
export interface Places {
  /** The val's own files. */
  readonly val: string;
  /** The packages, below that their registry's host, name and version. */
  readonly packages: string;
  /** Our own code. */
  readonly guest: readonly string[];
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
  readonly places: Places;
  /** Queue bytes for stdin. Never blocks; a dead process swallows them. */
  write(text: string): void;
  /** Raw stdout and stderr; each is read by one reader, and reading slower holds the process back. */
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exited: Promise<Exit>;
  /** Put the built files where the guest can read them; returns the URL of `entry` as the guest sees it. */
  place(artifact: string, entry: string): string;
  /** Of the Deno process itself and its threads; undefined once it is gone. */
  usage(): Usage | undefined;
  /** SIGKILL to the whole process tree. */
  kill(): void;
}

/** A confined one-shot run of Deno (not of user code): `args` after `deno`. */
export interface RunOptions {
  readonly args: readonly string[];
  /** What is in the working folder, read-only where there are namespaces: a host folder's files, or these by name. */
  readonly folder: string | Readonly<Record<string, string>>;
  /** A file in the working folder, given by name, that this run may write: it comes back as `written`. */
  readonly writes?: string;
  /** Whether modules may come from other hosts, public ones only; as `writeCache` if not given. */
  readonly remote?: boolean;
  /** Whether this run may fetch modules into the shared package cache. */
  readonly writeCache: boolean;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  /** Bytes that Deno may write to files in all; it is killed beyond. Linux only. */
  readonly maxWriteBytes?: number;
}

export interface RunResult {
  readonly code: number | null;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** What it was killed for taking too much of. */
  readonly exceeded?: "memory" | "disk" | undefined;
  /** URL of the working folder as Deno saw it, with a slash at its end: what its messages call it. */
  readonly folder: string;
  /** The file `writes` after a run that ended well; undefined when there is none or it is too large. */
  readonly written?: string;
}

/** What a program of ours may take. */
export interface ProgramLimits {
  /** Memory of each of its processes, bytes; what it asks for beyond is refused. */
  readonly dataBytes: number;
  /** Processes and threads together. */
  readonly tasks: number;
  /** Open files. */
  readonly files: number;
  /** Bytes in one file it writes. */
  readonly fileBytes: number;
  /** Bytes in its own temporary folder. */
  readonly scratchBytes: number;
}

/** A file or folder of the host that a program sees, where it lies on the host too. */
export interface Mount {
  readonly path: string;
  /** Read-only if not set. Files there belong to a user of their own: nothing else of Hamlet's is writable for it. */
  readonly writable?: boolean;
}

/** A long-lived program of Hamlet's own, run by Bun, that works on what is not trusted. */
export interface ProgramOptions {
  /** Host path of its main module. It and all it imports must lie in `mounts`. */
  readonly main: string;
  readonly args?: readonly string[];
  readonly mounts: readonly Mount[];
  /** All of its environment, but for HOME and TMPDIR, which name its scratch folder. */
  readonly env: Readonly<Record<string, string>>;
  readonly limits: ProgramLimits;
}

/** A running program; what it says is not trusted. */
export interface ConfinedProgram {
  /** Queue bytes for stdin. Never blocks; a dead process swallows them. */
  write(data: string | Uint8Array): void;
  /** Each is read by one reader, and reading slower holds the process back. */
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exited: Promise<Exit>;
  /** Of it and all it started; undefined before it runs and once it is gone. */
  usage(): Usage | undefined;
  /** SIGKILL to the whole process tree. */
  kill(): void;
}

export interface Sandbox {
  readonly level: SandboxLevel;
  /** DENO_DIR, the shared package cache, as workers see it. */
  readonly cache: string;
  /** One sentence for the operator: which walls stand, and what is missing for the next one. */
  readonly description: string;
  /** Host folder of the shared package cache. */
  readonly cacheDir: string;
  /** Host path of the unix socket on which the town is to listen for its own workers: all of them can connect to it. */
  readonly door: string;
  /**
   * Start a blank worker: Deno running the guest. With `artifact`, a host folder, it can become nothing else than what lies
   * there, and modules and packages are those of its `deno.lock`, in its own cache (`deno/`) if it has one.
   */
  spawn(artifact?: string): Confined;
  /** Start a program of ours: without any network where there are namespaces. Throws when it cannot be started. */
  program(options: ProgramOptions): ConfinedProgram;
  /**
   * Have the module `entry` of this artifact compiled, without running it, for workers to read instead of compiling it.
   * Takes its time; resolves with whether there is something new for workers that start from now on.
   */
  seed(artifact: string, entry: string): Promise<boolean>;
  /** Rejects only when the folder cannot be read. */
  run(options: RunOptions): Promise<RunResult>;
  /** Kill everything and remove the run folder. */
  close(): Promise<void>;
}
