// Calls the kernel directly, where native code can be loaded: mounts, namespaces, other processes' memory, raw sockets.
import { attack } from "./attempt.ts";

const LIBRARIES = [
  "libc.so.6",
  "/lib/x86_64-linux-gnu/libc.so.6",
  "/lib/aarch64-linux-gnu/libc.so.6",
  "/usr/lib64/libc.so.6",
];
const AF = { inet: 2, netlink: 16, packet: 17, vsock: 40 };
const CLONE = { newNs: 0x20000, newUser: 0x10000000, newNet: 0x40000000 };

function open<const S extends Deno.ForeignLibraryInterface>(
  symbols: S,
): Deno.StaticForeignLibraryInterface<S> {
  const refusals: string[] = [];
  for (const path of LIBRARIES) {
    try {
      return Deno.dlopen(path, symbols).symbols;
    } catch (error) {
      refusals.push(`${error}`);
    }
  }
  throw new Error(refusals.join("; "));
}

const text = (value: string) => new TextEncoder().encode(`${value}\0`);

/** In libc's habit, a negative number is a refusal, and its reason is kept where `__errno_location` says. */
function check(result: number | bigint, what: string): string {
  if (Number(result) >= 0) return `${what} gave ${result}`;
  const { __errno_location: place } = open({ __errno_location: { parameters: [], result: "pointer" } });
  const pointer = place();
  const errno = pointer === null ? 0 : new Deno.UnsafePointerView(pointer).getInt32();
  throw new Error(`${what} was refused with ${errno}`);
}

const integers = (count: number) => ({ parameters: Array<"i64">(count).fill("i64"), result: "i64" }) as const;

const EPERM = 1;

/** A call whose arguments are nonsense: only a refusal of the call itself counts. */
function callUnchecked(numbers: Record<typeof Deno.build.arch, bigint>, what: string): string {
  const { syscall } = open({ syscall: integers(4) });
  try {
    check(syscall(numbers[Deno.build.arch], 0n, 0n, 0n), what);
  } catch (error) {
    if (String(error).endsWith(`with ${EPERM}`)) throw error;
  }
  return `${what} was let through`;
}

