/**
 * A filter of system calls against what namespaces do not cover: sockets to the machine's own host (AF_VSOCK) and other
 * rare families, and large interfaces of the kernel that no val needs. As bubblewrap takes it: classic BPF, seccomp(2).
 */

interface Machine {
  /** AUDIT_ARCH_…, linux/audit.h. */
  readonly audit: number;
  readonly socket: number;
  /** add_key, bpf, keyctl, perf_event_open, process_vm_readv and -writev, ptrace, request_key, userfaultfd. */
  readonly denied: readonly number[];
}

const MACHINES: Readonly<Record<string, Machine>> = {
  x64: { audit: 0xc000_003e, socket: 41, denied: [248, 321, 250, 298, 310, 311, 101, 249, 323] },
  arm64: { audit: 0xc000_00b7, socket: 198, denied: [217, 280, 219, 241, 270, 271, 117, 218, 282] },
};
/** io_uring_setup, -enter and -register on every machine: they make sockets without calling `socket`. */
const IO_URING = [425, 426, 427];
/** AF_UNIX, AF_INET, AF_INET6, and AF_NETLINK for the names of hosts. */
const FAMILIES = [1, 2, 10, 16];
/** From here on x86-64 has its calls once more, for 32-bit pointers. */
const X32 = 0x4000_0000;

const LOAD = 0x20;
const IF_EQUAL = 0x15;
const IF_AT_LEAST = 0x35;
const RETURN = 0x06;
const NUMBER = 0;
const ARCHITECTURE = 4;
const FIRST_ARGUMENT = 16;
const ALLOW = 0x7fff_0000;
const REFUSE = 0x0005_0000;
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

/** The program for this machine, or undefined where there is none. */
export function syscallFilter(arch: string = process.arch): Uint8Array | undefined {
  const machine = MACHINES[arch];
  return machine && assemble(machine);
}

function assemble({ audit, socket, denied }: Machine): Uint8Array {
  const refused = [...denied, ...IO_URING];
  // Jumps count the instructions in between.
  const toDenied = refused.length + FAMILIES.length + 3;
  return Buffer.concat([
    instruction(LOAD, ARCHITECTURE),
    instruction(IF_EQUAL, audit, 1),
    instruction(RETURN, REFUSE | ENOSYS),
    instruction(LOAD, NUMBER),
    instruction(IF_AT_LEAST, X32, toDenied),
    ...refused.map((number, index) => instruction(IF_EQUAL, number, toDenied - 1 - index)),
    instruction(IF_EQUAL, socket, 0, FAMILIES.length + 3),
    instruction(LOAD, FIRST_ARGUMENT),
    ...FAMILIES.map((family, index) => instruction(IF_EQUAL, family, FAMILIES.length + 1 - index)),
    instruction(RETURN, REFUSE | EAFNOSUPPORT),
    instruction(RETURN, REFUSE | EPERM),
    instruction(RETURN, ALLOW),
  ]);
}

/** One `struct sock_filter`, linux/filter.h. */
function instruction(code: number, operand: number, then = 0, otherwise = 0): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(then, 2);
  bytes.writeUInt8(otherwise, 3);
  bytes.writeUInt32LE(operand >>> 0, 4);
  return bytes;
}
