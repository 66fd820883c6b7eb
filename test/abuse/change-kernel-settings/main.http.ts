// Writes to the kernel's switches and reads what tells of the machine.
import { anyOf, attack, ownProcess } from "./attempt.ts";

const open = (path: string) => Deno.openSync(path, { write: true }).close();

export default attack({
  "core_pattern and its like": () =>
    anyOf(
      [
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/kernel/modprobe",
        "/proc/sys/kernel/hostname",
        "/proc/sys/net/ipv4/ip_forward",
        "/proc/sys/vm/drop_caches",
        "/proc/sys/fs/suid_dumpable",
      ],
      open,
    ),
  // Opened only: a letter written to it reboots the machine.
  "sysrq-trigger": () => open("/proc/sysrq-trigger"),
  "interrupts and memory types": () => anyOf(["/proc/irq/default_smp_affinity", "/proc/mtrr"], open),
  "control groups": () =>
    anyOf(["/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/release_agent", "/sys/fs/cgroup/memory.max"], open),
  "settings under /sys": () =>
    anyOf(
      ["/sys/kernel/uevent_helper", "/sys/power/state", "/sys/kernel/mm/transparent_hugepage/enabled"],
      open,
    ),
  "the kernel's memory": () =>
    anyOf(["/proc/kcore", "/dev/mem", "/dev/kmem", "/dev/port"], (path) => Deno.openSync(path).close()),
  "the kernel's log": () => anyOf(["/dev/kmsg", "/proc/kmsg"], (path) => Deno.openSync(path).close()),
  "the machine's hardware": () =>
    anyOf(
      ["/sys/class/net", "/sys/class/block", "/sys/devices", "/sys/firmware"],
      (path) => [...Deno.readDirSync(path)].length,
    ),
  "its own score for the out-of-memory killer": ownProcess(
    "the score is its own, and cannot go below the one it was given",
    () => Deno.writeTextFile("/proc/self/oom_score_adj", "-1000"),
  ),
});
