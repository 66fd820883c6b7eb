/** Levels `full` and `namespaces`: each worker in namespaces of its own (bubblewrap), all of them in one town. */

import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Layout } from "./permissions.ts";
import { childOf } from "./proc.ts";
import { BWRAP, programCommand } from "./program-walls.ts";
import {
  buildRoot,
  CACHE_FOR_WORKERS,
  commonFolder,
  INSIDE,
  insideGuest,
  insideLibraries,
  OPERATOR_CA,
  PRLIMIT,
} from "./root.ts";
import { doorOf } from "./run-folder.ts";
import { syscallFilter } from "./seccomp.ts";
import { RESOLVER, startTown, type Town } from "./town.ts";
import type { WorkerLimits } from "./types.ts";
import { BUILDER, workerUser } from "./users.ts";
import {
  limitArgs,
  ONE_SHOT_LIMITS,
  type OneShotRights,
  type WallOptions,
  type Walls,
  type WorkerFolders,
} from "./walls.ts";

const SCRATCH_BYTES = 64 * 2 ** 20;

/**
 * Build the walls; throws HamletError `config` with the reason when this machine does not allow them.
 * @param noNetwork why there is to be no network wall, for the operator; undefined: there is one.
 */
export async function createNamespaceWalls(
  options: WallOptions,
  privileged: boolean,
  noNetwork?: string,
): Promise<Walls> {
  const network = noNetwork === undefined;
  const town = await buildTown(options, privileged, network);
  const layout = insideLayout(options);
  const filter = writeFilter(options.runFolder);
  const wrap = (
    folders: WorkerFolders,
    user: number,
    limits: WorkerLimits,
    rights: Rights,
    denoArgs: readonly string[],
  ) => [
    ...town.enter(user),
    ...bwrap(`/tmp/run/${folders.name}`, rights, filter ? ["--seccomp", "3"] : []),
    ...[PRLIMIT, ...limitArgs(limits, true), "--", `${INSIDE.deno}/deno`, ...denoArgs],
  ];
  return {
    level: network ? "full" : "namespaces",
    description: describe(noNetwork, privileged),
    guestEntry: layout.guestEntry,
    libraries: layout.libraries,
    cache: INSIDE.cache,
    layout: () => layout,
    prepare(folders) {
      if (privileged) chownSync(folders.socketFolder, workerUser(folders.slot), workerUser(folders.slot));
    },
    // Or a val that got past Deno could fill the host's disk there, or put a socket of its own in the guest's place.
    seal(folders) {
      if (privileged) chownSync(folders.socketFolder, 0, 0);
    },
    worker: (folders, denoArgs, own) =>
      wrap(folders, workerUser(folders.slot), options.limits, own ? "own" : "pooled", denoArgs),
    oneShot(folders, denoArgs, rights) {
      const user = rights.cache ? BUILDER : workerUser(folders.slot);
      if (privileged && rights.folder) handOver(folders.val, user);
      return wrap(folders, user, ONE_SHOT_LIMITS, rights, denoArgs);
    },
    caFile: options.caFile === undefined ? undefined : OPERATOR_CA,
    program: (folders, program) =>
      programCommand({ folders, program, privileged, filtered: filter !== undefined, root: rootOf(options) }),
    programScratch: () => INSIDE.tmp,
    attached: filter,
    // bwrap outside, bwrap as the first process of the namespace, Deno.
    firstPid: childOf,
    denoPid: (pid) => childOf(childOf(pid) ?? 0),
    close: town.close,
  };
}

async function buildTown(options: WallOptions, privileged: boolean, network: boolean): Promise<Town> {
  const { runFolder, cacheDir, egress } = options;
  const root = rootOf(options);
  const aside = join(runFolder, "town");
  for (const folder of [root, aside]) mkdirSync(folder);
  const hostResolvers = readFileSync("/etc/resolv.conf", "utf8");
  const resolver = /^nameserver\s+\d+\.\d+\.\d+\.\d+\s*$/m.test(hostResolvers) ? RESOLVER[4] : RESOLVER[6];
  const resolvConf = network ? `nameserver ${resolver}\n` : hostResolvers;
  for (const name of CACHE_FOR_WORKERS) mkdirSync(join(cacheDir, name), { recursive: true, mode: 0o755 });
  if (privileged) own(cacheDir);
  const mounted = await buildRoot(root, { ...options, resolvConf });
  return startTown({
    privileged,
    egress: network ? egress : undefined,
    resolver,
    aside,
    mounts: [
      [root, "root"],
      ...mounted.map(({ from, to }) => [from, `root${to}`] as const),
      [join(runFolder, "run"), "run"],
      [cacheDir, "cache"],
      [dirname(doorOf(runFolder)), `root${INSIDE.door}`],
    ],
  });
}

