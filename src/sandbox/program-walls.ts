/** Programs of ours in namespaces: not in the town, where the vals' network is, but each alone and without any. */

import { chownSync, lchownSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { INSIDE, PRLIMIT } from "./root.ts";
import type { ProgramOptions } from "./types.ts";
import { KEEPER, workerUser } from "./users.ts";
import { bunCommand, programLimitArgs, type WorkerFolders } from "./walls.ts";

export const BWRAP = "/usr/bin/bwrap";

/** As in the town: an unprivileged user cannot reach a checkout in /root, so root mounts what it is to see below /tmp. */
const SETUP = `set -eu
umask 022
aside=$1
shift
mount -t tmpfs -o mode=755,nosuid,nodev,size=1m hamlet "$aside"
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then mkdir "$aside/$2"; else : > "$aside/$2"; fi
  mount --bind "$1" "$aside/$2"
  shift 2
done
shift
mount --rbind "$aside" /tmp
cd /
exec "$@"`;

interface Program {
  readonly folders: WorkerFolders;
  readonly program: ProgramOptions;
  readonly privileged: boolean;
  /** The filter of system calls is open as descriptor 3. */
  readonly filtered: boolean;
  /** The small root file system of the workers, for its libraries. */
  readonly root: string;
}

interface Bind {
  readonly from: string;
  readonly to: string;
  readonly flag: "--bind" | "--ro-bind";
}

/** The whole command line. */
export function programCommand(options: Program): string[] {
  const { folders, program, privileged, root } = options;
  const binds = [...systemBinds(root), ...programBinds(program)];
  if (!privileged) return ["setpriv", "--pdeathsig", "KILL", "--", ...inside(options, binds)];
  const kept = program.mounts.filter((mount) => mount.writable);
  for (const { path } of kept) own(path);
  const user = `${kept.length > 0 ? KEEPER : workerUser(folders.slot)}`;
  const mounts = binds.flatMap(({ from }, index) => [from, `${index}`]);
  return [
    ...["unshare", "--mount", "--propagation", "private", "--", "/bin/sh", "-c", SETUP, "sh"],
    ...[folders.val, ...mounts, "--"],
    ...["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--pdeathsig", "KILL", "--"],
    ...inside(
      options,
      binds.map((bind, index) => ({ ...bind, from: `/tmp/${index}` })),
    ),
  ];
}

function inside({ program, filtered }: Program, binds: readonly Bind[]): string[] {
  const { limits } = program;
  return [
    ...[BWRAP, "--unshare-user", "--disable-userns", "--unshare-pid", "--unshare-ipc", "--unshare-uts"],
    ...["--unshare-cgroup-try", "--unshare-net", "--die-with-parent", "--new-session"],
    ...["--uid", "1000", "--gid", "1000", "--hostname", "hamlet", ...(filtered ? ["--seccomp", "3"] : [])],
    ...["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"],
    ...["--size", `${limits.scratchBytes}`, "--tmpfs", INSIDE.tmp],
    ...binds.flatMap(({ flag, from, to }) => [flag, from, to]),
    ...["--remount-ro", "/", "--chdir", INSIDE.tmp, "--"],
    ...[PRLIMIT, ...programLimitArgs(limits, true), "--", ...bunCommand(program)],
  ];
}

/** The libraries and the files of /etc, without what only workers have. */
function systemBinds(root: string): Bind[] {
  const own = ["proc", "dev", ...Object.values(INSIDE).map((path) => path.slice(1))];
  const names = readdirSync(root).filter((name) => !own.includes(name));
  return names.map((name) => ({ from: join(root, name), to: `/${name}`, flag: "--ro-bind" }));
}

/** Outer folders first, or they would hide the inner ones. */
function programBinds({ mounts }: ProgramOptions): Bind[] {
  const all = [...mounts, { path: process.execPath, writable: false }];
  return all
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, writable }) => ({ from: path, to: path, flag: writable ? "--bind" : "--ro-bind" }));
}

/** What a program keeps is its user's, whoever made the folder. */
function own(path: string): void {
  if (statSync(path).uid === KEEPER) return;
  for (const name of readdirSync(path, { recursive: true, encoding: "utf8" }))
    lchownSync(join(path, name), KEEPER, KEEPER);
  chownSync(path, KEEPER, KEEPER);
}
