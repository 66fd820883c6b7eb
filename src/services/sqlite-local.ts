/** Databases in files of ours, served by processes of ours. */

import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Scope } from "./scope.ts";
import { SqliteError } from "./sqlite-error.ts";
import { type Answer, Home, type HomeTimes } from "./sqlite-home.ts";
import { Lanes } from "./sqlite-lanes.ts";
import { MEMORY_BYTES, type Program, type ProgramOptions, toProgramOptions } from "./sqlite-program.ts";
import type { Form } from "./sqlite-protocol.ts";

/** Whether there still is what a database belongs to. */
export type Keep = (scope: Scope) => Promise<boolean>;

/** Who answers, whatever serves the databases. */
export interface Backend {
  /** Rejects with SqliteError. */
  send(scope: Scope, form: Form, body: Uint8Array, signal?: AbortSignal): Promise<Answer>;
  setQuota(scope: Scope, bytes: number): void;
  remove(scope: Scope): Promise<void>;
  /** Remove the databases that `keep` denies. */
  sweep(keep: Keep): Promise<void>;
  usage(scope: Scope): Promise<number>;
  close(): Promise<void>;
}

/** Where the files lie, and what may be done with them. */
export interface LocalOptions {
  /** Folder of the database files; made when missing. */
  readonly folder: string;
  readonly start: (program: ProgramOptions) => Program;
  readonly workers: number;
  readonly timeLimitMs: number;
  /** The largest a database may become, if nothing else is said of it. */
  readonly quotaBytes: number;
  readonly onDeath: (message: string) => void;
  readonly times?: HomeTimes;
  /** Memory of a process, beyond which it is ended. */
  readonly memoryBytes?: number;
}

const TIMES: HomeTimes = { idleMs: 10_000, lockMs: 5000 };
const PARTS = ["", "-wal", "-shm"];
const MAX_KNOWN = 5000;
const KINDS = ["user", "val"] as const;

/** Make the folder; processes are started when they are needed. */
export function createLocal(options: LocalOptions): Backend {
  const { folder, timeLimitMs, quotaBytes, times = TIMES, memoryBytes = MEMORY_BYTES } = options;
  for (const kind of KINDS) mkdirSync(join(folder, kind), { recursive: true, mode: 0o700 });
  const program = toProgramOptions(folder, memoryBytes);
  const lanes = new Lanes({
    start: () => options.start(program),
    workers: options.workers,
    limits: { timeMs: timeLimitMs, memoryBytes },
    onDeath: options.onDeath,
  });
  const homes = new Map<string, Home>();
  const quotas = new Map<string, number>();
  /** Files that are being removed: what comes meanwhile waits. */
  const removals = new Map<string, Promise<void>>();
  let isClosed = false;

  const homeOf = (file: string): Home => {
    let home = homes.get(file);
    if (home === undefined) {
      if (homes.size >= MAX_KNOWN) forgetIdle(homes);
      home = new Home(file, quotas.get(file) ?? quotaBytes, times, lanes.wake);
      homes.set(file, home);
    }
    return home;
  };

  const remove = async (file: string): Promise<void> => {
    const home = homeOf(file);
    homes.delete(file);
    home.drop(new SqliteError(404, "REMOVED", "The database was removed."));
    await lanes.forget(home);
    for (const part of PARTS) rmSync(file + part, { force: true });
  };

  const removeOnce = async (file: string): Promise<void> => {
    await removals.get(file);
    const removal = remove(file).finally(() => removals.delete(file));
    removals.set(file, removal);
    await removal;
  };

  return {
    async send(scope, form, body, signal) {
      const file = fileOf(folder, scope);
      await removals.get(file);
      if (isClosed) throw shuttingDown();
      return new Promise<Answer>((resolve, reject) => {
        homeOf(file).add({ kind: "run", body, form, stream: 0, uses: 0, signal, resolve, reject });
      });
    },
    setQuota(scope, bytes) {
      const file = fileOf(folder, scope);
      quotas.set(file, bytes);
      const home = homes.get(file);
      if (home !== undefined) home.quota = bytes;
    },
    remove: async (scope) => removeOnce(fileOf(folder, scope)),
    async sweep(keep) {
      for (const scope of scopesIn(folder)) {
        // One by one, for nobody waits for it.
        const isKept = await keep(scope);
        if (isClosed) return;
        if (!isKept) await removeOnce(fileOf(folder, scope));
      }
    },
    async usage(scope) {
      const file = fileOf(folder, scope);
      return PARTS.slice(0, 2).reduce(
        (sum, part) => sum + (statSync(file + part, { throwIfNoEntry: false })?.size ?? 0),
        0,
      );
    },
    async close() {
      isClosed = true;
      for (const home of homes.values()) home.drop(shuttingDown());
      await lanes.close();
      // What was under way and came to wait for a lock.
      for (const home of homes.values()) home.drop(shuttingDown());
    },
  };
}

const shuttingDown = () =>
  new SqliteError(503, "SHUTTING_DOWN", "This town is restarting. Try again in a moment.");

function fileOf(folder: string, { kind, id }: Scope): string {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(id))
    throw new SqliteError(400, "BAD_SCOPE", "That is not the id of a database.");
  return join(folder, kind, `${id}.db`);
}

/** Of a removal that was cut short, the files beside the database may be all that is left. */
function scopesIn(folder: string): Scope[] {
  return KINDS.flatMap((kind) => {
    const ids = readdirSync(join(folder, kind)).map((name) => /^([\w-]+)\.db(-wal|-shm)?$/.exec(name)?.[1]);
    return [...new Set(ids)].flatMap((id) => (id === undefined ? [] : [{ kind, id }]));
  });
}

function forgetIdle(homes: Map<string, Home>): void {
  const now = performance.now();
  for (const [file, home] of homes)
    if (home.isIdle && home.lane === undefined && home.penalUntil < now) homes.delete(file);
}