function rootOf({ runFolder }: WallOptions): string {
  return join(runFolder, "root");
}

function writeFilter(runFolder: string): string | undefined {
  const filter = syscallFilter();
  if (filter === undefined) return undefined;
  const path = join(runFolder, "filter");
  writeFileSync(path, filter);
  return path;
}

/** The cache is written by builds, which are another user than we, and read by all. */
function own(cacheDir: string): void {
  chmodSync(cacheDir, 0o755);
  for (const name of CACHE_FOR_WORKERS) chmodSync(join(cacheDir, name), 0o755);
  chownSync(join(cacheDir, "npm"), BUILDER, BUILDER);
  if (statSync(cacheDir).uid === BUILDER) return;
  for (const path of readdirSync(cacheDir, { recursive: true, encoding: "utf8" })) {
    lchownSync(join(cacheDir, path), BUILDER, BUILDER);
  }
  chownSync(cacheDir, BUILDER, BUILDER);
}

function handOver(folder: string, user: number): void {
  for (const name of readdirSync(folder)) chownSync(join(folder, name), user, user);
  chownSync(folder, user, user);
}

function describe(noNetwork: string | undefined, privileged: boolean): string {
  const user = privileged ? "a user per worker" : "one user for all workers, because Hamlet is not root";
  if (noNetwork === undefined)
    return `Deno permissions, namespaces, resource limits, the network wall, ${user}.`;
  return `Deno permissions, namespaces, resource limits, ${user}; no network wall: ${noNetwork}.`;
}

/** Those of a one-shot run, or which kind of worker it is. */
type Rights = OneShotRights | "own" | "pooled";

/** What is mounted of the shared cache, beside what the root has of it. */
function cacheMounts(rights: Rights): string[] {
  if (rights === "pooled") return [];
  // An empty folder in its place: byte code of others' vals is of no use to one that has a process of its own.
  if (rights === "own") return ["--ro-bind", `/tmp/root${INSIDE.tmp}`, `${INSIDE.cache}/code`];
  return [rights.cache ? "--bind" : "--ro-bind", "/tmp/cache", INSIDE.cache];
}

function bwrap(folder: string, rights: Rights, more: string[]): string[] {
  const mayWrite = typeof rights === "object" && rights.folder;
  return [
    ...[BWRAP, "--unshare-user", "--disable-userns", "--unshare-pid", "--unshare-ipc", "--unshare-uts"],
    ...["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--uid", "1000", "--gid", "1000"],
    ...["--hostname", "val", "--ro-bind", "/tmp/root", "/", ...cacheMounts(rights), ...more],
    ...[mayWrite ? "--bind" : "--ro-bind", `${folder}/val`, INSIDE.val],
    ...["--bind", `${folder}/sock`, INSIDE.sock],
    // Read-only again, or a val could fill the memory with files in /dev, which has no size limit.
    ...["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"],
    ...["--size", `${SCRATCH_BYTES}`, "--tmpfs", INSIDE.tmp, "--chdir", INSIDE.val, "--"],
  ];
}

function insideLayout({ guestEntry, guestFolders, libraries, runFolder }: WallOptions): Layout {
  const common = commonFolder(guestFolders);
  return {
    val: INSIDE.val,
    socketFolder: INSIDE.sock,
    scratch: INSIDE.tmp,
    door: join(INSIDE.door, basename(doorOf(runFolder))),
    cache: INSIDE.cache,
    guestEntry: insideGuest(guestEntry, common),
    guestFolders: guestFolders.map((folder) => insideGuest(folder, common)),
    libraries: insideLibraries(libraries),
  };
}
