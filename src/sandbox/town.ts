/**
 * The place all workers of one server live in: a mount namespace with a small tree of its own, and a network namespace
 * behind a firewall. Both are anonymous and held by one process of ours, so nothing is left of them after a kill -9.
 */

import { createListener, type Daemon, startDaemon } from "./daemon.ts";
import type { Egress } from "./egress.ts";
import { loadFirewall, startPasta } from "./network.ts";
import { TOWN } from "./users.ts";

const RESTARTS = 10;

/** DNS inside: pasta sends what comes for this address to the host's first resolver, be it private or on loopback. */
export const RESOLVER = { 4: "169.254.1.53", 6: "fd53::53" } as const;

export interface TownOptions {
  /** True: as root, with a user per worker. False: all in a user namespace of our own. */
  readonly privileged: boolean;
  /** What the network wall lets out; undefined: no such wall, the host's network is shared. */
  readonly egress: Egress | undefined;
  readonly resolver: string;
  /** An empty folder to mount on. */
  readonly aside: string;
  /** Pairs of a host path and where it appears below /tmp in the town, outer ones first. */
  readonly mounts: readonly (readonly [from: string, to: string])[];
}

export interface Town {
  /** Command prefix that runs the rest inside; as `user`, if privileged. */
  readonly enter: (user: number) => string[];
  readonly close: () => Promise<void>;
}

/**
 * Everything is mounted below /tmp, because a checkout in /root (0700) cannot be reached by an unprivileged worker.
 * The tree is built aside and moved over /tmp last: the sources may lie in /tmp themselves.
 */
const SETUP = `set -eu
umask 022
aside=$1
shift
mount -t tmpfs -o mode=755,nosuid,nodev,size=1m hamlet "$aside"
mkfifo -m 666 "$aside/up"
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then mkdir -p "$aside/$2"; fi
  mount --bind "$1" "$aside/$2"
  shift 2
done
shift
mount --rbind "$aside" /tmp
cd /
exec "$@"`;

/** Tells that the namespaces stand, then that pasta wrote that the network does; lives until our end of its stdin closes. */
const HOLD = "echo namespaces; read -r _ < /tmp/up; echo network; exec cat";

/** Set the town up; throws HamletError `config` with the reason when this machine does not allow it. */
export async function startTown(options: TownOptions): Promise<Town> {
  const { egress } = options;
  const holder = startDaemon("unshare", holderCommand(options));
  const running = new Set([holder]);
  const close = async () => {
    const all = [...running];
    running.clear();
    for (const { child } of all) child.kill("SIGKILL");
    await Promise.all(all.map(({ child }) => child.exited));
  };
  try {
    const hear = createListener(holder);
    await hear("namespaces", [holder]);
    if (egress) {
      await loadFirewall(options, egress, holder.child.pid);
      const attach = (tell: boolean) => startPasta(options, egress, holder.child.pid, tell);
      const pasta = attach(true);
      running.add(pasta);
      await hear("network", [holder, pasta]);
      keepRunning(pasta, running, () => attach(false), RESTARTS);
    }
    return { enter: (user) => enterCommand(options, holder.child.pid, user), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Without pasta every val would be offline until the next start. */
async function keepRunning(
  daemon: Daemon,
  running: Set<Daemon>,
  start: () => Daemon,
  left: number,
): Promise<void> {
  await daemon.child.exited;
  // Not there any more: it is we who ended it.
  if (!running.delete(daemon) || left === 0) return;
  const next = start();
  running.add(next);
  keepRunning(next, running, start, left - 1);
}

/** The death signal is for a kill -9 of the server; only exec, no fork, so the process id stays that of the holder. */
function holderCommand({ privileged, egress, aside, mounts }: TownOptions): string[] {
  const setup = [
    "--propagation",
    "private",
    "--",
    "/bin/sh",
    "-c",
    SETUP,
    "sh",
    aside,
    ...mounts.flat(),
    "--",
  ];
  const hold = ["/bin/sh", "-c", HOLD];
  const net = egress ? ["--net"] : [];
  if (!privileged) {
    return [
      "setpriv",
      "--pdeathsig",
      "KILL",
      "--",
      "unshare",
      "--user",
      "--map-root-user",
      "--mount",
      ...net,
      ...setup,
      ...hold,
    ];
  }
  // The network belongs to a user namespace of a user without rights: so pasta needs none over the host either.
  const user = ["--reuid", `${TOWN}`, "--regid", `${TOWN}`, "--clear-groups", "--pdeathsig", "KILL", "--"];
  return [
    "unshare",
    "--mount",
    ...setup,
    "setpriv",
    ...user,
    "unshare",
    "--user",
    "--map-root-user",
    ...net,
    "--",
    ...hold,
  ];
}

function enterCommand({ privileged, egress }: TownOptions, holder: number, user: number): string[] {
  const net = egress ? ["--net"] : [];
  const who = privileged
    ? ["--setuid", `${user}`, "--setgid", `${user}`]
    : ["--user", "--preserve-credentials"];
  return ["/usr/bin/nsenter", "-t", `${holder}`, "--mount", ...net, ...who, "--"];
}