export default attack({
  mount: () => {
    const { mount } = open({
      mount: { parameters: ["buffer", "buffer", "buffer", "u64", "pointer"], result: "i32" },
    });
    return check(mount(text("none"), text("/tmp"), text("tmpfs"), 0n, null), "mount");
  },
  "umount what hides the host": () => {
    const { umount2 } = open({ umount2: { parameters: ["buffer", "i32"], result: "i32" } });
    return check(umount2(text("/proc"), 2), "umount");
  },
  "a new user namespace": () => {
    const { unshare } = open({ unshare: { parameters: ["i32"], result: "i32" } });
    return check(unshare(CLONE.newUser), "unshare");
  },
  "new mounts and a new network": () => {
    const { unshare } = open({ unshare: { parameters: ["i32"], result: "i32" } });
    return check(unshare(CLONE.newNs | CLONE.newNet), "unshare");
  },
  chroot: () => {
    const { chroot } = open({ chroot: { parameters: ["buffer"], result: "i32" } });
    return check(chroot(text("/tmp")), "chroot");
  },
  "the server's namespaces": (town) => {
    const { open: openFile, setns } = open({
      open: { parameters: ["buffer", "i32"], result: "i32" },
      setns: { parameters: ["i32", "i32"], result: "i32" },
    });
    const file = openFile(text(`/proc/${town.server}/ns/net`), 0);
    check(file, "open");
    return check(setns(file, 0), "setns");
  },
  "attach to a process as a debugger": (town) => {
    const { ptrace } = open({ ptrace: { parameters: ["i64", "i64", "i64", "i64"], result: "i64" } });
    return check(ptrace(16n, BigInt(town.bystander), 0n, 0n), "ptrace");
  },
  "read a process's memory": (town) => {
    const { process_vm_readv: read } = open({
      process_vm_readv: { parameters: ["i32", "buffer", "u64", "buffer", "u64", "u64"], result: "i64" },
    });
    const here = Deno.UnsafePointer.value(Deno.UnsafePointer.of(new Uint8Array(8)));
    const size = read(
      town.server,
      new BigUint64Array([here, 8n]),
      1n,
      new BigUint64Array([0x400000n, 8n]),
      1n,
      0n,
    );
    return check(size, "process_vm_readv");
  },
  "signal a process": (town) => {
    const { kill } = open({ kill: { parameters: ["i32", "i32"], result: "i32" } });
    return check(kill(town.bystander, 15), "kill");
  },
  "become root": () => {
    const { setuid, setgid, geteuid } = open({
      setuid: { parameters: ["i32"], result: "i32" },
      setgid: { parameters: ["i32"], result: "i32" },
      geteuid: { parameters: [], result: "i32" },
    });
    check(setgid(0), "setgid");
    check(setuid(0), "setuid");
    return `became ${geteuid()}`;
  },
  "raw sockets": () => {
    const { socket } = open({ socket: { parameters: ["i32", "i32", "i32"], result: "i32" } });
    return check(socket(AF.inet, 3, 1), "a raw socket");
  },
  packets: () => {
    const { socket } = open({ socket: { parameters: ["i32", "i32", "i32"], result: "i32" } });
    return check(socket(AF.packet, 3, 0x0300), "a packet socket");
  },
  // Whether anyone listens there is the cloud's business: not even the socket may be had.
  "a virtual socket to the machine's host": () => {
    const { socket } = open({ socket: { parameters: ["i32", "i32", "i32"], result: "i32" } });
    return check(socket(AF.vsock, 1, 0), "socket");
  },
  "the firewall's rules": () => {
    const { socket, send, recv } = open({
      socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
      send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
      recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
    });
    const NETFILTER = 12;
    const file = socket(AF.netlink, 3, NETFILTER);
    check(file, "a netlink socket");
    // Begin a batch, delete every table, end the batch.
    const message = (type: number, flags: number) => [
      20,
      0,
      0,
      0,
      type & 255,
      type >> 8,
      flags & 255,
      flags >> 8,
      1,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      10,
    ];
    const batch = new Uint8Array([...message(16, 1), ...message(0x0a02, 5), ...message(17, 1)]);
    check(send(file, batch, BigInt(batch.length), 0), "send");
    const answer = new Uint8Array(256);
    const size = recv(file, answer, BigInt(answer.length), 0);
    const error = new DataView(answer.buffer).getInt32(16, true);
    if (error < 0) throw new Error(`the kernel answered ${error}`);
    return check(size, "deleting every table");
  },
  "a module for the kernel": () => {
    const { syscall } = open({ syscall: integers(4) });
    const INIT_MODULE = Deno.build.arch === "x86_64" ? 175n : 105n;
    return check(syscall(INIT_MODULE, 0n, 0n, 0n), "init_module");
  },
  "programs in the kernel": () => callUnchecked({ x86_64: 321n, aarch64: 280n }, "bpf"),
  "a ring of calls past the filter": () => callUnchecked({ x86_64: 425n, aarch64: 425n }, "io_uring_setup"),
  "the kernel's keys": () => callUnchecked({ x86_64: 250n, aarch64: 219n }, "keyctl"),
  "counters of the processor": () => callUnchecked({ x86_64: 298n, aarch64: 241n }, "perf_event_open"),
  "faults of its own pages": () => callUnchecked({ x86_64: 323n, aarch64: 282n }, "userfaultfd"),
  "a file by its handle, past all mounts": () => {
    const { open_by_handle_at: openByHandle } = open({
      open_by_handle_at: { parameters: ["i32", "buffer", "i32"], result: "i32" },
    });
    const handle = new Uint8Array(16);
    new DataView(handle.buffer).setUint32(0, 8, true);
    handle[4] = 1;
    handle[8] = 2;
    return check(openByHandle(-100, handle, 0), "open_by_handle_at");
  },
  "the clock": () => {
    const { clock_settime: setTime } = open({
      clock_settime: { parameters: ["i32", "buffer"], result: "i32" },
    });
    return check(setTime(0, new BigInt64Array(2)), "clock_settime");
  },
  "the name of the host": () => {
    const { sethostname } = open({ sethostname: { parameters: ["buffer", "usize"], result: "i32" } });
    return check(sethostname(text("planted"), 7n), "sethostname");
  },
  "a reboot": () => {
    const { syscall } = open({ syscall: integers(5) });
    const REBOOT = Deno.build.arch === "x86_64" ? 169n : 142n;
    // Only what the reset key does is changed, should it be allowed.
    return check(syscall(REBOOT, 0xfee1deadn, 672274793n, 0n, 0n), "reboot");
  },
  "a device": () => {
    const { mknod } = open({ mknod: { parameters: ["buffer", "u32", "u64"], result: "i32" } });
    return check(mknod(text("/tmp/disk"), 0o60600, 0xfe00n), "mknod");
  },
});
