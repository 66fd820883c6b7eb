/** The unprivileged users that Hamlet, as root, hands out: no account needs to exist for them. */

import { readFileSync } from "node:fs";

/** Above what systemd gives to containers, below what a signed 32-bit number holds; nobody's by convention. */
const FIRST = 0x7000_0000;
const PER_SERVER = 1024;
const SERVERS = 2 ** 17;

/** Owns the package cache, across restarts. */
export const BUILDER = FIRST;
/** Runs pasta and owns the network namespace. */
export const TOWN = FIRST + 1;

/** Owns what programs of ours write and keep. */
export const KEEPER = FIRST + 2;

/** A user of one worker: of its own as long as fewer than 1024 run, so that the kernel counts its processes alone. */
export function workerUser(slot: number): number {
  return FIRST + PER_SERVER * (1 + (process.pid % SERVERS)) + (slot % PER_SERVER);
}

/** True if this process is root and these users exist for it: in a user namespace of a container they may not. */
export function canChangeUser(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const map = readFileSync("/proc/self/uid_map", "utf8").trim().split("\n");
  return map.some((line) => {
    const [inside = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
    return inside <= FIRST && inside + count >= FIRST + PER_SERVER * (SERVERS + 1);
  });
}
